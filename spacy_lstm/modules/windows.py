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
    positions (Tensor): For each token of the windows the one of the batch that it is.
        *Shape:* (n_window_tokens,)
    rows (Tensor): For each token of the batch the one of a window that stands for it.
        *Shape:* (n_tokens,)
    """

    lengths: list[int]
    positions: Tensor
    rows: Tensor


def make_windows(
    lengths: Sequence[int], window: int, overlap: int, device: torch.device
) -> Windows:
    """Cut each sequence that is longer than a window.

    A token that two windows hold is taken from the one to whose middle it is nearer.

    lengths (Sequence[int]): Number of tokens of each sequence.
    window (int): Tokens of a window.
    overlap (int): Tokens that a window has in common with the next one.
    device (torch.device): Where the tokens are.
    RETURNS (Windows): The windows.
    """
    new_lengths: list[int] = []
    positions = [numpy.empty(0, dtype=numpy.int64)]
    rows = [numpy.empty(0, dtype=numpy.int64)]
    offset = n_rows = 0
    for length in lengths:
        last = max(0, length - overlap)
        starts = range(0, last, window - overlap) if length > window else range(1)
        for start in starts:
            end = min(start + window, length)
            is_first, is_last = start == starts[0], start == starts[-1]
            first_taken = start if is_first else start + overlap // 2
            end_taken = end if is_last else end - overlap + overlap // 2
            positions.append(numpy.arange(start, end) + offset)
            rows.append(numpy.arange(first_taken, end_taken) - start + n_rows)
            new_lengths.append(end - start)
            n_rows += end - start
        offset += length
    to_rows = torch.from_numpy(numpy.concatenate(rows)).to(device)
    to_positions = torch.from_numpy(numpy.concatenate(positions)).to(device)
    return Windows(new_lengths, to_positions, to_rows)
