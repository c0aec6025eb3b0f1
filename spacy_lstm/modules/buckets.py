"""Cut a batch of sequences into buckets of similar length."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

MAX_PADDING = 0.2
MIN_SEQUENCES = 8
SMALL_BUCKET = 4096


@dataclass(frozen=True)
class Bucket:
    """Where the tokens of some sequences of similar length lie in the flat batch.

    Both arrays have the *shape* (longest, n_sequences). A column that ends early
    repeats its last entry.

    left_to_right (Tensor): Positions of the tokens in reading order.
    right_to_left (Tensor): Positions of the tokens from the last to the first.
    """

    left_to_right: Tensor
    right_to_left: Tensor


@dataclass(frozen=True)
class Buckets:
    """A whole batch in buckets, and the way back to the flat order of its tokens.

    buckets (list[Bucket]): The buckets, longest sequences first.
    from_left (Tensor): For each token its row in the joined, flattened outputs of
        the buckets read left to right. *Shape:* (n_tokens,)
    from_right (Tensor): The same for the buckets read right to left.
        *Shape:* (n_tokens,)
    """

    buckets: list[Bucket]
    from_left: Tensor
    from_right: Tensor


def make_buckets(lengths: Sequence[int], device: torch.device) -> Buckets:
    """Arrange the sequences of a batch so that little of each bucket is padding.

    Since padding stands only after the end of a sequence, in either direction, it
    can't reach a token of it.

    lengths (Sequence[int]): Number of tokens of each sequence; zeros are skipped.
    device (torch.device): Where the positions are needed.
    RETURNS (Buckets): The arrangement, which holds for every layer of a network.
    """
    all_lengths = torch.as_tensor(lengths, dtype=torch.long)
    starts = all_lengths.cumsum(0) - all_lengths
    order = all_lengths.argsort(descending=True, stable=True)
    order = order[all_lengths[order] > 0]
    n_tokens = int(all_lengths.sum())
    from_left = torch.empty(n_tokens, dtype=torch.long)
    from_right = torch.empty(n_tokens, dtype=torch.long)
    buckets = []
    offset = 0
    for first, end in cut(all_lengths[order].tolist()):
        members = order[first:end]
        last = all_lengths[members] - 1
        steps = torch.arange(int(last[0]) + 1).unsqueeze(1)
        left_to_right = starts[members] + torch.minimum(steps, last)
        right_to_left = starts[members] + (last - steps).clamp(min=0)
        is_token = steps <= last
        rows = torch.arange(is_token.numel()).view_as(is_token)[is_token] + offset
        from_left[left_to_right[is_token]] = rows
        from_right[right_to_left[is_token]] = rows
        buckets.append(Bucket(left_to_right.to(device), right_to_left.to(device)))
        offset += is_token.numel()
    return Buckets(buckets, from_left.to(device), from_right.to(device))


def cut(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Decide where one bucket ends and the next begins.

    A bucket ends where one more sequence would make too much of it padding, unless
    it is still small: few sequences and few tokens.

    lengths (Sequence[int]): Positive lengths, longest first.
    RETURNS (list[tuple[int, int]]): First index and end of each bucket.
    """
    cuts = []
    first, n_tokens = 0, 0
    for i, length in enumerate(lengths):
        n_sequences = i + 1 - first
        padded = n_sequences * lengths[first]
        is_small = n_sequences <= MIN_SEQUENCES and padded <= SMALL_BUCKET
        padding = padded - n_tokens - length
        if padding > MAX_PADDING * padded and not is_small:
            cuts.append((first, i))
            first, n_tokens = i, 0
        n_tokens += length
    if lengths:
        cuts.append((first, len(lengths)))
    return cuts
