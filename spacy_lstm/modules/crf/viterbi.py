"""The best paths of a linear chain (Viterbi 1967), and the next best ones."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .forward_backward import Chain
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
    # So exact that sums need no scaling, however long a sequence is.
    emissions, transitions, starts, ends = (part.double() for part in chain)
    into = transitions.T.repeat_interleave(n_best, dim=1)
    no_way = starts.new_full((len(starts), n_best - 1), -torch.inf)
    leading = torch.cat([starts[:, None], no_way], 1)[None]
    ways: list[Tensor] = []
    origins: list[Tensor] = []
    for scores in steps.split(emissions[:, :, None]):
        if ways:
            candidates = ways[-1][: len(scores)].flatten(1)[:, None] + into
            leading, origin = largest(candidates, n_best)
            origins.append(origin)
        ways.append(leading + scores)
    best = starts.new_zeros(n_best, len(lengths))
    if not ways:
        return BestPaths(best.new_zeros(n_best, 0, dtype=torch.long), best)
    # The sequences that end last come first in each step.
    goes_on = [*steps.sizes[1:], 0]
    endings = [way[size:] for way, size in zip(ways, goes_on, strict=True)]
    final = torch.cat(endings[::-1]) + ends[:, None]
    final_scores, final_states = largest(final.flatten(1), n_best)
    states_of_steps = trace_back(origins, final_states, steps.sizes)
    tags = steps.join([states // n_best for states in states_of_steps])
    best[:, steps.sequences[: len(final)]] = final_scores.T
    return BestPaths(tags.T, best)


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

    origins (Sequence[Tensor]): The state before each state of a step, from the second
        step on. *Shape* of each: (n_active, n_tags, n_best)
    final_states (Tensor): Of each sequence. *Shape:* (n_sequences, n_best)
    sizes (Sequence[int]): Number of active sequences of each step.
    RETURNS (list[Tensor]): The states of each step. *Shape* of each:
        (n_active, n_best)
    """
    states = [final_states[: sizes[-1]]]
    for size, origin in zip(sizes[-2::-1], origins[::-1], strict=True):
        going_on = origin.flatten(1).gather(1, states[-1])
        states.append(torch.cat([going_on, final_states[len(going_on) : size]]))
    return states[::-1]
