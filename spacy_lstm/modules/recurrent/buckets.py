"""Cut a batch of sequences into buckets that leave little room for padding."""

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
    """Where the tokens of a batch lie in its buckets.

    A bucket is a run of time steps, with those sequences that reach it: the longest
    first, so that a bucket takes up the states of the first sequences of the one
    before. Its rows are laid out step by step. Padding stands only after the end of a
    sequence, in either direction, and can't reach a token of it.

    shapes (list[tuple[int, int]]): Steps and sequences of each bucket.
    positions (tuple[Tensor, Tensor]): For each row its token in the flat batch, read
        from left to right and from right to left. *Shape:* (n_rows,)
    rows (tuple[Tensor, Tensor]): For each token its row, in both directions.
        *Shape:* (n_tokens,)
    """

    shapes: list[tuple[int, int]]
    positions: tuple[Tensor, Tensor]
    rows: tuple[Tensor, Tensor]


def make_buckets(lengths: Sequence[int], device: torch.device) -> Buckets:
    """Arrange the sequences of a batch.

    lengths (Sequence[int]): Number of tokens of each sequence, not all of them 0.
    device (torch.device): Where the positions are needed.
    RETURNS (Buckets): The arrangement, which holds for every layer of a network.
    """
    counts = numpy.asarray(lengths, dtype=numpy.int64)
    starts = counts.cumsum() - counts
    order = numpy.argsort(-counts, kind="stable")
    first_steps, steps, widths = cut(counts).T
    sizes = steps * widths
    bucket = numpy.repeat(numpy.arange(len(sizes)), sizes)
    row = numpy.arange(sizes.sum())
    in_bucket = row - (sizes.cumsum() - sizes)[bucket]
    step = first_steps[bucket] + in_bucket // widths[bucket]
    sequence = order[in_bucket % widths[bucket]]
    start, last = starts[sequence], counts[sequence] - 1
    left_to_right = start + numpy.minimum(step, last)
    right_to_left = start + numpy.maximum(last - step, 0)
    real = numpy.flatnonzero(step <= last)

    def to_tensors(positions: numpy.ndarray) -> tuple[Tensor, Tensor]:
        rows = numpy.empty(counts.sum(), dtype=numpy.int64)
        rows[positions[real]] = real
        tensors = torch.from_numpy(positions), torch.from_numpy(rows)
        return tensors[0].to(device), tensors[1].to(device)

    left, right = to_tensors(left_to_right), to_tensors(right_to_left)
    shapes = list(zip(steps.tolist(), widths.tolist(), strict=True))
    return Buckets(shapes, (left[0], right[0]), (left[1], right[1]))


def cut(counts: numpy.ndarray) -> numpy.ndarray:
    """Decide where one bucket ends and the next begins.

    A bucket ends where a sequence ends, if to go on would make too much of it padding.
    One that would have too many rows is cut further, which bounds the memory that a
    network needs beside its inputs and outputs.

    counts (numpy.ndarray): Number of tokens of each sequence. *Shape:* (n_sequences,)
    RETURNS (numpy.ndarray): First step, steps and sequences of each bucket.
        *Shape:* (n_buckets, 3)
    """
    ends, n_ending = numpy.unique(counts[counts > 0], return_counts=True)
    buckets: list[tuple[int, int, int]] = []
    active = width = int(n_ending.sum())
    first = end = n_tokens = 0
    for next_end, n in zip(ends.tolist(), n_ending.tolist(), strict=True):
        more = active * (next_end - end)
        padding = width * (next_end - first) - n_tokens - more
        if padding > max(MIN_PADDING, MAX_PADDING * (n_tokens + more + padding)):
            buckets += split(first, end, width)
            first, width, n_tokens = end, active, 0
        n_tokens += more
        end = next_end
        active -= n
    return numpy.array(buckets + split(first, end, width))


def split(first: int, end: int, width: int) -> list[tuple[int, int, int]]:
    most = max(1, MAX_ROWS // width)
    return [(i, min(most, end - i), width) for i in range(first, end, most)]
