"""Temperature scaling (Guo et al. 2017)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .crf import CRF

# If every prediction is correct, the best temperature is 0.
MAX_LOG_TEMPERATURE = 2.0


def fit_temperature(
    crf: CRF, emissions: Tensor, lengths: Sequence[int], gold_mask: Tensor
) -> float:
    """Find the temperature that maximizes the likelihood of the annotation.

    On text that the network was not trained on, this corrects overconfident
    probabilities (Guo et al. 2017).

    crf (CRF): The CRF; it is not changed.
    emissions (Tensor): *Shape:* (n_tokens, n_tags)
    lengths (Sequence[int]): Number of tokens of each sequence.
    gold_mask (Tensor): Mask of the tags that agree with the annotation.
        *Shape:* (n_tokens, n_tags)
    RETURNS (float): The temperature; 1 without any annotation.
    """
    # Near the optimum, the loss changes by less than fp32 can resolve.
    twice = torch.cat([emissions, emissions]).double()
    allowed = torch.cat([gold_mask, torch.ones_like(gold_mask)])
    log_temperature = torch.zeros(
        (), dtype=torch.float, device=emissions.device, requires_grad=True
    )
    optimizer = torch.optim.LBFGS([log_temperature], line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        temperature = clamped_exp(log_temperature)
        gold, total = crf.log_partition(
            twice, [*lengths, *lengths], allowed, temperature
        ).split(len(lengths))
        is_valid = gold.isfinite()
        loss = (total - gold)[is_valid].sum() / max(1, len(emissions))
        loss.backward(inputs=[log_temperature])  # type: ignore[no-untyped-call]
        return loss

    with torch.enable_grad():
        optimizer.step(closure)  # type: ignore[no-untyped-call]
    return clamped_exp(log_temperature).item()


def clamped_exp(logarithm: Tensor) -> Tensor:
    return logarithm.clamp(-MAX_LOG_TEMPERATURE, MAX_LOG_TEMPERATURE).exp()
