"""Explanations as figures."""

import math
from collections.abc import Iterable, Sequence

import numpy
from matplotlib import rc_context, rcParams
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

from .explanation import Explanation
from .render import MINUS, PLUS

N_COLUMNS = 3
N_BARS = 20
MAX_PANELS = 12
MAX_CHARACTERS = 24
UP, DOWN = ("#" + bytes(color).hex() for color in (PLUS, MINUS))
COLORS = LinearSegmentedColormap.from_list("scores", [DOWN, "white", UP])
# A font with placeholder boxes for all characters.
LAST_RESORT = "LastResort"
DPI = 150
MAX_PIXELS = 30_000_000


@rc_context({"text.parse_math": False})
def draw_explanations(explanations: Sequence[Explanation]) -> Figure:
    """Draw explanations of a text.

    explanations (Sequence[Explanation]): The result of `explain`, not empty.
    RETURNS (Figure): For up to 12 decisions, one panel each, with bars for the 20
        strongest tokens in text order. For more decisions, a heatmap.
    """
    if len(explanations) > MAX_PANELS:
        return draw_table(explanations)
    components = [explanation.component for explanation in explanations]
    drawn = [*map(name, explanations), *components, *explanations[0].tokens]
    fonts = find_fonts(" ".join(text.split()) for text in drawn)
    n_columns = min(N_COLUMNS, len(explanations))
    n_rows = math.ceil(len(explanations) / n_columns)
    n_bars = min(N_BARS, len(explanations[0].tokens))
    figure = make_figure(4.5 * n_columns, n_rows * (0.22 * n_bars + 1.1))
    for number, explanation in enumerate(explanations, start=1):
        draw_panel(figure.add_subplot(n_rows, n_columns, number), explanation, fonts)
    return figure


def make_figure(width: float, height: float) -> Figure:
    dpi = min(DPI, math.sqrt(MAX_PIXELS / (width * height)))
    return Figure(figsize=(width, height), dpi=dpi, layout="constrained")


def draw_panel(axes: Axes, explanation: Explanation, fonts: list[str]) -> None:
    """Draw one explanation.

    axes (Axes): The axes to draw on.
    explanation (Explanation): The explanation.
    fonts (list[str]): Font names, in order of preference.
    """
    scores = explanation.scores
    strongest = sorted(range(len(scores)), key=lambda i: -abs(scores[i]))[:N_BARS]
    shown = sorted(strongest)
    places = range(len(shown))
    axes.barh(
        places,
        [scores[i] for i in shown],
        color=[UP if scores[i] > 0 else DOWN for i in shown],
    )
    tokens = [shorten(explanation.tokens[i]) for i in shown]
    title = (
        f"{shorten(name(explanation), 2 * MAX_CHARACTERS)}\n"
        f"{explanation.component}, probability {explanation.probability:.4f}"
    )
    axes.set_yticks(places, tokens, fontfamily=fonts)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_title(title, fontsize=9, fontfamily=fonts)
    unit = name_unit(explanation)
    if len(shown) < len(scores):
        unit += f" ({len(shown)} strongest of {len(scores)} tokens)"
    axes.set_xlabel(unit, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def draw_table(explanations: Sequence[Explanation]) -> Figure:
    """Draw many explanations as a heatmap.

    explanations (Sequence[Explanation]): Explanations of one text.
    RETURNS (Figure): A heatmap with decisions in rows and tokens in columns. Each row
        is scaled separately.
    """
    tokens = [shorten(token) for token in explanations[0].tokens]
    names = [
        shorten(f"{explanation.component}: {name(explanation)}", 2 * MAX_CHARACTERS)
        for explanation in explanations
    ]
    longest = max(map(len, names))
    figure = make_figure(
        0.22 * len(tokens) + 0.08 * longest + 2.5, 0.22 * len(explanations) + 2.5
    )
    axes = figure.subplots()
    scores = numpy.array([explanation.scores for explanation in explanations])
    largest = abs(scores).max(axis=1, keepdims=True)
    shares = numpy.divide(scores, largest, where=largest > 0, out=0 * scores)
    image = axes.imshow(shares, cmap=COLORS, vmin=-1, vmax=1, aspect="auto")
    fonts = find_fonts([*tokens, *names])
    axes.set_yticks(range(len(names)), names, fontfamily=fonts)
    axes.set_xticks(range(len(tokens)), tokens, rotation=90, fontfamily=fonts)
    axes.tick_params(labelsize=8, length=0)
    bar = figure.colorbar(image, ax=axes, shrink=0.5)
    unit = name_unit(explanations[0])
    bar.set_label(f"{unit}, relative to the maximum of the row", fontsize=8)
    bar.ax.tick_params(labelsize=8)
    return figure


def find_fonts(texts: Iterable[str]) -> list[str]:
    """Find fonts that contain the characters of texts.

    texts (Iterable[str]): The texts to draw.
    RETURNS (list[str]): The default fonts of matplotlib, followed by installed fonts
        with missing characters.
    """
    fonts = list(rcParams["font.family"])
    missing = {ord(character) for text in texts for character in text}
    missing -= read_characters(fonts[0])
    for font in sorted({entry.name for entry in fontManager.ttflist} - set(fonts)):
        if not missing:
            break
        found = missing & read_characters(font)
        if found and LAST_RESORT not in font.replace(" ", ""):
            fonts.append(font)
            missing -= found
    return fonts


def read_characters(font: str) -> set[int]:
    try:
        return set(get_font(findfont(FontProperties(family=[font]))).get_charmap())
    # The cached list of fonts may be outdated.
    except (OSError, RuntimeError):
        return set()


def name(explanation: Explanation) -> str:
    if explanation.start is None:
        return explanation.label
    return f"{explanation.label}: {explanation.text}"


def name_unit(explanation: Explanation) -> str:
    return (
        "weight" if explanation.method == "attention" else "contribution to the logit"
    )


def shorten(text: str, n_characters: int = MAX_CHARACTERS) -> str:
    """Shorten a text to one line of limited length.

    text (str): The text.
    n_characters (int): The maximum length.
    RETURNS (str): The shortened text.
    """
    text = " ".join(text.split())
    if len(text) > n_characters:
        text = text[: n_characters - 1] + "…"
    return text
