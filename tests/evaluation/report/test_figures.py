import re
from xml.etree import ElementTree

from spacy_lstm.evaluation.calibration_error import Bin
from spacy_lstm.evaluation.report.figures import (
    draw_lengths,
    draw_reliability,
    name_range,
    to_svg,
)
from spacy_lstm.evaluation.report.lengths import LengthBin

BINS = [Bin(2, 0.25, 0.5), Bin(30, 1.0, 0.9)]
LENGTHS = [LengthBin(1, 4, 9, 0.25), LengthBin(5, 5, 9, 0.5)]


def ids(svg: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]*)"', svg))


def test_the_reliability_diagram() -> None:
    above, below = draw_reliability(BINS).axes
    diagonal, line = above.lines
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert line.get_xydata().tolist() == [[0.25, 0.5], [1.0, 0.9]]
    bars = [(bar.get_center()[0], bar.get_height()) for bar in below.patches]
    assert [(round(x, 6), height) for x, height in bars] == [(0.25, 2), (0.95, 30)]


def test_bars_of_lengths() -> None:
    (axes,) = draw_lengths(LENGTHS, "1 - F1").axes
    assert axes.get_ylabel() == "1 - F1"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["1-4", "5"]
    assert [bar.get_height() for bar in axes.patches] == [0.25, 0.5]


def test_bars_of_no_errors() -> None:
    (axes,) = draw_lengths([LengthBin(1, 4, 9, 0.0)], "1 - F1").axes
    assert axes.get_ylim() == (0, 1)


def test_ranges() -> None:
    assert name_range(3, 3) == "3"
    assert name_range(3, 7) == "3-7"


def test_svg_that_is_part_of_a_page() -> None:
    svg = to_svg(draw_reliability(BINS), "one", 'of <"&>')
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'of <"&>'
    assert (root.attrib["width"], root.attrib["height"]) == ("374.4pt", "244.8pt")
    assert "<style" not in svg
    assert "currentColor" in svg
    assert "var(--accent)" in svg
    assert not re.findall(r"#[0-9a-f]{6}\b", svg)
    assert set(re.findall(r'https?://[^"]*', svg)) == {
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/2000/svg",
    }


def test_ids_of_two_figures_differ_and_are_found() -> None:
    one, two = (to_svg(draw_reliability(BINS), name, "") for name in ("one", "two"))
    assert ids(one)
    assert not ids(one) & ids(two)
    used = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', one)
    assert used
    assert {href or url for href, url in used} <= ids(one)


def test_that_a_figure_is_the_same_each_time() -> None:
    assert to_svg(draw_lengths(LENGTHS, "x"), "a", "") == to_svg(
        draw_lengths(LENGTHS, "x"), "a", ""
    )
