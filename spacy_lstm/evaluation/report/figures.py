"""The figures of a report, as inline SVG."""

import re
from collections.abc import Sequence
from io import StringIO

from markupsafe import Markup, escape
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..calibration_error import N_BINS, Bin
from .lengths import LengthBin

# Placeholders for the colors of the page, which depend on light or dark mode.
INK, ACCENT, FAINT = "#010101", "#020202", "#030303"
PAGE_COLORS = {INK: "currentColor", ACCENT: "var(--accent)", FAINT: "var(--faint)"}
SIZE = (5.2, 3.4)


def draw_reliability(bins: Sequence[Bin]) -> Figure:
    """Draw a reliability diagram.

    bins (Sequence[Bin]): The predictions, binned by probability.
    RETURNS (Figure): Accuracy by probability, above the size of each bin.
    """
    figure = Figure(figsize=SIZE, layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    sizes, probabilities, rights = zip(*bins, strict=True)
    above.plot([0, 1], [0, 1], color=FAINT, linestyle="--")
    above.plot(probabilities, rights, color=ACCENT, marker="o", ms=4, clip_on=False)
    above.set(xlim=(0, 1), ylim=(0, 1.03), ylabel="accuracy")
    numbers = [min(int(p * N_BINS), N_BINS - 1) for p in probabilities]
    middles = [(number + 0.5) / N_BINS for number in numbers]
    below.bar(middles, sizes, width=0.9 / N_BINS, color=ACCENT, log=True)
    below.set(ylim=(0.7, None), xlabel="probability", ylabel="count")
    for axes in (above, below):
        color(axes)
    return figure


def draw_lengths(bins: Sequence[LengthBin], measure: str) -> Figure:
    """Draw the error by document length.

    bins (Sequence[LengthBin]): The documents, binned by length.
    measure (str): Name of the error measure.
    RETURNS (Figure): A bar chart.
    """
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    names = [name_range(row.shortest, row.longest) for row in bins]
    bars = axes.bar(names, [row.error for row in bins], color=ACCENT)
    axes.bar_label(bars, fmt="%.3f", color=INK, fontsize=8)
    axes.set(xlabel="tokens", ylabel=measure)
    largest = max(row.error for row in bins)
    axes.set_ylim(0, 1.12 * largest or 1)
    color(axes)
    return figure


def name_range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def color(axes: Axes) -> None:
    axes.tick_params(which="both", colors=INK, labelsize=8)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)


def to_svg(figure: Figure, name: str, label: str) -> Markup:
    """Convert a figure to inline SVG.

    figure (Figure): The figure, in the placeholder colors of this module.
    name (str): Prefix of the ids, unique in the page.
    label (str): A description for screen readers.
    RETURNS (Markup): The <svg> element.
    """
    figure.patch.set_visible(False)
    stream = StringIO()
    metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(stream, format="svg", metadata=metadata)
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    # The style would apply to the whole page, which defines it for figures.
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    for placeholder, page_color in PAGE_COLORS.items():
        svg = svg.replace(placeholder, page_color)
    svg = svg.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1)
    return Markup(svg)  # noqa: S704, since matplotlib escapes what it writes
