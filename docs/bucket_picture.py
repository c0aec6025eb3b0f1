"""Draw where the engine lays the tokens of a batch."""

from collections.abc import Sequence
from pathlib import Path

import numpy
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from spacy_lstm.modules.recurrent.buckets import Buckets, make_buckets

COLORS = "viridis"
PADDING = "#dddddd"
DIRECTIONS = ("left to right", "right to left")


def draw_buckets(lengths: Sequence[int], path: Path) -> None:
    """Draw a batch as it is padded to one length, and in buckets, in both directions.

    lengths (Sequence[int]): Number of tokens of each sequence.
    path (Path): Where to.
    """
    buckets = make_buckets(lengths, torch.device("cpu"))
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    padded, *others = figure.subplots(1, 3, sharex=True, sharey=True)
    draw_padded(padded, sorted(lengths, reverse=True))
    for direction, axes in enumerate(others):
        draw_rows(axes, number_tokens(buckets, direction, lengths))
        axes.set_title(f"In buckets, {DIRECTIONS[direction]}")
    padded.set_ylabel("sequences, longest first")
    padded.set_xlim(-0.5, max(lengths) + 0.5)
    padded.set_ylim(len(lengths) + 0.5, -0.5)
    for axes in figure.axes:
        axes.set_xlabel("step")
        axes.title.set_fontsize("medium")
    scale = figure.colorbar(padded.collections[0], ax=others, pad=0.02)
    scale.set_label("number of the token")
    figure.savefig(path, dpi=110)


def number_tokens(
    buckets: Buckets, direction: int, lengths: Sequence[int]
) -> list[numpy.ndarray]:
    """Say which token stands where.

    buckets (Buckets): The arrangement.
    direction (int): 0 from left to right, 1 from right to left.
    lengths (Sequence[int]): Number of tokens of each sequence.
    RETURNS (list[numpy.ndarray]): For each bucket numbers of tokens in their sequence,
        from 0; not a number where there is padding. *Shape:* (steps, sequences)
    """
    positions = buckets.positions[direction].numpy()
    starts = numpy.repeat(numpy.cumsum([0, *lengths[:-1]]), lengths)
    numbers = (positions - starts[positions]).astype(float)
    is_token = numpy.zeros(len(numbers), dtype=bool)
    is_token[buckets.rows[direction].numpy()] = True
    numbers[~is_token] = numpy.nan
    ends = numpy.cumsum([steps * width for steps, width in buckets.shapes])
    return [
        part.reshape(shape)
        for part, shape in zip(
            numpy.split(numbers, ends[:-1]), buckets.shapes, strict=True
        )
    ]


def draw_padded(axes: Axes, lengths: Sequence[int]) -> None:
    numbers = numpy.full((lengths[0], len(lengths)), numpy.nan)
    for column, length in enumerate(lengths):
        numbers[:length, column] = numpy.arange(length)
    draw_block(axes, numbers, first=0, longest=lengths[0])
    share = numpy.isnan(numbers).mean()
    axes.set_title(f"Padded to one length: {share:.0%} padding")


def draw_rows(axes: Axes, numbers: Sequence[numpy.ndarray]) -> None:
    first, longest = 0, sum(map(len, numbers))
    for block in numbers:
        draw_block(axes, block, first, longest)
        first += len(block)


def draw_block(axes: Axes, numbers: numpy.ndarray, first: int, longest: int) -> None:
    n_steps, n_sequences = numbers.shape
    axes.add_patch(Rectangle((first, 0), n_steps, n_sequences, facecolor=PADDING))
    axes.pcolormesh(
        numpy.arange(first, first + n_steps + 1),
        numpy.arange(n_sequences + 1),
        numpy.ma.masked_invalid(numbers.T),
        cmap=COLORS,
        vmin=0,
        vmax=longest,
        edgecolors="white",
        linewidth=0.2,
    )
    axes.add_patch(
        Rectangle((first, 0), n_steps, n_sequences, fill=False, edgecolor="black")
    )
