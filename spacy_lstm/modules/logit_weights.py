"""Weights for the sum of the logits of several classifiers."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

# Without bounds, the weight of a perfect classifier would grow forever, and that of a
# useless one would be 0, which makes all labels equally likely.
MAX_WEIGHT = 100.0
MIN_WEIGHT = 0.01


# Computes the summed loss of logits, and its gradient with respect to them.
LogitObjective = Callable[[Tensor], tuple[float, Tensor]]


def combine(
    first: Tensor,
    second: Tensor,
    weights: Sequence[float] | Tensor,
    known: Sequence[int],
    exclusive: bool,
) -> Tensor:
    """Sum the weighted logits of two classifiers.

    If the second classifier lacks labels, those keep the first classifier's probability
    (exclusive labels) or logit (otherwise).

    first (Tensor): Logits of the first classifier. *Shape:* (n_docs, n_labels)
    second (Tensor): Logits of the second one. *Shape:* (n_docs, n_known)
    weights (Sequence[float] | Tensor): The weights of the two.
    known (Sequence[int]): Indices of the second one's labels.
    exclusive (bool): Whether the labels are mutually exclusive.
    RETURNS (Tensor): Logits. *Shape:* (n_docs, n_labels)
    """
    columns = torch.as_tensor(known, dtype=torch.long, device=first.device)
    own = first[:, columns]
    combined = weights[0] * own + weights[1] * second
    if len(columns) == first.shape[1]:
        return combined
    if exclusive:
        # Adding a constant to the logits of exclusive labels keeps their ratios.
        combined = combined + own.logsumexp(1, True) - combined.logsumexp(1, True)
    return first.index_copy(1, columns, combined)


def fit_weights(
    sum_logits: Callable[[Tensor], Tensor],
    n_weights: int,
    objective: LogitObjective,
) -> list[float]:
    """Find the weights from 0.01 to 100 that minimize the loss.

    With very few documents, a weak prior dominates: half of the squared distance from
    equal weights that sum to 1.

    sum_logits (Callable): Computes the weighted sum of the logits.
    n_weights (int): Number of weights.
    objective (Callable): Computes the loss of logits, and its gradient.
    RETURNS (list[float]): The weights.
    """
    is_used = torch.ones(n_weights, dtype=torch.bool)
    while True:
        weights = fit_unbounded(sum_logits, is_used, objective)
        if not (weights < 0).any():
            return weights.clamp(MIN_WEIGHT, MAX_WEIGHT).tolist()
        is_used &= weights > 0


def fit_unbounded(
    sum_logits: Callable[[Tensor], Tensor],
    is_used: Tensor,
    objective: LogitObjective,
) -> Tensor:
    weights = (is_used.double() / len(is_used)).requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=50, line_search_fn="strong_wolfe")

    def closure() -> float:
        loss, weights.grad = differentiate(sum_logits, weights, is_used, objective)
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return weights.detach() * is_used


def differentiate(
    sum_logits: Callable[[Tensor], Tensor],
    weights: Tensor,
    is_used: Tensor,
    objective: LogitObjective,
) -> tuple[float, Tensor]:
    """Compute the mean loss of the weights, including the prior, and its gradient."""
    with torch.enable_grad():
        leaf = weights.detach().requires_grad_()
        logits = sum_logits(leaf * is_used)
    loss, d_logits = objective(logits.detach())
    (gradient,) = torch.autograd.grad(logits, leaf, d_logits)
    difference = weights.detach() - is_used.double() / len(is_used)
    penalty = float(difference.square().sum()) / 2
    return (loss + penalty) / len(logits), (gradient + difference) / len(logits)
