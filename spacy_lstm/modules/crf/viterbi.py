"""The Viterbi algorithm (Viterbi 1967) for one or several best paths."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .forward_backward import Potentials
from .time_steps import TimeSteps


class BestPaths(NamedTuple):
    """The best paths of each sequence, best first.

    tags (Tensor): *Shape:* (n_best, n_tokens)
    scores (Tensor): Scores of the paths, in double precision; -inf if a sequence has
        fewer paths. *Shape:* (n_best, n_sequences)
    """

    tags: Tensor
    scores: Tensor


def find_best_paths(
    potentials: Potentials, lengths: Sequence[int], n_best: int = 1
) -> BestPaths:
    """Find the best paths through each sequence.

    Each tag of a token keeps its `n_best` best partial paths (Seshadri & Sundberg
    1994). A state is one of them: a tag and a rank.

    potentials (Potentials): The scores of the chain.
    lengths (Sequence[int]): Number of tokens of each sequence.
    n_best (int): Number of paths.
    RETURNS (BestPaths): The paths.
    """
    steps = TimeSteps(lengths, potentials.emissions.device)
    # Double precision needs no scaling, even for long sequences.
    emissions, transitions, starts, ends = (part.double() for part in potentials)
    transposed = transitions.T.repeat_interleave(n_best, dim=1)
    unreachable = starts.new_full((len(starts), n_best - 1), -torch.inf)
    incoming = torch.cat([starts[:, None], unreachable], 1)[None]
    state_scores: list[Tensor] = []
    backpointers: list[Tensor] = []
    for scores in steps.split(emissions[:, :, None]):
        if state_scores:
            previous = state_scores[-1][: len(scores)].flatten(1)[:, None]
            incoming, backpointer = top_k(previous + transposed, n_best)
            backpointers.append(backpointer)
        state_scores.append(incoming + scores)
    best = starts.new_zeros(n_best, len(lengths))
    if not state_scores:
        return BestPaths(best.new_zeros(n_best, 0, dtype=torch.long), best)
    # Each step has the sequences that continue first, then those that end.
    n_continuing = [*steps.sizes[1:], 0]
    ending = [s[n:] for s, n in zip(state_scores, n_continuing, strict=True)]
    final = torch.cat(ending[::-1]) + ends[:, None]
    final_scores, final_states = top_k(final.flatten(1), n_best)
    states_of_steps = follow_backpointers(backpointers, final_states, steps.sizes)
    tags = steps.join([states // n_best for states in states_of_steps])
    best[:, steps.sequences[: len(final)]] = final_scores.T
    return BestPaths(tags.T, best)


def top_k(values: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """RETURNS (tuple[Tensor, Tensor]): The `k` largest values of the last dimension,
    sorted, and their indices.
    """
    if k == 1:
        value, index = values.max(-1, keepdim=True)
        return value, index
    top, indices = values.topk(k, -1)
    return top, indices


def follow_backpointers(
    backpointers: Sequence[Tensor], final_states: Tensor, sizes: Sequence[int]
) -> list[Tensor]:
    """Trace paths back from their last states to the first.

    backpointers (Sequence[Tensor]): The previous state of each state, from the second
        step on. *Shape* of each: (n_active, n_tags, n_best)
    final_states (Tensor): The last states. *Shape:* (n_sequences, n_best)
    sizes (Sequence[int]): Number of active sequences of each step.
    RETURNS (list[Tensor]): The states of each step. *Shape* of each:
        (n_active, n_best)
    """
    states = [final_states[: sizes[-1]]]
    for size, backpointer in zip(sizes[-2::-1], backpointers[::-1], strict=True):
        previous = backpointer.flatten(1).gather(1, states[-1])
        states.append(torch.cat([previous, final_states[len(previous) : size]]))
    return states[::-1]
