import sys
from pathlib import Path

import pytest
import spacy
from click.testing import Result
from spacy.cli._util import app
from spacy.cli.debug_config import debug_config
from spacy.cli.package import package
from spacy.cli.train import train
from spacy.language import Language
from spacy.tokens import DocBin, Span
from spacy.util import load_config, load_config_from_str
from typer.testing import CliRunner

import spacy_lstm.cli.commands  # noqa: F401

from ..util import TEXTS, write_corpus, write_vectors

TASKS = ["textcat", "textcat_multilabel", "tagger", "morphologizer", "ner"]
WIDTHS = {"small": 128, "medium": 256, "large": 400}


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(app, ["lstm", "init-config", *map(str, args)])


def make(path: Path, *args: str | Path) -> Path:
    result = run(args[0], path, *args[1:])
    assert result.exit_code == 0, result.output
    return path


def train_a_step(config: Path, corpus: Path) -> Language:
    paths = {"paths.train": str(corpus), "paths.dev": str(corpus)}
    debug_config(config, overrides=paths)
    limits = {"training.max_steps": 1, "training.eval_frequency": 1}
    train(config, config.parent / "training", overrides={**paths, **limits})
    return spacy.load(config.parent / "training" / "model-last")


def check_annotations(nlp: Language) -> None:
    """Check that each component sets annotations with the labels of the corpus."""
    for doc in nlp.pipe(TEXTS):
        if nlp.has_pipe("lstm_tagger"):
            assert {token.tag_ for token in doc} <= {"LONG", "SHORT"}
        if nlp.has_pipe("lstm_morphologizer"):
            assert {token.pos_ for token in doc} <= {"ADJ", "X"}
        if nlp.has_pipe("lstm_ner"):
            assert nlp.get_pipe("lstm_ner").labels == ("THING",)
            assert doc.has_annotation("ENT_IOB")
        if any("textcat" in name for name in nlp.pipe_names):
            assert doc.cats.keys() == {"good", "bad"}


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("task", TASKS)
def test_each_task_trains_in_each_size(task: str, size: str, tmp_path: Path) -> None:
    # That language has the fewest exceptions to load.
    args = task, "--size", size, "--lang", "xx"
    corpus = write_corpus(tmp_path / "corpus.spacy", "xx")
    nlp = train_a_step(make(tmp_path / "config.cfg", *args), corpus)
    check_annotations(nlp)
    if task in ("textcat", "textcat_multilabel"):
        assert nlp.pipe_names == [f"lstm_{task}"]
    else:
        assert nlp.pipe_names == ["tok2vec", f"lstm_{task}"]
        assert nlp.get_pipe("tok2vec").model.get_dim("nO") == WIDTHS[size]


def test_all_tasks_train_together_and_can_be_packaged(tmp_path: Path) -> None:
    config = make(tmp_path / "config.cfg", ", ".join(TASKS), "--optimize", "accuracy")
    nlp = train_a_step(config, write_corpus(tmp_path / "corpus.spacy"))
    check_annotations(nlp)
    (tmp_path / "packages").mkdir()
    package(
        tmp_path / "training" / "model-last",
        tmp_path / "packages",
        name="everything",
        version="1.0.0",
        create_sdist=False,
        create_wheel=False,
    )
    folder = tmp_path / "packages" / "en_everything-1.0.0" / "en_everything"
    packaged = spacy.load(folder / "en_everything-1.0.0")
    assert packaged.pipe_names == ["tok2vec", *(f"lstm_{task}" for task in TASKS)]
    for doc, expected in zip(packaged.pipe(TEXTS), nlp.pipe(TEXTS), strict=True):
        assert [token.tag_ for token in doc] == [token.tag_ for token in expected]


@pytest.mark.parametrize("task", ["textcat", "tagger"])
def test_static_vectors_are_trained_with(task: str, tmp_path: Path) -> None:
    vectors = write_vectors(tmp_path / "vectors")
    config = make(tmp_path / "config.cfg", task, "--vectors", vectors)
    nlp = train_a_step(config, write_corpus(tmp_path / "corpus.spacy"))
    assert nlp.vocab.vectors.shape[1] == 4
    check_annotations(nlp)


def test_chinese_trains_by_its_own_tokenizer(tmp_path: Path) -> None:
    docs = [spacy.blank("zh")(text) for text in ("我爱北京", "上海很美")]
    docs[0].ents = [Span(docs[0], 2, 4, label="PLACE")]
    docs[1].ents = [Span(docs[1], 0, 2, label="PLACE")]
    DocBin(docs=docs).to_disk(tmp_path / "corpus.spacy")
    config = make(tmp_path / "config.cfg", "ner", "--lang", "zh")
    nlp = train_a_step(config, tmp_path / "corpus.spacy")
    assert [token.text for token in nlp("好书")] == ["好", "书"]
    assert nlp.get_pipe("lstm_ner").labels == ("PLACE",)


def test_it_tells_how_to_train(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "config.cfg"
    command = f"python -m spacy train '{path}' --output training --paths.train"
    assert command in run("ner", path).stdout
    assert f"# {command}" in path.read_text()
    assert "--gpu-id" not in path.read_text()
    assert "--gpu-id 0\n" in run("ner", path, "--gpu", "--force").stdout


@pytest.mark.parametrize("task", ["ner", "textcat"])
def test_that_two_settings_belong_together_is_said(task: str) -> None:
    assert "# Change `total_steps` together with `max_steps`" in run(task, "-").stdout


def test_a_dash_prints_the_config_alone(tmp_path: Path) -> None:
    printed = run("tagger", "-", "--size", "small", "--gpu").stdout
    config = load_config(make(tmp_path / "c.cfg", "tagger", "--size", "small", "--gpu"))
    assert load_config_from_str(printed) == config


def test_nothing_is_written_over_without_force(tmp_path: Path) -> None:
    path = tmp_path / "config.cfg"
    path.write_text("mine")
    check_refusal(run("ner", path), "already exists")
    assert path.read_text() == "mine"
    assert run("ner", path, "--force").exit_code == 0
    assert load_config(path)["nlp"]["pipeline"] == ["tok2vec", "lstm_ner"]


BAD_INPUT = [
    (["parser"], "no task 'parser'"),
    ([""], "no task ''"),
    (["ner,"], "no task ''"),
    (["ner,tagger,ner"], "'ner' occurs twice"),
    (["ner", "--size", "huge"], "one of: 'small', 'medium', 'large'"),
    (["ner", "--optimize", "speed"], "one of: 'efficiency', 'accuracy'"),
    (["ner", "--lang", "zz"], "no language 'zz'"),
    (["ner", "--vectors", "no_such_vectors"], "'no_such_vectors'"),
]


@pytest.mark.parametrize(("args", "message"), BAD_INPUT)
def test_bad_input_is_one_message(
    args: list[str], message: str, tmp_path: Path
) -> None:
    check_refusal(run(args[0], tmp_path / "config.cfg", *args[1:]), message)
    assert not (tmp_path / "config.cfg").exists()


def check_refusal(result: Result, message: str) -> None:
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert message in " ".join(result.output.split())


def test_a_pipeline_without_vectors_is_refused(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    result = run("ner", tmp_path / "config.cfg", "--vectors", tmp_path / "blank")
    check_refusal(result, "there are no vectors in it")


def test_a_tokenizer_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sudachipy", None)
    result = run("ner", tmp_path / "config.cfg", "--lang", "ja")
    check_refusal(result, "Japanese support requires SudachiPy")


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    check_refusal(run("ner", folder, "--force"), "can't be written")
    assert list(tmp_path.iterdir()) == [folder]
