"""Buckets of time steps that minimize padding."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import torch
from torch import Tensor

MAX_PADDING = 0.05
MIN_PADDING = 64
MAX_ROWS = 2**15


@dataclass(frozen=True)
class Buckets:
    """The arrangement of a batch in buckets.

    A bucket is a range of time steps with the sequences that reach it, longest first.
    The sequences of a bucket are the first ones of the previous bucket, and continue
    from their states. The rows of a bucket are ordered by step. In either direction,
    padding only follows the end of a sequence, so it can't affect a token.

    shapes (list[tuple[int, int]]): Number of steps and sequences of each bucket.
    positions (tuple[Tensor, Tensor]): The token of each row, as an index in the flat
        batch, from left to right and from right to left. *Shape:* (n_rows,)
    rows (tuple[Tensor, Tensor]): The row of each token, in both directions.
        *Shape:* (n_tokens,)
    """

    shapes: list[tuple[int, int]]
    positions: tuple[Tensor, Tensor]
    rows: tuple[Tensor, Tensor]


def make_buckets(lengths: Sequence[int], device: torch.device) -> Buckets:
    """Arrange the sequences of a batch in buckets.

    lengths (Sequence[int]): Number of tokens of each sequence, not all of them 0.
    device (torch.device): Device of the indices.
    RETURNS (Buckets): The arrangement, for all layers of a network.
    """
    counts = numpy.asarray(lengths, dtype=numpy.int64)
    starts = counts.cumsum() - counts
    order = numpy.argsort(-counts, kind="stable")
    first_steps, steps, widths = split_steps(counts).T
    sizes = steps * widths
    bucket = numpy.repeat(numpy.arange(len(sizes)), sizes)
    row = numpy.arange(sizes.sum())
    in_bucket = row - (sizes.cumsum() - sizes)[bucket]
    step = first_steps[bucket] + in_bucket // widths[bucket]
    sequence = order[in_bucket % widths[bucket]]
    start, last = starts[sequence], counts[sequence] - 1
    left_to_right = start + numpy.minimum(step, last)
    right_to_left = start + numpy.maximum(last - step, 0)
    token_rows = numpy.flatnonzero(step <= last)

    def to_tensors(positions: numpy.ndarray) -> tuple[Tensor, Tensor]:
        rows = numpy.empty(counts.sum(), dtype=numpy.int64)
        rows[positions[token_rows]] = token_rows
        tensors = torch.from_numpy(positions), torch.from_numpy(rows)
        return tensors[0].to(device), tensors[1].to(device)

    left, right = to_tensors(left_to_right), to_tensors(right_to_left)
    shapes = list(zip(steps.tolist(), widths.tolist(), strict=True))
    return Buckets(shapes, (left[0], right[0]), (left[1], right[1]))


def split_steps(counts: numpy.ndarray) -> numpy.ndarray:
    """Split the time steps of a batch into buckets.

    A bucket ends at the end of a sequence if too much of a longer bucket would be
    padding. Buckets with too many rows are split further, which bounds the memory
    beyond the inputs and outputs of a network.

    counts (numpy.ndarray): Number of tokens of each sequence. *Shape:* (n_sequences,)
    RETURNS (numpy.ndarray): First step, number of steps and number of sequences of each
        bucket. *Shape:* (n_buckets, 3)
    """
    ends, n_ending = numpy.unique(counts[counts > 0], return_counts=True)
    buckets: list[tuple[int, int, int]] = []
    active = width = int(n_ending.sum())
    first = end = n_tokens = 0
    for next_end, n in zip(ends.tolist(), n_ending.tolist(), strict=True):
        more = active * (next_end - end)
        padding = width * (next_end - first) - n_tokens - more
        if padding > max(MIN_PADDING, MAX_PADDING * (n_tokens + more + padding)):
            buckets += split_rows(first, end, width)
            first, width, n_tokens = end, active, 0
        n_tokens += more
        end = next_end
        active -= n
    return numpy.array(buckets + split_rows(first, end, width))


def split_rows(first: int, end: int, width: int) -> list[tuple[int, int, int]]:
    n_steps = max(1, MAX_ROWS // width)
    return [(i, min(n_steps, end - i), width) for i in range(first, end, n_steps)]
