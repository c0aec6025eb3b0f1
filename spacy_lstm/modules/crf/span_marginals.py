"""The probability of whole spans, over all paths of a linear chain."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .forward_backward import Chain, Paths, last_tokens, starts_run
from .tag_scheme import Entity, TagScheme


def span_log_probabilities(
    chain: Chain,
    paths: Paths,
    lengths: Sequence[int],
    spans: Sequence[Entity],
    scheme: TagScheme,
) -> Tensor:
    """Sum over all paths that hold exactly these entities.

    A path holds an entity if it has it from the first to the last token with its label,
    and no token more.

    chain (Chain): The chain.
    paths (Paths): Sums over its paths.
    lengths (Sequence[int]): Number of tokens of each sequence.
    spans (Sequence[tuple[int, int, int]]): First token and end in the flat batch, and
        label, of each span, not empty.
    scheme (TagScheme): How entities are spelled.
    RETURNS (Tensor): *Shape:* (n_spans,)
    """
    device = chain.emissions.device
    spelled = [scheme.tags(end - start, label) for start, end, label in spans]
    tokens, tags, of_span = (
        torch.tensor(column, dtype=torch.long, device=device)
        for column in (
            [token for start, end, _ in spans for token in range(start, end)],
            [tag for tags in spelled for tag in tags],
            [i for i, tags in enumerate(spelled) for _ in tags],
        )
    )
    is_first = starts_run(of_span)
    steps = chain.transitions[tags.roll(1), tags] + chain.emissions[tokens, tags]
    steps = steps - paths.scales[tokens]
    steps = torch.where(is_first, paths.before[tokens, tags], steps)
    inside = steps.new_zeros(len(spans)).index_add(0, of_span, steps)
    is_last = is_first.roll(-1)
    tokens, tags = tokens[is_last], tags[is_last]
    ends_with = torch.zeros(len(chain.emissions), dtype=torch.bool, device=device)
    ends_with[last_tokens(lengths, device)] = True
    going_on = (
        chain.transitions[tags]
        + (chain.emissions + paths.after)[(tokens + 1).clamp(max=len(ends_with) - 1)]
    )
    n_labels = scheme.n_labels(len(chain.starts))
    same_entity = scheme.continuing(n_labels).to(device)[tags]
    going_on = torch.logsumexp(going_on.masked_fill(same_entity, -torch.inf), 1)
    after = torch.where(ends_with[tokens], chain.ends[tags], going_on)
    return inside + after - paths.after_scales[tokens] - paths.totals[tokens]
