from io import StringIO
from pathlib import Path

import pytest
import srsly
from rich.console import Console

from spacy_lstm.training import loggers
from spacy_lstm.training.loggers import format_seconds, progress_logger

from .test_progress import info, make_nlp


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def run(stdout: StringIO, path: Path | None = None, **settings: bool) -> str:
    setup = progress_logger(str(path) if path else None, **settings)
    log_step, finalize = setup(make_nlp(max_steps=30), stdout, stdout)
    log_step(info(0, 0.5, words=10))
    log_step(None)
    log_step(info(10, 0.75, epoch=1, words=1000))
    finalize()
    return stdout.getvalue()


def test_plain_lines_where_there_is_no_terminal() -> None:
    header, rule, first, second = run(StringIO()).splitlines()
    columns = "EPOCH STEP LOSS LSTM_TEXTCAT CATS_SCORE SPEED SCORE BEST WORDS/S LEFT"
    assert " ".join(header.split()) == columns
    assert set(rule) == {"-", " "}
    assert first.split()[:7] == ["0", "0", "1.50", "50.00", "500.00", "50.00", "50.00"]
    assert second.split()[5:7] == ["75.00", "75.00"]
    assert len(header) == len(rule)


def test_a_bar_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    output = run(Terminal())
    assert "epoch 2" in output
    assert "10 steps" in output
    assert "left" in output
    assert "epoch 2" not in run(Terminal(), progress_bar=False)


def test_skipped_steps_have_a_column_once_there_are_any(tmp_path: Path) -> None:
    nlp, stdout, path = make_nlp(), StringIO(), tmp_path / "rows.jsonl"
    log_step, finalize = progress_logger(str(path))(nlp, stdout, stdout)
    log_step(info(0, 0.5))
    pipe = nlp.get_pipe("lstm_textcat")
    pipe.skipped_steps.total = 2
    shim = next(shim for node in pipe.model.walk() for shim in node.shims)
    shim.skipped_steps.total = 1
    log_step(info(1, 0.5))
    log_step(info(2, 0.5))
    finalize()
    header, _, _, new_header, _, row, last = stdout.getvalue().splitlines()
    column = new_header.split().index("SKIPPED")
    assert "SKIPPED" not in header
    assert [line.split()[column - 1] for line in (row, last)] == ["3", "3"]
    rows = list(srsly.read_jsonl(path))
    assert [row.get("skipped") for row in rows] == [None, 3, 3]


def test_rows_as_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "rows.jsonl"
    for _ in range(2):  # a second run writes the file anew
        assert run(StringIO(), path, console_output=False) == ""
        rows = list(srsly.read_jsonl(path))
        assert [row["step"] for row in rows] == [0, 10]
        assert rows[1]["best_score"] == 0.75


def test_rows_lie_in_the_output_folder(tmp_path: Path) -> None:
    log_step, finalize = progress_logger()(make_nlp(), StringIO(), StringIO())
    log_step({**info(0, 0.5), "output_path": str(tmp_path / "model-last")})
    finalize()
    assert len(list(srsly.read_jsonl(tmp_path / loggers.FILE_NAME))) == 1


def test_markup_in_names_is_printed_as_it_is() -> None:
    stdout = StringIO()
    row = {
        **{"epoch": 0, "step": 0, "score": 0.5, "best_score": 0.5},
        **{"words_per_second": 1.0, "seconds_left": None},
        "losses": {"[red]": 0.5},
        "scores": {},
    }
    loggers.Table(Console(file=stdout)).print(row)
    assert "LOSS [RED]" in stdout.getvalue()


def test_format_seconds() -> None:
    assert format_seconds(None) == "?"
    assert format_seconds(3723.4) == "1:02:03"
