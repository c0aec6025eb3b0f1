import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import Result
from spacy.cli._util import app
from typer.testing import CliRunner

import spacy_lstm.cli.commands  # noqa: F401

from ..evaluation.test_training_curves import ROWS, write_log

PNG = b"\x89PNG\r\n\x1a\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["lstm", "plot", *map(str, arguments)])


def fails(result: Result, message: str) -> bool:
    return (
        result.exit_code == 1
        and isinstance(result.exception, SystemExit)
        and message in " ".join(result.output.split())
    )


def test_png_and_svg(tmp_path: Path) -> None:
    logs = [write_log(tmp_path / run / "progress.jsonl", ROWS) for run in "ab"]
    png, svg = tmp_path / "new" / "curves.png", tmp_path / "curves.SVG"
    assert run(*logs, "--output", png).exit_code == 0
    assert png.read_bytes().startswith(PNG)
    assert run(*logs, "-o", svg).exit_code == 0
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")


def test_a_log_that_is_named_twice_is_drawn_once(tmp_path: Path) -> None:
    log = write_log(tmp_path / "a" / "progress.jsonl", ROWS)
    out = tmp_path / "curves.svg"
    assert run(log, log.parent / ".." / "a" / log.name, "-o", out).exit_code == 0
    assert out.exists()


def test_a_log_that_was_cut(tmp_path: Path) -> None:
    log = write_log(tmp_path / "progress.jsonl", ROWS, '{"step":30,"los')
    result = run(log, "-o", tmp_path / "curves.svg")
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1
    assert "line 4 is not a row of a training log, is cut off" in result.output
    assert not (tmp_path / "curves.svg").exists()


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ('{"step":\n{"step": 30, "losses": {}, "scores": {}}\n', "line 4 is not a row"),
        ('{"step": 20, "losses": {}, "scores": {}}\n', "line 4 is not a row"),
    ],
)
def test_a_broken_log(end: str, message: str, tmp_path: Path) -> None:
    log = write_log(tmp_path / "progress.jsonl", ROWS, end)
    assert fails(run(log, "-o", tmp_path / "curves.svg"), message)
    assert not (tmp_path / "curves.svg").exists()


def test_logs_without_rows(tmp_path: Path) -> None:
    log = write_log(tmp_path / "progress.jsonl", [])
    out = tmp_path / "curves.png"
    assert fails(run(log, "-o", out), "no row with numbers")
    assert fails(run(tmp_path / "none.jsonl", "-o", out), "can't be read")
    assert not out.exists()


def test_outputs_that_are_refused(tmp_path: Path) -> None:
    log = write_log(tmp_path / "progress.jsonl", ROWS)
    assert fails(run(log, "-o", tmp_path / "curves.pdf"), ".png, .svg")
    assert fails(run(log, "-o", log / "curves.svg"), "can't be written")
    out = tmp_path / "curves.svg"
    out.write_text("mine")
    assert fails(run(log, "-o", out), "--force")
    assert out.read_text() == "mine"
    assert run(log, "-o", out, "--force").exit_code == 0
    assert out.read_text().startswith("<?xml")


def test_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = write_log(tmp_path / "progress.jsonl", ROWS)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run(log, "-o", tmp_path / "curves.svg")
    assert fails(result, "pip install matplotlib")


def test_that_nothing_heavy_is_imported_before_a_command_runs() -> None:
    code = (
        "import sys, spacy_lstm.cli.commands\n"
        "heavy = {'matplotlib', 'spacy_lstm.evaluation.report.report'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
