"""Overlapping windows of long sequences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import torch
from torch import Tensor


@dataclass(frozen=True)
class Windows:
    """A batch whose long sequences are split into windows.

    lengths (list[int]): Number of tokens of each window.
    totals (list[int]): Total number of tokens of each sequence's windows.
    positions (Tensor): The index in the batch of each token of the windows.
        *Shape:* (n_window_tokens,)
    rows (Tensor): The index in the windows of each token of the batch.
        *Shape:* (n_tokens,)
    """

    lengths: list[int]
    totals: list[int]
    positions: Tensor
    rows: Tensor


def make_windows(
    lengths: Sequence[int], window: int, overlap: int, device: torch.device
) -> Windows:
    """Split the sequences that are longer than a window.

    A token in two windows is read from the window whose middle is closer. The last
    window ends with the sequence, so its overlap may be larger.

    lengths (Sequence[int]): Number of tokens of each sequence.
    window (int): Number of tokens per window.
    overlap (int): Minimum number of tokens that adjacent windows share.
    device (torch.device): Device of the tokens.
    RETURNS (Windows): The windows.
    """
    windows: list[int] = []
    totals: list[int] = []
    positions = [numpy.empty(0, dtype=numpy.int64)]
    rows = [numpy.empty(0, dtype=numpy.int64)]
    offset = n_rows = 0
    for length in lengths:
        last = max(0, length - window)
        starts = [*range(0, last, window - overlap), last]
        ends = [min(start + window, length) for start in starts]
        middles = [
            start + (end - start) // 2
            for start, end in zip(starts[1:], ends[:-1], strict=True)
        ]
        for start, end, first, after in zip(
            starts, ends, [0, *middles], [*middles, length], strict=True
        ):
            positions.append(numpy.arange(start, end) + offset)
            rows.append(numpy.arange(first, after) - start + n_rows)
            windows.append(end - start)
            n_rows += end - start
        totals.append(n_rows - sum(totals))
        offset += length
    to_positions = torch.from_numpy(numpy.concatenate(positions)).to(device)
    to_rows = torch.from_numpy(numpy.concatenate(rows)).to(device)
    return Windows(windows, totals, to_positions, to_rows)
