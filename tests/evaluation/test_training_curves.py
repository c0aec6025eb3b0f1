import math
from pathlib import Path
from typing import Any

import pytest
import srsly
from matplotlib.figure import Figure

from spacy_lstm.evaluation.training_curves import (
    draw_curves,
    name_runs,
    pick_colors,
    read_curves,
    read_log,
)


def make_row(step: int, loss: float = 1.0, **others: Any) -> dict[str, Any]:
    return {"step": step, "losses": {"ner": loss}, "scores": {"ents_f": 50.0}, **others}


ROWS = [
    make_row(0, loss=9.0, score=0.2, words_per_second=10.0, learn_rate=0.0),
    make_row(10, loss=40.0, score=0.8, words_per_second=90.0, learn_rate=0.1),
    make_row(20, loss=20.0, score=0.7, words_per_second=80.0, learn_rate=0.05),
]


def write_log(path: Path, rows: list[dict[str, Any]], end: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(srsly.json_dumps(row) + "\n" for row in rows) + end)
    return path


def titles(figure: Figure) -> list[str]:
    return [axes.get_title() for axes in figure.axes]


def test_a_whole_log(tmp_path: Path) -> None:
    assert read_log(write_log(tmp_path / "log.jsonl", ROWS)) == ROWS


@pytest.mark.parametrize("end", ['{"step": 3', "{", '{"step": 30, "losses": {"ä'])
def test_a_log_that_was_cut(end: str, tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.jsonl", ROWS)
    path.write_bytes(path.read_bytes() + end.encode()[: -1 if "ä" in end else None])
    with pytest.raises(ValueError, match=r"line 4 .* cut off"):
        read_log(path)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ('{"step": 1', 2),
        ("[]", 2),
        ("null", 2),
        ("", 2),
        ('{"step": 0, "losses": {}, "scores": {}}', 2),
        ('{"step": "5", "losses": {}, "scores": {}}', 2),
        ('{"step": 5, "losses": [], "scores": {}}', 2),
        ('{"step": 5, "losses": {}}', 2),
    ],
)
def test_a_broken_line(line: str, number: int, tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.jsonl", ROWS[:1], f"{line}\n")
    write_log(tmp_path / "rest.jsonl", ROWS[1:])
    path.write_text(path.read_text() + (tmp_path / "rest.jsonl").read_text())
    with pytest.raises(ValueError, match=f"line {number} "):
        read_log(path)


def test_that_a_last_line_that_is_whole_but_no_row_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 4 "):
        read_log(write_log(tmp_path / "log.jsonl", ROWS, '{"step": 30}\n'))


@pytest.mark.parametrize("end", ["", "\n"])
def test_an_empty_log(end: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no row"):
        read_log(write_log(tmp_path / "log.jsonl", [], end))


def test_a_log_that_can_not_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(ValueError, match="can't be read"):
            read_log(path)


def test_names_of_runs() -> None:
    assert name_runs([Path("/x/a/p.jsonl"), Path("/x/b/p.jsonl")]) == ["a", "b"]
    assert name_runs([Path("/x/a/p.jsonl"), Path("/x/a/q.jsonl")]) == [
        "a/p.jsonl",
        "a/q.jsonl",
    ]
    same = [Path("/x/a/p.jsonl"), Path("/y/a/p.jsonl")]
    assert name_runs(same) == ["/x/a/p.jsonl", "/y/a/p.jsonl"]


def test_curves() -> None:
    assert read_curves(ROWS) == {
        ("loss", "ner"): [(0, 9.0), (10, 4.0), (20, 2.0)],
        ("score", "ents_f"): [(0, 50.0), (10, 50.0), (20, 50.0)],
        ("total", "score"): [(0, 0.2), (10, 0.8), (20, 0.7)],
        ("speed", "words per second"): [(0, 10.0), (10, 90.0), (20, 80.0)],
        ("rate", "learning rate"): [(0, 0.0), (10, 0.1), (20, 0.05)],
    }


def test_that_what_is_no_number_is_left_out() -> None:
    rows = [make_row(0, loss=math.nan, score=None), make_row(1, score=0.5)]
    curves = read_curves(rows)
    assert curves["loss", "ner"] == [(1, 1.0)]
    assert curves["total", "score"] == [(1, 0.5)]


def test_a_panel_for_each_quantity() -> None:
    figure = draw_curves({"a": ROWS})
    assert titles(figure) == [
        "loss of ner per step",
        "ents_f",
        "score (dot: best)",
        "words per second",
        "learning rate",
    ]
    loss, _, total = figure.axes[:3]
    assert list(loss.lines[0].get_ydata()) == [9.0, 4.0, 2.0]
    assert loss.get_yscale() == "log"
    line, best = total.lines
    assert list(line.get_xdata()) == [0, 10, 20]
    assert (list(best.get_xdata()), list(best.get_ydata())) == ([10], [0.8])
    assert total.get_ylim()[0] > 0.6
    assert [axes.get_ylim()[0] for axes in figure.axes[3:]] == [0, 0]


def test_the_scale_of_values_that_stay_the_same() -> None:
    rows = [make_row(step, score=0.99, learn_rate=0.001) for step in (0, 1)]
    figure = draw_curves({"a": rows})
    figure.draw_without_rendering()
    for axes in figure.axes:
        assert axes.yaxis.get_offset_text().get_text() == ""
        ticks = [float(tick) for tick in axes.get_xticks()]
        assert ticks == [round(tick) for tick in ticks]
    assert figure.axes[1].get_ylim() == pytest.approx((49.99, 50.01))


def test_several_runs_some_of_which_lack_a_quantity() -> None:
    plain = [{k: row[k] for k in ("step", "losses", "scores")} for row in ROWS]
    figure = draw_curves({"ours $1$": ROWS, "_plain": plain})
    by_title = dict(zip(titles(figure), figure.axes, strict=True))
    assert len(by_title["ents_f"].lines) == 2
    assert len(by_title["learning rate"].lines) == 1
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["ours $1$", "_plain"]
    assert not any(text.get_parse_math() for text in legend.get_texts())
    colors = [line.get_color() for line in by_title["ents_f"].lines]
    assert [line.get_color() for line in legend.get_lines()] == colors


def test_colors_that_differ() -> None:
    for n in (1, 10, 11, 30):
        assert len(set(map(tuple, pick_colors(n)))) == n


@pytest.mark.parametrize("losses", [{}, {"a": None}])
def test_a_log_without_numbers(losses: dict, tmp_path: Path) -> None:
    rows = [{"step": 0, "losses": losses, "scores": {"b": None}}]
    with pytest.raises(ValueError, match="no row with numbers"):
        read_log(write_log(tmp_path / "log.jsonl", rows))
