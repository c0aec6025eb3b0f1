"""The forward-backward algorithm (Rabiner 1989, section V).

The scores of each token are kept relative to the best one, so that they stay small and
fp32 stays accurate for sequences of any length.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .time_steps import TimeSteps

MAX_PAIRS = 2**22


class Potentials(NamedTuple):
    """The scores of a linear chain; -inf for tags and transitions that are not allowed.

    emissions (Tensor): *Shape:* (n_tokens, n_tags)
    transitions (Tensor): From the first tag to the second. *Shape:* (n_tags, n_tags)
    starts (Tensor): Of the first tag of a sequence. *Shape:* (n_tags,)
    ends (Tensor): Of the last tag of a sequence. *Shape:* (n_tags,)
    """

    emissions: Tensor
    transitions: Tensor
    starts: Tensor
    ends: Tensor


class ForwardBackward(NamedTuple):
    """The forward and backward scores of a batch.

    alpha (Tensor): Forward scores: log-sums over the paths that lead to each tag,
        including its emission. *Shape:* (n_tokens, n_tags)
    alpha_scales (Tensor): Subtracted from `alpha` at each token. *Shape:* (n_tokens,)
    beta (Tensor): Backward scores: log-sums over the paths that continue from each tag.
        *Shape:* (n_tokens, n_tags)
    beta_scales (Tensor): Subtracted from `beta` at each token. *Shape:* (n_tokens,)
    totals (Tensor): Log-sums of `alpha + beta` over the tags. Apart from the scales,
        the tokens of a sequence have the same total. *Shape:* (n_tokens,)
    """

    alpha: Tensor
    alpha_scales: Tensor
    beta: Tensor
    beta_scales: Tensor
    totals: Tensor


def forward_scores(
    potentials: Potentials, lengths: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Run the forward pass.

    potentials (Potentials): The scores of the chain.
    lengths (Sequence[int]): Number of tokens of each sequence.
    RETURNS (tuple[Tensor, Tensor]): `alpha` and `alpha_scales` of `ForwardBackward`.
    """
    steps = TimeSteps(lengths, potentials.emissions.device)
    if not steps.sizes:
        return potentials.emissions, potentials.emissions.new_zeros(0)
    transposed = potentials.transitions.T.contiguous()
    alphas: list[Tensor] = []
    scales: list[Tensor] = []
    for emissions in steps.split(potentials.emissions):
        if not alphas:
            incoming = potentials.starts
        else:
            previous = alphas[-1][: len(emissions), None, :]
            incoming = torch.logsumexp(previous + transposed, 2)
        alpha, scale = subtract_max(incoming + emissions)
        alphas.append(alpha)
        scales.append(scale)
    return steps.join(alphas), steps.join(scales)


def backward_scores(
    potentials: Potentials, lengths: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Run the backward pass.

    potentials (Potentials): The scores of the chain.
    lengths (Sequence[int]): Number of tokens of each sequence.
    RETURNS (tuple[Tensor, Tensor]): `beta` and `beta_scales` of `ForwardBackward`.
    """
    steps = TimeSteps(lengths, potentials.emissions.device, backwards=True)
    if not steps.sizes:
        return potentials.emissions, potentials.emissions.new_zeros(0)
    betas: list[Tensor] = []
    scales: list[Tensor] = []
    following = potentials.emissions.new_zeros(0)
    for emissions in steps.split(potentials.emissions):
        if not betas:
            beta = potentials.ends.expand_as(emissions)
        else:
            beta = torch.logsumexp(
                following[: len(emissions), None, :] + potentials.transitions, 2
            )
        beta, scale = subtract_max(beta)
        following = beta + emissions
        betas.append(beta)
        scales.append(scale)
    return steps.join(betas), steps.join(scales)


def subtract_max(scores: Tensor) -> tuple[Tensor, Tensor]:
    """Subtract the best score of each token, unless all of its scores are -inf."""
    scale = scores.amax(1)
    return scores - scale.clamp(min=torch.finfo(scale.dtype).min)[:, None], scale


def last_tokens(lengths: Sequence[int], device: torch.device) -> Tensor:
    """RETURNS (Tensor): The index of the last token of each non-empty sequence."""
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
    """RETURNS (Tensor): The index of each token's sequence. *Shape:* (n_tokens,)"""
    counts = torch.tensor(lengths, dtype=torch.long, device=device)
    return torch.arange(len(lengths), device=device).repeat_interleave(counts)


def forward_backward(potentials: Potentials, lengths: Sequence[int]) -> ForwardBackward:
    """Run the forward and the backward pass.

    potentials (Potentials): The scores of the chain.
    lengths (Sequence[int]): Number of tokens of each sequence.
    RETURNS (ForwardBackward): The forward and backward scores.
    """
    return add_backward(potentials, lengths, *forward_scores(potentials, lengths))


def add_backward(
    potentials: Potentials, lengths: Sequence[int], alpha: Tensor, alpha_scales: Tensor
) -> ForwardBackward:
    """Run the backward pass after the forward pass.

    potentials (Potentials): The scores of the chain.
    lengths (Sequence[int]): Number of tokens of each sequence.
    alpha (Tensor): The forward scores. *Shape:* (n_tokens, n_tags)
    alpha_scales (Tensor): Their scales. *Shape:* (n_tokens,)
    RETURNS (ForwardBackward): The forward and backward scores.
    """
    beta, beta_scales = backward_scores(potentials, lengths)
    totals = torch.logsumexp(alpha + beta, 1)
    return ForwardBackward(alpha, alpha_scales, beta, beta_scales, totals)


def is_run_start(ids: Tensor) -> Tensor:
    """RETURNS (Tensor): Whether each value is the first one or differs from the
    previous one. *Shape:* that of the values, (n,)
    """
    is_first = torch.ones_like(ids, dtype=torch.bool)
    is_first[1:] = ids[1:] != ids[:-1]
    return is_first


class LogPartition(torch.autograd.Function):
    """The log-partition function of each sequence.

    The gradients are the expected counts of all tags and transitions. A sequence
    without a valid path has a gradient of zero.
    """

    @staticmethod
    def forward(ctx: Any, lengths: Sequence[int], *scores: Tensor) -> Tensor:
        potentials = Potentials(*scores)
        alpha, scales = forward_scores(potentials, lengths)
        ctx.lengths = lengths
        ctx.save_for_backward(*potentials, alpha, scales)
        partition = sum_by_sequence(scales, lengths)
        last = last_tokens(lengths, alpha.device)
        sequences = sequence_of_tokens(lengths, alpha.device)[last]
        final = torch.logsumexp(alpha[last] + potentials.ends, 1)
        return partition.index_add(0, sequences, final.double())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        *scores, alpha, scales = ctx.saved_tensors
        potentials, lengths = Potentials(*scores), ctx.lengths
        sums = add_backward(potentials, lengths, alpha, scales)
        sequences = sequence_of_tokens(lengths, alpha.device)
        weights = gradient.to(alpha.dtype)[sequences]
        expected = tag_marginals(sums) * weights[:, None]
        last = last_tokens(lengths, alpha.device)
        is_first = is_run_start(sequences)
        return (
            None,
            expected,
            expected_transitions(potentials, sums, is_first, weights),
            expected[is_first].sum(0),
            expected[last].sum(0),
        )


def tag_marginals(sums: ForwardBackward) -> Tensor:
    """Compute the marginal probability of each tag of each token.

    sums (ForwardBackward): The forward and backward scores.
    RETURNS (Tensor): Zeros for sequences without a valid path.
        *Shape:* (n_tokens, n_tags)
    """
    return (sums.alpha + sums.beta - sums.totals[:, None]).exp().nan_to_num(0.0)


def expected_transitions(
    potentials: Potentials, sums: ForwardBackward, is_first: Tensor, weights: Tensor
) -> Tensor:
    """Compute the expected count of each transition.

    potentials (Potentials): The scores of the chain.
    sums (ForwardBackward): The forward and backward scores.
    is_first (Tensor): Whether a token is the first of its sequence.
        *Shape:* (n_tokens,)
    weights (Tensor): Weight of a transition to each token. *Shape:* (n_tokens,)
    RETURNS (Tensor): *Shape:* (n_tags, n_tags)
    """
    (second,) = (~is_first).nonzero(as_tuple=True)
    counts = torch.zeros_like(potentials.transitions)
    scales = (sums.alpha_scales + sums.totals)[:, None]
    outgoing = potentials.emissions + sums.beta - scales
    for tokens in second.split(max(1, MAX_PAIRS // counts.numel())):
        pairs = sums.alpha[tokens - 1, :, None] + outgoing[tokens, None, :]
        probabilities = (pairs + potentials.transitions).exp().nan_to_num(0.0)
        counts += torch.einsum("t,tij->ij", weights[tokens], probabilities)
    return counts
