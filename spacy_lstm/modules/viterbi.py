"""The best paths of a linear chain (Viterbi 1967), and the next best ones."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .forward_backward import Chain, lower, sum_by_sequence
from .time_steps import TimeSteps


class BestPaths(NamedTuple):
    """The best paths of each sequence, the best one first.

    tags (Tensor): *Shape:* (n_best, n_tokens)
    scores (Tensor): Of whole paths, in double precision; -inf where a sequence has
        fewer paths. *Shape:* (n_best, n_sequences)
    """

    tags: Tensor
    scores: Tensor


def find_best_paths(chain: Chain, lengths: Sequence[int], n_best: int = 1) -> BestPaths:
    """Find the best paths through each sequence.

    The `n_best` best ways to each tag of a token are kept (Seshadri & Sundberg 1994).
    Together, the ways to the tags of a token are its states.

    chain (Chain): The chain.
    lengths (Sequence[int]): Number of tokens of each sequence.
    n_best (int): How many paths.
    RETURNS (BestPaths): The paths.
    """
    steps = TimeSteps(lengths, chain.emissions.device)
    into = chain.transitions.T.repeat_interleave(n_best, dim=1)
    no_way = chain.starts.new_full((len(chain.starts), n_best - 1), -torch.inf)
    ways = torch.cat([chain.starts[:, None], no_way], 1)[None]
    origins: list[Tensor] = []
    scales: list[Tensor] = []
    endings: list[Tensor] = []
    for emissions in steps.split(chain.emissions):
        if origins:
            endings.append(ways[len(emissions) :])
            candidates = ways[: len(emissions)].flatten(1)[:, None] + into
            ways, origin = largest(candidates, n_best)
        else:
            origin = emissions.new_zeros(0)
        states, scale = lower((ways + emissions[:, :, None]).flatten(1))
        ways = states.unflatten(1, (-1, n_best))
        origins.append(origin)
        scales.append(scale)
    endings.append(ways)
    scores = chain.starts.new_zeros(n_best, len(lengths), dtype=torch.float64)
    if not scales:
        return BestPaths(scores.new_zeros(n_best, 0, dtype=torch.long), scores)
    # The sequences that end last come first in each step.
    final = torch.cat(endings[::-1]) + chain.ends[:, None]
    final_scores, final_states = largest(final.flatten(1), n_best)
    states_of_steps = trace_back(origins, final_states, steps.sizes)
    tags = steps.join([states // n_best for states in states_of_steps])
    scores[:, steps.sequences[: len(final)]] = final_scores.T.double()
    return BestPaths(tags.T, scores + sum_by_sequence(steps.join(scales), lengths))


def largest(values: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """RETURNS (tuple[Tensor, Tensor]): The `n` largest of the last dimension, sorted,
    and where they are.
    """
    if n == 1:
        value, place = values.max(-1, keepdim=True)
        return value, place
    values, places = values.topk(n, -1)
    return values, places


def trace_back(
    origins: Sequence[Tensor], final_states: Tensor, sizes: Sequence[int]
) -> list[Tensor]:
    """Follow paths from their last states to the first.

    origins (Sequence[Tensor]): The state before each state of a step. *Shape* of each
        but the first: (n_active, n_tags, n_best)
    final_states (Tensor): Of each sequence. *Shape:* (n_sequences, n_best)
    sizes (Sequence[int]): Number of active sequences of each step.
    RETURNS (list[Tensor]): The states of each step. *Shape* of each:
        (n_active, n_best)
    """
    states = [final_states[: sizes[-1]]]
    for size, origin in zip(sizes[-2::-1], origins[:0:-1], strict=True):
        going_on = origin.flatten(1).gather(1, states[-1])
        states.append(torch.cat([going_on, final_states[len(going_on) : size]]))
    return states[::-1]
