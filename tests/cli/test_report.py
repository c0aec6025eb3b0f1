import sys
from pathlib import Path

import pytest
import spacy
from click.testing import Result
from spacy.cli._util import app
from spacy.tokens import DocBin
from thinc.util import gpu_is_available
from typer.testing import CliRunner

import spacy_lstm.cli.commands  # noqa: F401

from ..evaluation.report.reporting import make_pipeline, write_docs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model and data."""
    folder = tmp_path_factory.mktemp("report")
    nlp = make_pipeline("lstm_textcat", "ner")
    nlp.to_disk(folder / "model")
    write_docs(nlp, folder / "dev.spacy")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["lstm", "report", *map(str, arguments)])


def fails(result: Result, message: str) -> bool:
    return (
        result.exit_code == 1
        and isinstance(result.exception, SystemExit)
        and message in " ".join(result.output.split())
    )


def test_a_page(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "report.html"
    result = run(folder / "model", folder / "dev.spacy", out, "--n-mistakes", 1)
    assert result.exit_code == 0, result.output
    page = out.read_text("utf8")
    assert page.startswith("<!DOCTYPE html>")
    assert str(folder / "model") in page
    assert page.count('<details class="mistake">') == 2


def test_an_output_that_is_there(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("mine")
    arguments = folder / "model", folder / "dev.spacy", out
    assert fails(run(*arguments), "--force")
    assert out.read_text() == "mine"
    assert run(*arguments, "--force").exit_code == 0
    assert out.read_text("utf8").startswith("<!DOCTYPE html>")


def test_models_and_data_that_are_refused(folder: Path, tmp_path: Path) -> None:
    model, data, out = folder / "model", folder / "dev.spacy", tmp_path / "r.html"
    assert fails(run(tmp_path / "none", data, out), "Can't load a pipeline")
    assert fails(run(model, tmp_path / "none.spacy", out), "There is no")
    assert fails(run(model, model / "config.cfg", out), "doesn't end in .spacy")
    assert fails(run(model, model, out), "contains no documents")
    (tmp_path / "broken.spacy").write_text("broken")
    assert fails(run(model, tmp_path / "broken.spacy", out), "can't be read")
    DocBin().to_disk(tmp_path / "empty.spacy")
    assert fails(run(model, tmp_path / "empty.spacy", out), "contains no documents")
    assert not out.exists()


def test_an_output_that_can_not_be_written(folder: Path, tmp_path: Path) -> None:
    arguments = folder / "model", folder / "dev.spacy"
    (tmp_path / "file").write_text("")
    assert fails(run(*arguments, tmp_path / "r.pdf"), "doesn't end in one of: .html")
    assert fails(run(*arguments, tmp_path / "file" / "r.html"), "can't be written")


def test_a_pipeline_that_was_not_trained(folder: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat").add_label("good")
    nlp.to_disk(tmp_path / "model")
    out = tmp_path / "r.html"
    message = "value unset. Give a trained pipeline"
    assert fails(run(tmp_path / "model", folder / "dev.spacy", out), message)
    assert not out.exists()


def test_options_that_make_no_sense(folder: Path, tmp_path: Path) -> None:
    arguments = folder / "model", folder / "dev.spacy", tmp_path / "r.html"
    assert run(*arguments, "--n-mistakes", -1).exit_code == 2
    if not gpu_is_available():
        assert fails(run(*arguments, "--gpu-id", 0), ". Set it to -1")


def test_without_matplotlib(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run(folder / "model", folder / "dev.spacy", tmp_path / "r.html")
    assert fails(result, "pip install matplotlib")
