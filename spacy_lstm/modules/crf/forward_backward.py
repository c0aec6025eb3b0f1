"""Sums over all paths of a linear chain: the forward-backward algorithm.

Scores are kept relative to the best of their token, so that they stay small, and fp32
exact enough, however long a sequence is. See Rabiner 1989, section V.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .time_steps import TimeSteps

MAX_PAIRS = 2**22


class Chain(NamedTuple):
    """The scores of a linear chain; a tag or transition without mass has -inf.

    emissions (Tensor): *Shape:* (n_tokens, n_tags)
    transitions (Tensor): From the first tag to the second. *Shape:* (n_tags, n_tags)
    starts (Tensor): Of the first tag of a sequence. *Shape:* (n_tags,)
    ends (Tensor): Of the last tag of a sequence. *Shape:* (n_tags,)
    """

    emissions: Tensor
    transitions: Tensor
    starts: Tensor
    ends: Tensor


class Paths(NamedTuple):
    """Sums over the paths that lead to a tag, and over those that go on from it.

    before (Tensor): Of all that leads to a tag of a token, its emission included.
        *Shape:* (n_tokens, n_tags)
    scales (Tensor): What `before` was lowered by at each token. *Shape:* (n_tokens,)
    after (Tensor): Of all that goes on from a tag. *Shape:* (n_tokens, n_tags)
    after_scales (Tensor): What `after` was lowered by. *Shape:* (n_tokens,)
    totals (Tensor): Of both, summed over the tags, which is the same at all tokens but
        for the scales. *Shape:* (n_tokens,)
    """

    before: Tensor
    scales: Tensor
    after: Tensor
    after_scales: Tensor
    totals: Tensor


def sum_before(chain: Chain, lengths: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Sum over the paths that lead to each tag.

    chain (Chain): The chain.
    lengths (Sequence[int]): Number of tokens of each sequence.
    RETURNS (tuple[Tensor, Tensor]): `before` and `scales` of `Paths`.
    """
    steps = TimeSteps(lengths, chain.emissions.device)
    if not steps.sizes:
        return chain.emissions, chain.emissions.new_zeros(0)
    into = chain.transitions.T.contiguous()
    sums: list[Tensor] = []
    scales: list[Tensor] = []
    for emissions in steps.split(chain.emissions):
        if not sums:
            leading = chain.starts
        else:
            previous = sums[-1][: len(emissions), None, :]
            leading = torch.logsumexp(previous + into, 2)
        total, scale = lower(leading + emissions)
        sums.append(total)
        scales.append(scale)
    return steps.join(sums), steps.join(scales)


def sum_after(chain: Chain, lengths: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Sum over the paths that go on from each tag.

    chain (Chain): The chain.
    lengths (Sequence[int]): Number of tokens of each sequence.
    RETURNS (tuple[Tensor, Tensor]): `after` and `after_scales` of `Paths`.
    """
    steps = TimeSteps(lengths, chain.emissions.device, backwards=True)
    if not steps.sizes:
        return chain.emissions, chain.emissions.new_zeros(0)
    sums: list[Tensor] = []
    scales: list[Tensor] = []
    following = chain.emissions.new_zeros(0)
    for emissions in steps.split(chain.emissions):
        if not sums:
            total = chain.ends.expand_as(emissions)
        else:
            total = torch.logsumexp(
                following[: len(emissions), None, :] + chain.transitions, 2
            )
        total, scale = lower(total)
        following = total + emissions
        sums.append(total)
        scales.append(scale)
    return steps.join(sums), steps.join(scales)


def lower(scores: Tensor) -> tuple[Tensor, Tensor]:
    """Subtract the best score of each token, but for tokens without any path."""
    scale = scores.amax(1)
    return scores - scale.clamp(min=torch.finfo(scale.dtype).min)[:, None], scale


def last_tokens(lengths: Sequence[int], device: torch.device) -> Tensor:
    """RETURNS (Tensor): The last token of each sequence that has any, in the batch."""
    counts = torch.tensor(lengths, dtype=torch.long, device=device)
    return (counts.cumsum(0) - 1)[counts > 0]


def sum_by_sequence(values: Tensor, lengths: Sequence[int]) -> Tensor:
    """Sum over the tokens of each sequence, in double precision.

    values (Tensor): *Shape:* (n_tokens,)
    lengths (Sequence[int]): Number of tokens of each sequence.
    RETURNS (Tensor): *Shape:* (n_sequences,)
    """
    sequences = sequence_of_tokens(lengths, values.device)
    sums = values.new_zeros(len(lengths), dtype=torch.float64)
    return sums.index_add(0, sequences, values.double())


def sequence_of_tokens(lengths: Sequence[int], device: torch.device) -> Tensor:
    """RETURNS (Tensor): The number of the sequence of each token."""
    counts = torch.tensor(lengths, dtype=torch.long, device=device)
    return torch.arange(len(lengths), device=device).repeat_interleave(counts)


def sum_paths(chain: Chain, lengths: Sequence[int]) -> Paths:
    """Sum over the paths in both directions.

    chain (Chain): The chain.
    lengths (Sequence[int]): Number of tokens of each sequence.
    RETURNS (Paths): The sums.
    """
    return complete(chain, lengths, *sum_before(chain, lengths))


def complete(
    chain: Chain, lengths: Sequence[int], before: Tensor, scales: Tensor
) -> Paths:
    """Add the sums that go on from each tag to those that lead to it.

    chain (Chain): The chain.
    lengths (Sequence[int]): Number of tokens of each sequence.
    before (Tensor): As in `Paths`. *Shape:* (n_tokens, n_tags)
    scales (Tensor): As in `Paths`. *Shape:* (n_tokens,)
    RETURNS (Paths): All sums.
    """
    after, after_scales = sum_after(chain, lengths)
    totals = torch.logsumexp(before + after, 1)
    return Paths(before, scales, after, after_scales, totals)


def starts_run(numbers: Tensor) -> Tensor:
    """RETURNS (Tensor): Whether a number is the first, or another than the one before.
    *Shape:* that of the numbers, (n,)
    """
    is_first = torch.ones_like(numbers, dtype=torch.bool)
    is_first[1:] = numbers[1:] != numbers[:-1]
    return is_first


class LogPartition(torch.autograd.Function):
    """The logarithm of the mass of all paths of each sequence.

    Its gradient is how often the model expects each tag and transition. That of a
    sequence without any path is zero.
    """

    @staticmethod
    def forward(ctx: Any, lengths: Sequence[int], *scores: Tensor) -> Tensor:
        chain = Chain(*scores)
        before, scales = sum_before(chain, lengths)
        ctx.lengths = lengths
        ctx.save_for_backward(*chain, before, scales)
        partition = sum_by_sequence(scales, lengths)
        last = last_tokens(lengths, before.device)
        sequences = sequence_of_tokens(lengths, before.device)[last]
        endings = torch.logsumexp(before[last] + chain.ends, 1)
        return partition.index_add(0, sequences, endings.double())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        *scores, before, scales = ctx.saved_tensors
        chain, lengths = Chain(*scores), ctx.lengths
        paths = complete(chain, lengths, before, scales)
        of_token = sequence_of_tokens(lengths, before.device)
        weights = gradient.to(before.dtype)[of_token]
        expected = tag_probabilities(paths) * weights[:, None]
        last = last_tokens(lengths, before.device)
        is_first = starts_run(of_token)
        return (
            None,
            expected,
            expect_transitions(chain, paths, is_first, weights),
            expected[is_first].sum(0),
            expected[last].sum(0),
        )


def tag_probabilities(paths: Paths) -> Tensor:
    """Find the probability of each tag of each token, over all paths.

    paths (Paths): Sums over the paths of a chain.
    RETURNS (Tensor): Zeros for a sequence without any path.
        *Shape:* (n_tokens, n_tags)
    """
    scores = paths.before + paths.after - paths.totals[:, None]
    return scores.exp().nan_to_num(0.0)


def expect_transitions(
    chain: Chain, paths: Paths, is_first: Tensor, weights: Tensor
) -> Tensor:
    """Count how often each transition is expected.

    chain (Chain): The chain.
    paths (Paths): Sums over its paths.
    is_first (Tensor): Whether a token is the first of its sequence.
        *Shape:* (n_tokens,)
    weights (Tensor): How much a transition to each token counts. *Shape:* (n_tokens,)
    RETURNS (Tensor): *Shape:* (n_tags, n_tags)
    """
    (second,) = (~is_first).nonzero(as_tuple=True)
    counts = torch.zeros_like(chain.transitions)
    onwards = chain.emissions + paths.after - (paths.scales + paths.totals)[:, None]
    for tokens in second.split(max(1, MAX_PAIRS // counts.numel())):
        pairs = paths.before[tokens - 1, :, None] + onwards[tokens, None, :]
        probabilities = (pairs + chain.transitions).exp().nan_to_num(0.0)
        counts += torch.einsum("t,tij->ij", weights[tokens], probabilities)
    return counts
