"""Probabilities that are as high as what they are about is often right."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .crf import CRF

# Where all is right, no probability would be high enough.
LARGEST_LOGARITHM = 2.0


def fit_temperature(
    crf: CRF, emissions: Tensor, lengths: Sequence[int], known: Tensor
) -> float:
    """Find the temperature at which what is known is most likely.

    Of text that the network was not trained on, this lowers probabilities that are too
    high, as they are after long training (Guo et al. 2017).

    crf (CRF): The chain; it is not changed.
    emissions (Tensor): *Shape:* (n_tokens, n_tags)
    lengths (Sequence[int]): Number of tokens of each sequence.
    known (Tensor): Whether a token may have a tag, as far as is known.
        *Shape:* (n_tokens, n_tags)
    RETURNS (float): The temperature; 1 where nothing is known.
    """
    # Near the best temperature the loss hardly changes, by less than fp32 can tell.
    twice = torch.cat([emissions, emissions]).double()
    allowed = torch.cat([known, torch.ones_like(known)])
    logarithm = torch.zeros(
        (), dtype=torch.float, device=emissions.device, requires_grad=True
    )
    optimizer = torch.optim.LBFGS([logarithm], line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        temperature = bounded(logarithm)
        agreeing, anything = crf.log_partition(
            twice, [*lengths, *lengths], allowed, temperature
        ).split(len(lengths))
        is_valid = agreeing.isfinite()
        loss = (anything - agreeing)[is_valid].sum() / max(1, len(emissions))
        loss.backward(inputs=[logarithm])  # type: ignore[no-untyped-call]
        return loss

    with torch.enable_grad():
        optimizer.step(closure)  # type: ignore[no-untyped-call]
    return bounded(logarithm).item()


def bounded(logarithm: Tensor) -> Tensor:
    return logarithm.clamp(-LARGEST_LOGARITHM, LARGEST_LOGARITHM).exp()
