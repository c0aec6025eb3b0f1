"""Add the logits of a linear classifier to those of a network."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from spacy.tokens import Doc
from thinc.api import Model, torch2xp, xp2torch
from thinc.types import Floats2d

from ..modules.logit_weights import combine

NAME = "logit_sum"
DEFAULT_WEIGHTS = (0.5, 0.5)


def logit_sum(
    network: Model[list[Doc], Floats2d],
    linear: Model[list[Doc], Floats2d],
    exclusive: bool,
) -> Model[list[Doc], Floats2d]:
    """Add the weighted logits of a linear classifier to those of a network.

    They are added in prediction only. Training uses the logits of the network, so that
    the network learns independently of the classifier.

    network (Model[List[Doc], Floats2d]): The network, which is trained.
    linear (Model[List[Doc], Floats2d]): The linear classifier, which is fitted
        separately and may have fewer labels.
    exclusive (bool): Whether labels are mutually exclusive.
    RETURNS (Model[List[Doc], Floats2d]): The layer.
    """
    return Model(
        NAME,
        forward,
        init=init,
        layers=[network, linear],
        dims={"nO": None},
        attrs={
            "exclusive": exclusive,
            "weights": list(DEFAULT_WEIGHTS),
            "linear_labels": [],
            "adds_in_training": False,
        },
    )


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    network, linear = model.layers
    network.initialize(X=X, Y=Y)
    linear.initialize(X=X, Y=Y)
    set_linear_labels(model, [])
    if network.has_dim("nO"):
        model.set_dim("nO", network.get_dim("nO"))


def set_linear_labels(model: Model, labels: Sequence[int]) -> None:
    """Set the labels that the linear classifier was fitted to, and default weights.

    model (Model): The layer.
    labels (Sequence[int]): Indices of the labels; empty if it was not fitted.
    """
    model.attrs["linear_labels"] = list(labels)
    model.attrs["weights"] = list(DEFAULT_WEIGHTS) if labels else [1.0, 0.0]


def forward(
    model: Model, docs: list[Doc], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list]]:
    network, linear = model.layers
    Y, backprop_network = network(docs, is_train)
    if is_train and not model.attrs["adds_in_training"]:
        return Y, backprop_network
    if not model.attrs["linear_labels"]:
        weight = model.attrs["weights"][0]
        return Y * weight, lambda dY: backprop_network(dY * weight)
    L, backprop_linear = linear(docs, is_train)
    logits, scores = xp2torch(Y, requires_grad=is_train), xp2torch(L, is_train)
    added = combine_logits(model, logits, scores, model.attrs["weights"])

    def backprop(dY: Floats2d) -> list:
        added.backward(xp2torch(dY))
        if scores.grad is not None:
            backprop_linear(torch2xp(scores.grad, ops=model.ops))
        gradient = cast(torch.Tensor, logits.grad)
        return backprop_network(cast(Floats2d, torch2xp(gradient, ops=model.ops)))

    return cast(Floats2d, torch2xp(added.detach(), ops=model.ops)), backprop


def combine_logits(
    model: Model,
    logits: torch.Tensor,
    scores: torch.Tensor,
    weights: Sequence[float] | torch.Tensor,
) -> torch.Tensor:
    """Add the weighted logits of the network and the linear classifier.

    model (Model): The layer.
    logits (Tensor): Logits of the network. *Shape:* (n_docs, n_labels)
    scores (Tensor): Logits of the classifier. *Shape:* (n_docs, n_linear_labels)
    weights (Sequence[float] | Tensor): Weights of the network and the classifier.
    RETURNS (Tensor): *Shape:* (n_docs, n_labels)
    """
    labels, exclusive = model.attrs["linear_labels"], model.attrs["exclusive"]
    return combine(logits, scores, weights, labels, exclusive)
