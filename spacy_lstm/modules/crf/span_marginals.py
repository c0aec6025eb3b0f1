"""Marginal probabilities of whole spans."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .forward_backward import ForwardBackward, Potentials, is_run_start, last_tokens
from .tag_scheme import Entity, TagScheme


def span_log_marginals(
    potentials: Potentials,
    sums: ForwardBackward,
    lengths: Sequence[int],
    spans: Sequence[Entity],
    scheme: TagScheme,
) -> Tensor:
    """Compute the marginal log-probability of each entity.

    It sums over all paths in which the entity has exactly this start, end and label.

    potentials (Potentials): The scores of the chain.
    sums (ForwardBackward): The forward and backward scores.
    lengths (Sequence[int]): Number of tokens of each sequence.
    spans (Sequence[tuple[int, int, int]]): Start and end in the flat batch, and label,
        of each span. Spans can't be empty.
    scheme (TagScheme): The tag scheme.
    RETURNS (Tensor): *Shape:* (n_spans,)
    """
    device = potentials.emissions.device
    span_tags = [scheme.tags(end - start, label) for start, end, label in spans]
    tokens, tags, span_ids = (
        torch.tensor(column, dtype=torch.long, device=device)
        for column in (
            [token for start, end, _ in spans for token in range(start, end)],
            [tag for tags in span_tags for tag in tags],
            [i for i, tags in enumerate(span_tags) for _ in tags],
        )
    )
    is_first = is_run_start(span_ids)
    transitions, emissions = potentials.transitions, potentials.emissions
    scores = transitions[tags.roll(1), tags] + emissions[tokens, tags]
    scores = scores - sums.alpha_scales[tokens]
    scores = torch.where(is_first, sums.alpha[tokens, tags], scores)
    inside = scores.new_zeros(len(spans)).index_add(0, span_ids, scores)
    is_last = is_first.roll(-1)
    tokens, tags = tokens[is_last], tags[is_last]
    ends_sequence = torch.zeros(len(emissions), dtype=torch.bool, device=device)
    ends_sequence[last_tokens(lengths, device)] = True
    next_tokens = (tokens + 1).clamp(max=len(emissions) - 1)
    outgoing = transitions[tags] + (emissions + sums.beta)[next_tokens]
    n_labels = scheme.n_labels(len(potentials.starts))
    continues = scheme.inside_transitions(n_labels).to(device)[tags]
    outgoing = torch.logsumexp(outgoing.masked_fill(continues, -torch.inf), 1)
    after = torch.where(ends_sequence[tokens], potentials.ends[tags], outgoing)
    return inside + after - sums.beta_scales[tokens] - sums.totals[tokens]
