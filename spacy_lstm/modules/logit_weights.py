"""Weights by which the logits of several classifiers are added up."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

# Without bounds, the weight of a perfect classifier would grow without limit, and that
# of a useless one would be 0, which makes all labels equally likely.
LARGEST_WEIGHT = 100.0
SMALLEST_WEIGHT = 0.01


# Finds the sum of the losses of logits, and its gradient with respect to them.
LogitObjective = Callable[[Tensor], tuple[float, Tensor]]


def combine(
    first: Tensor,
    second: Tensor,
    weights: Sequence[float] | Tensor,
    known: Sequence[int],
    exclusive: bool,
) -> Tensor:
    """Add up the weighted logits of two classifiers.

    Where labels exclude one another, the second classifier divides what the first one
    gives to the labels that both know; other labels keep the probability that the first
    one gives them. Where they don't, logits of other labels are those of the first one.

    first (Tensor): Logits of the first classifier. *Shape:* (n_docs, n_labels)
    second (Tensor): Logits of the second one. *Shape:* (n_docs, n_known)
    weights (Sequence[float] | Tensor): The weights of the two.
    known (Sequence[int]): Numbers of the labels that the second one knows.
    exclusive (bool): Whether labels exclude one another.
    RETURNS (Tensor): Logits. *Shape:* (n_docs, n_labels)
    """
    columns = torch.as_tensor(known, dtype=torch.long, device=first.device)
    own = first[:, columns]
    both = weights[0] * own + weights[1] * second
    if len(columns) == first.shape[1]:
        return both
    if exclusive:
        # Logits of exclusive labels may all be moved by the same number.
        both = both + own.logsumexp(1, True) - both.logsumexp(1, True)
    return first.index_copy(1, columns, both)


def fit_weights(
    add_up: Callable[[Tensor], Tensor],
    n_weights: int,
    objective: LogitObjective,
) -> list[float]:
    """Find the weights from 0.01 to 100 with the smallest loss.

    A weak prior, half of the squared difference from equal weights that add up to 1,
    decides where there are very few documents.

    add_up (Callable): Gives the sum of the logits for some weights.
    n_weights (int): Number of weights.
    objective (Callable): Finds the loss of logits, and its gradient.
    RETURNS (list[float]): The weights.
    """
    is_used = torch.ones(n_weights, dtype=torch.bool)
    while True:
        weights = fit_unbounded(add_up, is_used, objective)
        if not (weights < 0).any():
            return weights.clamp(SMALLEST_WEIGHT, LARGEST_WEIGHT).tolist()
        is_used &= weights > 0


def fit_unbounded(
    add_up: Callable[[Tensor], Tensor],
    is_used: Tensor,
    objective: LogitObjective,
) -> Tensor:
    weights = (is_used.double() / len(is_used)).requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=50, line_search_fn="strong_wolfe")

    def closure() -> float:
        loss, weights.grad = differentiate(add_up, weights, is_used, objective)
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return weights.detach() * is_used


def differentiate(
    add_up: Callable[[Tensor], Tensor],
    weights: Tensor,
    is_used: Tensor,
    objective: LogitObjective,
) -> tuple[float, Tensor]:
    """Find the mean loss of weights, with the prior, and its gradient."""
    with torch.enable_grad():
        leaf = weights.detach().requires_grad_()
        logits = add_up(leaf * is_used)
    loss, d_logits = objective(logits.detach())
    (gradient,) = torch.autograd.grad(logits, leaf, d_logits)
    difference = weights.detach() - is_used.double() / len(is_used)
    penalty = float(difference.square().sum()) / 2
    return (loss + penalty) / len(logits), (gradient + difference) / len(logits)
