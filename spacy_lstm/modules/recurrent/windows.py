"""Cut long sequences into overlapping windows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import torch
from torch import Tensor


@dataclass(frozen=True)
class Windows:
    """A batch whose long sequences are cut.

    lengths (list[int]): Number of tokens of each window.
    totals (list[int]): Number of tokens of all windows of each sequence.
    positions (Tensor): For each token of the windows the one of the batch that it is.
        *Shape:* (n_window_tokens,)
    rows (Tensor): For each token of the batch the one of a window that stands for it.
        *Shape:* (n_tokens,)
    """

    lengths: list[int]
    totals: list[int]
    positions: Tensor
    rows: Tensor


def make_windows(
    lengths: Sequence[int], window: int, overlap: int, device: torch.device
) -> Windows:
    """Cut each sequence that is longer than a window.

    A token that two windows hold is taken from the one to whose middle it is nearer.
    The last window ends with the sequence, and overlaps more.

    lengths (Sequence[int]): Number of tokens of each sequence.
    window (int): Tokens of a window.
    overlap (int): Tokens that a window has in common with the next one, at least.
    device (torch.device): Where the tokens are.
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
