"""Explanations as a figure."""

import math
from collections.abc import Iterable, Sequence

import numpy
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, fontManager, get_font

from .curves import escape
from .explanation import Explanation
from .render import MINUS, PLUS

N_COLUMNS = 3
N_BARS = 20
MAX_PANELS = 12
MAX_CHARACTERS = 24
UP, DOWN = ("#" + bytes(color).hex() for color in (PLUS, MINUS))
COLORS = LinearSegmentedColormap.from_list("scores", [DOWN, "white", UP])
FONT = "DejaVu Sans"
# Has a box for each character there is.
LAST_RESORT = "Last Resort High-Efficiency"
DPI = 150
MAX_DOTS = 30_000_000


def draw_explanations(explanations: Sequence[Explanation]) -> Figure:
    """Draw what the tokens of a text did for decisions.

    explanations (Sequence[Explanation]): What `explain` returned, not empty.
    RETURNS (Figure): For up to 12 decisions a panel each, with bars for the tokens that
        count most, at most 20, in the order of the text; for more of them one table of
        colors.
    """
    if len(explanations) > MAX_PANELS:
        return draw_table(explanations)
    n_columns = min(N_COLUMNS, len(explanations))
    n_rows = math.ceil(len(explanations) / n_columns)
    n_bars = min(N_BARS, len(explanations[0].tokens))
    figure = make_figure(4.5 * n_columns, n_rows * (0.22 * n_bars + 1.1))
    for number, explanation in enumerate(explanations, start=1):
        draw_panel(figure.add_subplot(n_rows, n_columns, number), explanation)
    return figure


def make_figure(width: float, height: float) -> Figure:
    dpi = min(DPI, math.sqrt(MAX_DOTS / (width * height)))
    return Figure(figsize=(width, height), dpi=dpi, layout="constrained")


def draw_panel(axes: Axes, explanation: Explanation) -> None:
    """Draw one explanation.

    axes (Axes): Where to.
    explanation (Explanation): The explanation.
    """
    scores, fonts = explanation.scores, find_fonts(explanation.tokens)
    strongest = sorted(range(len(scores)), key=lambda i: -abs(scores[i]))[:N_BARS]
    shown = sorted(strongest)
    places = range(len(shown))
    axes.barh(
        places,
        [scores[i] for i in shown],
        color=[UP if scores[i] > 0 else DOWN for i in shown],
    )
    tokens = [shorten(explanation.tokens[i]) for i in shown]
    axes.set_yticks(places, tokens, fontfamily=fonts)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_title(
        f"{shorten(name(explanation), 2 * MAX_CHARACTERS)}\n"
        f"{escape(explanation.component)}, probability {explanation.probability:.4f}",
        fontsize=9,
        fontfamily=fonts,
    )
    unit = name_unit(explanation)
    if len(shown) < len(scores):
        unit += f", the {len(shown)} strongest of {len(scores)} tokens"
    axes.set_xlabel(unit, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def draw_table(explanations: Sequence[Explanation]) -> Figure:
    """Draw many explanations.

    explanations (Sequence[Explanation]): Explanations of one text.
    RETURNS (Figure): A row for each decision, a column for each token, and their
        scores as colors.
    """
    tokens = explanations[0].tokens
    fonts = find_fonts(tokens)
    figure = make_figure(0.22 * len(tokens) + 4, 0.22 * len(explanations) + 2.5)
    axes = figure.subplots()
    scores = numpy.array([explanation.scores for explanation in explanations])
    largest = abs(scores).max()
    image = axes.imshow(scores, cmap=COLORS, vmin=-largest, vmax=largest, aspect="auto")
    names = [
        f"{explanation.component}: {name(explanation)}" for explanation in explanations
    ]
    axes.set_yticks(
        range(len(names)),
        [shorten(n, 2 * MAX_CHARACTERS) for n in names],
        fontfamily=fonts,
    )
    axes.set_xticks(
        range(len(tokens)),
        [shorten(token) for token in tokens],
        rotation=90,
        fontfamily=fonts,
    )
    axes.tick_params(labelsize=8, length=0)
    bar = figure.colorbar(image, ax=axes, shrink=0.5)
    bar.set_label(name_unit(explanations[0]), fontsize=8)
    bar.ax.tick_params(labelsize=8)
    return figure


def find_fonts(tokens: Iterable[str]) -> list[str]:
    """Find fonts that have the characters of a text.

    tokens (Iterable[str]): The tokens.
    RETURNS (list[str]): Names of installed fonts, matplotlib's own one first.
    """
    fonts = [FONT]
    missing = {ord(character) for token in tokens for character in token}
    missing -= get_font(findfont(FONT)).get_charmap().keys()
    for entry in fontManager.ttflist:
        if not missing:
            break
        found = missing & get_font(entry.fname).get_charmap().keys()
        if found and entry.name != LAST_RESORT:
            fonts.append(entry.name)
            missing -= found
    return fonts


def name(explanation: Explanation) -> str:
    if explanation.start is None:
        return explanation.label
    return f"{explanation.label}: {explanation.text}"


def name_unit(explanation: Explanation) -> str:
    return "weight" if explanation.method == "attention" else "added to the logit"


def shorten(text: str, n_characters: int = MAX_CHARACTERS) -> str:
    """Make a text short enough for a figure, on one line.

    text (str): The text.
    n_characters (int): The most characters that are shown.
    RETURNS (str): What is to be drawn.
    """
    text = " ".join(text.split())
    if len(text) > n_characters:
        text = text[: n_characters - 1] + "…"
    return escape(text)
