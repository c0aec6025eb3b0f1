import re
import sys
import warnings
from types import ModuleType
from typing import Any

import pytest
import spacy.util
from matplotlib.font_manager import FontEntry, fontManager

from spacy_lstm import render
from spacy_lstm.attribution.explanation import Explanation
from spacy_lstm.attribution.figure import (
    draw_explanations,
    find_fonts,
    read_characters,
)

TOKENS = ["<script>alert(1)</script>", "&", '"Ann"', "left", "\n"]


def make(component: str = "ner", **values: Any) -> Explanation:
    settings: dict[str, Any] = {
        "component": component,
        "label": "<b>PER</b>",
        "tokens": TOKENS,
        "whitespace": ["", " ", " ", "", ""],
        "scores": [-1.0, 0.0, 4.0, 0.2, 0.0],
        "method": "gradients",
        "logit": 2.5,
        "baseline": -0.6,
        "start": 2,
        "end": 3,
        **values,
    }
    return Explanation(**settings)


def test_what_an_explanation_says_of_itself() -> None:
    explanation = make()
    assert explanation.text == '"Ann"'
    assert explanation.total == pytest.approx(3.2)
    assert explanation.difference == pytest.approx(3.1)
    assert explanation.error == pytest.approx(-0.1)
    assert explanation.probability == pytest.approx(0.924142, abs=1e-6)
    assert make(logit=-1000).probability == 0
    assert make(logit=1000).probability == 1


@pytest.mark.parametrize("page", [False, True])
def test_that_text_is_escaped(page: bool) -> None:
    html = render(make(), page=page)
    assert "alert(1)" in html
    assert "<script>alert" not in html
    assert "<b>PER" not in html
    assert "&lt;b&gt;PER&lt;/b&gt;" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</mark>" in html
    assert ">&amp;</mark> <" in html


def test_the_colors_of_tokens() -> None:
    marks = re.findall(
        r'<mark class="(.*?)" style="(.*?)" title="(.*?)">', render(make())
    )
    assert [number for _, _, number in marks] == [
        "-1.00",
        "+0.00",
        "+4.00",
        "+0.20",
        "+0.00",
    ]
    assert [classes for classes, _, _ in marks] == [
        "lstm-minus",
        "",
        "lstm-decided",
        "",
        "",
    ]
    colors = [style for _, style, _ in marks]
    assert colors[0] == "background: rgb(214 96 31 / 0.163)"
    assert colors[2] == "background: rgb(38 118 196 / 0.650)"
    assert colors[1].endswith("/ 0.000)")


def test_the_tokens_that_count_most() -> None:
    html = render(make())
    rows = re.findall(r'<th scope="row">(.*?)</th>.*?<td>(\S+)</td></tr>', html, re.S)
    assert rows[:3] == [
        ("&#34;Ann&#34;", "+4.00"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "-1.00"),
        ("left", "+0.20"),
    ]
    places = re.findall(r"margin-left: ([\d.]+)%; width: ([\d.]+)%", html)
    assert places[:3] == [("50.0", "50.0"), ("37.5", "12.5"), ("50.0", "2.5")]


def test_that_scores_of_zero_have_no_color() -> None:
    html = render(make(scores=[0.0] * 5))
    assert html.count("/ 0.000)") == 5


def test_that_a_page_lets_a_decision_be_chosen() -> None:
    """Even if the decisions of a component are not adjacent."""
    explanations = [make(), make("tagger", label="NN"), make(label="ORG")]
    html = render(explanations, page=True)
    assert html.startswith("<!DOCTYPE html>")
    assert html.count("<figure") == 3
    buttons = re.findall(r'data-figure="(\d)"><b>(.*?)</b>', html)
    assert buttons == [
        ("0", "&lt;b&gt;PER&lt;/b&gt;"),
        ("2", "ORG"),
        ("1", "NN"),
    ]
    assert re.findall("<h2>(.*?)</h2>", html) == ["ner", "tagger"]
    assert "http:" not in html.replace("http-equiv", "")


def test_that_a_part_of_a_page_shows_all_decisions() -> None:
    html = render(iter([make(), make("textcat", start=None, end=None)]))
    assert html.count("<figure") == 2
    assert "<html" not in html
    assert "<script" not in html
    assert html.count("<q>") == 1


def test_what_is_said_of_the_sum() -> None:
    assert "-0.60 for the baseline of zero embeddings and +2.50 for the text" in render(
        make()
    )
    html = render(make(method="attention", baseline=None))
    assert "attention weights" in html
    assert 'title="0.200"' in html


def test_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    ipython = ModuleType("IPython.display")
    ipython.HTML = str  # type: ignore[attr-defined]
    ipython.display = shown.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", ipython)
    assert render(make(), jupyter=True) is None
    assert "<figure" in shown[0]
    monkeypatch.setattr("spacy_lstm.attribution.render.is_in_jupyter", lambda: True)
    assert render(make()) is None
    assert shown[0] == shown[1]
    assert "<figure" in render(make(), jupyter=False)
    assert len(shown) == 2
    assert not spacy.util.is_in_jupyter()


@pytest.mark.parametrize("value", ["x", 5, None, [None], [make(), 1]])
def test_what_is_no_explanation(value: Any) -> None:
    with pytest.raises(ValueError, match="Set it to the result of `explain`"):
        render(value)


def test_that_a_page_says_how_many_tokens_have_bars() -> None:
    many = {"tokens": ["a"] * 12, "whitespace": [""] * 12, "scores": [-0.001] * 12}
    html = render(make(**many), jupyter=False)
    assert "10 strongest of 12 tokens" in html
    assert "+0.00" in html
    assert "-0.00" not in html
    assert "strongest of" not in render(make(), jupyter=False)


def test_figures() -> None:
    many = [f"$token_{i}$" for i in range(50)]
    long = make(
        tokens=many,
        whitespace=[" "] * 50,
        scores=[-float(i) for i in range(50)],
        start=None,
        end=None,
    )
    figure = draw_explanations(
        [make(), long, make(label="ORG"), make(method="attention")]
    )
    assert len(figure.axes) == 4
    axes = figure.axes[0]
    bars = [bar.get_width() for bar in axes.patches]
    assert bars == make().scores
    assert axes.get_title().startswith('<b>PER</b>: "Ann"\nner, probability 0.9241')
    labels = figure.axes[1].get_yticklabels()
    assert [label.get_text() for label in labels] == [
        f"$token_{i}$" for i in range(30, 50)
    ]
    assert not any(label.get_parse_math() for label in labels)
    units = [axes.get_xlabel() for axes in figure.axes]
    assert units[:2] == [
        "contribution to the logit",
        "contribution to the logit (20 strongest of 50 tokens)",
    ]
    assert units[3] == "weight"
    figure.draw_without_rendering()


def test_figures_of_many_decisions() -> None:
    nothing = make("tagger", scores=[0.0] * 5)
    figure = draw_explanations([make(), *[make("tagger", label="NN")] * 12, nothing])
    axes, bar = figure.axes
    (image,) = axes.images
    expected = [score / 4 for score in make().scores]
    assert image.get_array().tolist() == [*[expected] * 13, [0.0] * 5]
    assert (image.norm.vmin, image.norm.vmax) == (-1, 1)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[:2] == ['ner: <b>PER</b>: "Ann"', 'tagger: NN: "Ann"']
    assert [label.get_text() for label in axes.get_xticklabels()][3] == "left"
    unit = "contribution to the logit, relative to the maximum of the row"
    assert bar.get_ylabel() == unit
    figure.draw_without_rendering()


def test_fonts_that_have_the_characters_of_a_text() -> None:
    assert find_fonts(["abc", "ö"]) == ["sans-serif"]
    lacking = chr(0x0378)  # no character has this number
    assert find_fonts([lacking]) == ["sans-serif"]
    own, other = map(read_characters, ("DejaVu Sans", "STIXSizeOneSym"))
    fonts = find_fonts([lacking, *map(chr, other - own)])
    assert len(fonts) > 1
    assert other <= set().union(*map(read_characters, fonts))


def test_that_large_figures_have_few_dots() -> None:
    scores = [1.0] * 400
    large = make(tokens=["a"] * 400, whitespace=[" "] * 400, scores=scores)
    figure = draw_explanations([large] * 400)
    width, height = figure.get_size_inches() * figure.dpi
    assert width * height < 31_000_000


def test_fonts_that_were_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = FontEntry(fname="/nowhere/gone.ttf", name="A Gone Font")
    monkeypatch.setattr(fontManager, "ttflist", [gone, *fontManager.ttflist])
    assert find_fonts([chr(0x0378)]) == ["sans-serif"]


def test_that_long_names_leave_room_for_the_table() -> None:
    label = "MEDICAL_CONDITION/MANAGEMENT/WOMEN_AND_MEN_COMMON/X"
    one = make(tokens=["a"], whitespace=[""], scores=[1.0], label=label, start=None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_explanations([one] * 13).draw_without_rendering()
