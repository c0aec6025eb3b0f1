from pathlib import Path

import pytest
from spacy.util import load_config, load_config_from_str, load_model_from_config
from thinc.api import Config

from spacy_lstm.training.starter_config import make_config, to_text

from ..util import write_vectors

CONFIGS = Path(__file__).parent.parent.parent / "configs"


def read_config(name: str) -> Config:
    config = load_config(CONFIGS / f"{name}.cfg")
    return load_model_from_config(config, auto_fill=True).config


@pytest.mark.parametrize(
    ("tasks", "name"),
    [
        (["textcat"], "textcat"),
        (["textcat_multilabel"], "textcat_multilabel"),
        (["ner"], "ner"),
        (["tagger", "morphologizer"], "tagger"),
    ],
)
def test_defaults_are_those_of_the_tuned_configs(tasks: list[str], name: str) -> None:
    made, tuned = make_config(tasks), read_config(name)
    for config in (made, tuned):
        # Each of three accuracies counts a third there, each component a half here.
        del config["training"]["score_weights"]
    assert made == tuned


def test_chinese_texts_are_classified_as_in_the_tuned_config() -> None:
    made, tuned = make_config(["textcat"], lang="zh"), read_config("textcat_zh")
    del made["training"]["score_weights"], tuned["training"]["score_weights"]
    assert made == tuned


@pytest.mark.parametrize("task", ["ner", "textcat"])
def test_vectors_are_read_as_in_the_tuned_config(task: str, tmp_path: Path) -> None:
    vectors = str(write_vectors(tmp_path / "vectors"))
    made, tuned = make_config([task], vectors=vectors), read_config(f"{task}_vectors")
    assert made["paths"]["vectors"] == vectors
    assert made["initialize"]["vectors"] == "${paths.vectors}"
    assert made["components"] == tuned["components"]
    assert made["training"]["max_steps"] == tuned["training"]["max_steps"]
    assert made["training"]["optimizer"] == tuned["training"]["optimizer"]


def test_one_tagger_alone_is_made_as_two() -> None:
    alone, two = make_config(["tagger"]), make_config(["tagger", "morphologizer"])
    assert alone["nlp"]["pipeline"] == ["tok2vec", "lstm_tagger"]
    assert alone["components"]["tok2vec"] == two["components"]["tok2vec"]
    assert alone["training"]["optimizer"] == two["training"]["optimizer"]


@pytest.mark.parametrize(
    ("size", "task", "hidden", "depth"),
    [
        ("small", "ner", 64, 1),
        ("large", "ner", 200, 2),
        ("small", "textcat", 64, 1),
        ("large", "textcat", 200, 2),
    ],
)
def test_sizes(size: str, task: str, hidden: int, depth: int) -> None:
    components = make_config([task], size=size)["components"]
    of_component = components[f"lstm_{task}"]["model"]["tok2vec"]
    tok2vec = components.get("tok2vec", {"model": of_component})["model"]
    assert tok2vec["embed"]["width"] == hidden
    assert tok2vec["encode"]["hidden"] == hidden
    assert tok2vec["encode"]["depth"] == depth


def test_what_accuracy_changes() -> None:
    fast, accurate = (
        make_config(["ner"], optimize=optimize)
        for optimize in ("efficiency", "accuracy")
    )
    embed = accurate["components"]["tok2vec"]["model"]["embed"]
    assert embed["chars"] == "lstm"
    assert accurate["training"]["max_steps"] == 12000
    assert accurate["training"]["optimizer"]["learn_rate"]["total_steps"] == 12000
    embed["chars"] = "cnn"
    accurate["training"]["max_steps"] = 6000
    accurate["training"]["optimizer"]["learn_rate"]["total_steps"] = 6000
    assert accurate == fast


def test_what_accuracy_changes_in_a_text_classifier() -> None:
    training = make_config(["textcat"], optimize="accuracy")["training"]
    assert training["max_steps"] == 2000
    assert training["optimizer"]["learn_rate"]["total_steps"] == 2000


def test_a_mix_shares_one_tok2vec() -> None:
    config = make_config(["textcat", "tagger", "ner"])
    assert config["nlp"]["pipeline"] == [
        "tok2vec",
        "lstm_textcat",
        "lstm_tagger",
        "lstm_ner",
    ]
    for task in ("textcat", "tagger", "ner"):
        listener = config["components"][f"lstm_{task}"]["model"]["tok2vec"]
        assert listener == {
            "@architectures": "spacy.Tok2VecListener.v1",
            "width": 256,
            "upstream": "tok2vec",
        }
    weights = config["training"]["score_weights"]
    assert {name: weight for name, weight in weights.items() if weight} == {
        "cats_score": 0.33,
        "tag_acc": 0.33,
        "ents_f": 0.33,
    }
    callback = config["training"]["before_to_disk"]
    assert callback["@callbacks"] == "spacy-lstm.Calibrate.v1"


def test_two_text_classifiers_share_the_network_of_one() -> None:
    one = make_config(["textcat"])
    two = make_config(["textcat", "textcat_multilabel"])
    tok2vec = one["components"]["lstm_textcat"]["model"]["tok2vec"]
    assert two["components"]["tok2vec"]["model"] == tok2vec
    weights = two["training"].pop("score_weights")
    del one["training"]["score_weights"]
    assert two["training"] == one["training"]
    assert {name: weight for name, weight in weights.items() if weight} == {
        "lstm_textcat_score": 0.5,
        "lstm_textcat_multilabel_score": 0.5,
    }


def test_that_taggers_are_not_calibrated() -> None:
    assert make_config(["tagger"])["training"]["before_to_disk"] is None


def test_that_a_shared_network_has_no_adversarial_training(tmp_path: Path) -> None:
    vectors = str(write_vectors(tmp_path / "vectors"))
    for tasks in (["textcat", "ner"], ["textcat", "textcat_multilabel"]):
        components = make_config(tasks, vectors=vectors)["components"]
        assert components["lstm_textcat"]["adversarial"] == 0


@pytest.mark.parametrize(
    ("tasks", "lang", "is_lowered"),
    [
        (["tagger"], "en", True),
        (["tagger", "textcat"], "en", True),
        (["tagger"], "de", False),
        (["morphologizer"], "he", False),
        (["tagger", "ner"], "en", False),
        (["textcat"], "en", False),
    ],
)
def test_texts_are_lowered_where_it_helps(
    tasks: list[str], lang: str, is_lowered: bool
) -> None:
    augmenter = make_config(tasks, lang=lang)["corpora"]["train"]["augmenter"]
    assert (augmenter is not None) == is_lowered


def test_chinese_is_read_by_its_own_tokenizer_as_characters() -> None:
    config = make_config(["ner"], lang="zh")
    tokenizer = config["nlp"]["tokenizer"]
    assert tokenizer["@tokenizers"] == "spacy.zh.ChineseTokenizer"
    embed = config["components"]["tok2vec"]["model"]["embed"]
    assert (embed["attrs"], embed["rows"], embed["chars"]) == (["NORM"], [8000], None)


def test_gpu() -> None:
    config = make_config(["textcat"], gpu=True)
    assert config["system"]["gpu_allocator"] == "pytorch"
    assert config["nlp"]["batch_size"] == 128


def test_text_holds_the_whole_config_with_sections_below_their_own() -> None:
    config = make_config(["textcat", "ner"])
    text = to_text(config)
    assert load_config_from_str(text) == config
    sections = [line[1:-1] for line in text.splitlines() if line.startswith("[")]
    assert sections[:3] == ["paths", "system", "nlp"]
    start = sections.index("components.lstm_textcat")
    assert sections[start : start + 5] == [
        "components.lstm_textcat",
        "components.lstm_textcat.model",
        "components.lstm_textcat.model.linear_model",
        "components.lstm_textcat.model.tok2vec",
        "components.lstm_textcat.scorer",
    ]


@pytest.mark.parametrize(
    ("tasks", "settings", "message"),
    [
        ([], {}, "no task ''"),
        (["parser"], {}, "no task 'parser'"),
        (["ner", "tagger", "ner"], {}, "'ner' occurs twice"),
        (["ner"], {"size": "huge"}, "`--size` is 'huge'"),
        (["ner"], {"optimize": "speed"}, "`--optimize` is 'speed'"),
        (["ner"], {"lang": "zz"}, "no language 'zz'"),
        (["ner"], {"lang": "punctuation"}, "no language 'punctuation'"),
        (["ner"], {"vectors": "no_such_vectors"}, "from 'no_such_vectors'"),
    ],
)
def test_bad_arguments(
    tasks: list[str], settings: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_config(tasks, **settings)  # type: ignore[arg-type]
