"""What makes no sense is refused, with a remedy, and leaves the pipeline as it was."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
import srsly
from confection import ConfigValidationError
from spacy.language import Language
from spacy.training import Example

from ..util import make_example, make_examples, train

GOOD = {"good": 1.0, "bad": 0.0}


def initialize(
    factory: str, cats: list[dict[str, float]], **settings: Any
) -> tuple[Language, Callable[[], None]]:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    examples = [make_example(nlp, "A text", cat) for cat in cats]
    return nlp, lambda: pipe.initialize(lambda: examples, nlp=nlp, **settings)


@pytest.mark.parametrize(
    ("cats", "settings", "message"),
    [
        ([GOOD], {"labels": []}, r"'lstm_textcat\w*' has no labels.*add_label"),
        ([{"good": 1.5}], {}, "the label 'good' is 1.5 in the example 'A text'"),
        ([{"good": -1.0}], {}, "'good' is -1.0.*from 0 .*to 1"),
        ([{"good": float("nan")}], {}, "'good' is nan"),
        ([{"good": "yes"}], {}, "'good' is 'yes'"),
        ([{"good": None}], {}, "'good' is None"),
        ([{}, {}], {}, r"'lstm_textcat\w*' has no labels.*add_label"),
        ([GOOD], {"labels": "good"}, "the labels are 'good'. Give a list"),
        ([GOOD], {"labels": {"good": 1}}, "the labels are {'good': 1}. Give a list"),
        ([GOOD], {"labels": ["good", 1]}, r"the labels are \['good', 1\]"),
    ],
)
def test_initialize(
    factory: str, cats: list[dict], settings: dict[str, Any], message: str
) -> None:
    nlp, start = initialize(factory, cats, **settings)
    before = dict(nlp.get_pipe(factory).cfg)
    with pytest.raises(ValueError, match=message):
        start()
    assert nlp.get_pipe(factory).cfg == before
    assert nlp.get_pipe(factory).labels == ()


@pytest.mark.parametrize(
    ("cats", "settings", "message"),
    [
        ({"good": 1.0}, {}, "only one label, 'good'.*lstm_textcat_multilabel"),
        ({"good": 1.0, "bad": 1.0}, {}, "add up to more than 1.*multilabel"),
        (GOOD, {"positive_label": "fine"}, "`positive_label` is 'fine'.*'good', 'bad'"),
        (
            GOOD,
            {"positive_label": "good", "labels": ["good", "bad", "so"]},
            "`positive_label` is 'good'.*requires exactly two labels",
        ),
    ],
)
def test_initialize_exclusive(
    cats: dict[str, float], settings: dict[str, Any], message: str
) -> None:
    nlp, start = initialize("lstm_textcat", [cats], **settings)
    with pytest.raises(ValueError, match=message):
        start()
    assert nlp.get_pipe("lstm_textcat").labels == ()


def test_one_label_is_enough_for_a_yes_or_no_question() -> None:
    nlp, start = initialize("lstm_textcat_multilabel", [{"good": 1.0}])
    start()
    assert nlp("A text").cats["good"] > 0


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"label_smoothing": 1.0}, "'{}': `label_smoothing` is 1.0"),
        ({"class_weights": "heavy"}, "'{}': `class_weights` is 'heavy'.*balanced"),
        ({"class_weights": {"good": 0.0}}, "'{}': `class_weights` is"),
        ({"class_weights": {"good": "2"}}, "'{}': `class_weights` is"),
        ({"model": {"pooling": "sum"}}, "unknown pooling 'sum'.*attention"),
        ({"model": {"tok2vec": {"encode": {"cell": "rnn"}}}}, "`cell` is 'rnn'"),
        ({"model": {"tok2vec": {"encode": {"hidden": 0}}}}, "`hidden` is 0"),
    ],
)
def test_settings(factory: str, config: dict[str, Any], message: str) -> None:
    nlp = spacy.blank("en")
    with pytest.raises(ValueError, match=message.format(factory)):
        nlp.add_pipe(factory, config=config)
    assert nlp.pipe_names == []


def test_class_weight_of_an_unknown_label(factory: str) -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory, config={"class_weights": {"fine": 2.0}})
    with pytest.raises(ValueError, match=f"'{factory}'.*'fine', which is not a label"):
        nlp.initialize(lambda: make_examples(nlp))
    assert pipe.labels == ()


@pytest.mark.parametrize(
    ("config", "word"),
    [
        ({"thresold": 0.5}, "thresold"),
        ({"model": {"poolling": "max"}}, "poolling"),
        ({"model": {"tok2vec": {"encode": {"hiden": 5}}}}, "hiden"),
    ],
)
def test_a_misspelt_argument_is_named(
    factory: str, config: dict[str, Any], word: str
) -> None:
    nlp = spacy.blank("en")
    with pytest.raises(ConfigValidationError) as error:
        nlp.add_pipe(factory, config=config)
    assert re.search(rf"{word}\s+unexpected argument", str(error.value))
    assert nlp.pipe_names == []


def test_update(nlp: Language) -> None:
    before = nlp.get_pipe(nlp.pipe_names[0]).model.to_bytes()
    examples = [*make_examples(nlp), make_example(nlp, "A text", {"good": 2.0})]
    with pytest.raises(ValueError, match="A text"):
        nlp.update(examples, sgd=nlp.create_optimizer())
    assert nlp.get_pipe(nlp.pipe_names[0]).model.to_bytes() == before


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("name", ["model", "cfg"])
@pytest.mark.parametrize("damage", [cut_short, remove, empty])
def test_a_damaged_folder(
    nlp: Language, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    pipe = nlp.get_pipe(nlp.pipe_names[0])
    nlp.to_disk(tmp_path)
    damage(tmp_path / pipe.name / name)
    before = pipe.to_bytes()
    with pytest.raises(ValueError, match=f"'{pipe.name}': can't load .*{pipe.name}"):
        pipe.from_disk(tmp_path / pipe.name, exclude=["vocab"])
    assert pipe.to_bytes() == before
    with pytest.raises(ValueError, match=f"'{pipe.name}': can't load"):
        spacy.load(tmp_path)


def test_damaged_bytes(nlp: Language) -> None:
    pipe = nlp.get_pipe(nlp.pipe_names[0])
    before = pipe.to_bytes()
    for damaged in (before[:-50], b"", b"\x05"):
        with pytest.raises(ValueError, match=f"'{pipe.name}': can't load the bytes"):
            pipe.from_bytes(damaged)
    assert pipe.to_bytes() == before


def other_labels(nlp: Language, labels: list[str]) -> Language:
    other = spacy.blank("en")
    other.add_pipe(nlp.pipe_names[0])
    cats = dict.fromkeys(labels, 0.0) | {labels[0]: 1.0}
    examples: list[Example] = [make_example(other, "A text", cats)]
    train(other, examples, steps=1)
    return other


@pytest.mark.parametrize("labels", ["good", {"good": 1, "bad": 2}, ["good", 1]])
def test_saved_labels_that_are_no_list_of_strings(
    nlp: Language, tmp_path: Path, labels: Any
) -> None:
    name = nlp.pipe_names[0]
    nlp.to_disk(tmp_path)
    cfg = srsly.read_json(tmp_path / name / "cfg")
    srsly.write_json(tmp_path / name / "cfg", {**cfg, "labels": labels})
    with pytest.raises(ValueError, match="not a list of strings"):
        spacy.load(tmp_path)


def test_a_damaged_vocabulary(nlp: Language, factory: str, tmp_path: Path) -> None:
    nlp.get_pipe(factory).to_disk(tmp_path)
    (tmp_path / "vocab" / "strings.json").write_text("[")
    saved = srsly.msgpack_loads(nlp.get_pipe(factory).to_bytes())
    damaged = srsly.msgpack_dumps({**saved, "vocab": b"\x05xx"})
    pipe = spacy.blank("en").add_pipe(factory)
    for load, source in ((pipe.from_disk, tmp_path), (pipe.from_bytes, damaged)):
        with pytest.raises(ValueError, match=f"'{factory}': can't load"):
            load(source)
        assert pipe.labels == ()


OTHER = {
    "lstm_textcat": "lstm_textcat_multilabel",
    "lstm_textcat_multilabel": "lstm_textcat",
}


def test_a_model_for_the_other_task(nlp: Language, factory: str) -> None:
    exclusive = factory == "lstm_textcat"
    config = {"model": {"exclusive_classes": not exclusive}}
    message = (
        f"'{factory}': the model has `exclusive_classes` .* use '{OTHER[factory]}'"
    )
    with pytest.raises(ValueError, match=message):
        spacy.blank("en").add_pipe(factory, config=config)
    other = spacy.blank("en").add_pipe(OTHER[factory])
    with pytest.raises(ValueError, match="other kind of text categorizer"):
        other.from_bytes(nlp.get_pipe(factory).to_bytes())
    assert other.labels == ()


def test_widths_that_do_not_fit(factory: str) -> None:
    nlp = spacy.blank("en")
    encode = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": 64,
        "depth": 1,
        "window_size": 1,
        "maxout_pieces": 2,
    }
    config = {"model": {"tok2vec": {"encode": encode}}}
    pipe = nlp.add_pipe(factory, config=config)
    with pytest.raises(
        ValueError, match=f"'{factory}': the model can't be init.*width"
    ):
        nlp.initialize(lambda: make_examples(nlp))
    assert pipe.labels == ()


@pytest.mark.parametrize("labels", [["a", "b"], ["a", "b", "c"]])
def test_a_folder_made_for_other_labels(
    nlp: Language, tmp_path: Path, labels: list[str]
) -> None:
    pipe = nlp.get_pipe(nlp.pipe_names[0])
    other_labels(nlp, labels).to_disk(tmp_path)
    before = pipe.to_bytes()
    with pytest.raises(
        ValueError, match=r"made for the labels.*'a', 'b'.*'good', 'bad'"
    ):
        pipe.from_disk(tmp_path / pipe.name, exclude=["vocab"])
    assert pipe.to_bytes() == before


def test_a_folder_whose_files_do_not_belong_together(
    nlp: Language, tmp_path: Path
) -> None:
    name = nlp.pipe_names[0]
    nlp.to_disk(tmp_path)
    cfg = srsly.read_json(tmp_path / name / "cfg")
    del cfg["sha256"]
    srsly.write_json(tmp_path / name / "cfg", {**cfg, "labels": ["a", "b", "c"]})
    with pytest.raises(ValueError, match="it has 2 outputs for the labels"):
        spacy.load(tmp_path)


def test_a_listener_of_another_width(factory: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec")
    model = {
        "tok2vec": {"@architectures": "spacy.Tok2VecListener.v1", "width": 128},
    }
    pipe = nlp.add_pipe(factory, config={"model": model})
    with pytest.raises(
        ValueError, match=f"'{factory}' listens to 'tok2vec'.* 128.* 96"
    ):
        nlp.initialize(lambda: make_examples(nlp))
    assert pipe.labels == ()


def test_widths_in_the_config_that_do_not_fit(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    name = nlp.pipe_names[0]
    key = f"components.{name}.model.tok2vec.encode.hidden"
    with pytest.raises(ValueError, match=f"'{name}': can't load"):
        spacy.load(tmp_path, config={key: 50})
