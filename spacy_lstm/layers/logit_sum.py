"""Add the logits of a linear classifier to those of a network."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from spacy.tokens import Doc
from thinc.api import Model, torch2xp, xp2torch
from thinc.types import Floats2d

from ..modules.logit_weights import LogitObjective, combine, fit_weights

NAME = "logit_sum"
DEFAULT_WEIGHTS = (0.5, 0.5)


def logit_sum(
    network: Model[list[Doc], Floats2d],
    linear: Model[list[Doc], Floats2d],
    exclusive: bool,
) -> Model[list[Doc], Floats2d]:
    """Add the weighted logits of a linear classifier to those of a network.

    They are added in prediction alone: training sees the network's logits, so that the
    network learns as if it were alone.

    network (Model[List[Doc], Floats2d]): The network, which training changes.
    linear (Model[List[Doc], Floats2d]): The linear classifier, which is fitted by
        itself, and may know fewer labels.
    exclusive (bool): Whether labels exclude one another.
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
            "known": [],
            "adds_in_training": False,
        },
    )


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    network, linear = model.layers
    network.initialize(X=X, Y=Y)
    linear.initialize(X=X, Y=Y)
    set_known(model, [])
    if network.has_dim("nO"):
        model.set_dim("nO", network.get_dim("nO"))


def set_known(model: Model, known: Sequence[int]) -> None:
    """Say which labels the linear classifier was fitted to.

    model (Model): The layer, whose weights are set to what they are by default.
    known (Sequence[int]): Numbers of the labels; none where it was not fitted.
    """
    model.attrs["known"] = list(known)
    model.attrs["weights"] = list(DEFAULT_WEIGHTS) if known else [1.0, 0.0]


def forward(
    model: Model, docs: list[Doc], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list]]:
    network, linear = model.layers
    Y, backprop_network = network(docs, is_train)
    if is_train and not model.attrs["adds_in_training"]:
        return Y, backprop_network
    L, backprop_linear = linear(docs, is_train)
    logits, scores = xp2torch(Y, requires_grad=is_train), xp2torch(L, is_train)
    added = add_up(model, logits, scores, model.attrs["weights"])

    def backprop(dY: Floats2d) -> list:
        added.backward(xp2torch(dY))
        if scores.grad is not None:
            backprop_linear(torch2xp(scores.grad, ops=model.ops))
        gradient = cast(torch.Tensor, logits.grad)
        return backprop_network(cast(Floats2d, torch2xp(gradient, ops=model.ops)))

    return cast(Floats2d, torch2xp(added.detach(), ops=model.ops)), backprop


def add_up(
    model: Model,
    logits: torch.Tensor,
    scores: torch.Tensor,
    weights: Sequence[float] | torch.Tensor,
) -> torch.Tensor:
    known, exclusive = model.attrs["known"], model.attrs["exclusive"]
    return combine(logits, scores, weights, known, exclusive)


def calibrate(
    model: Model, logits: Floats2d, scores: Floats2d, objective: LogitObjective
) -> None:
    """Fit the weights of the two classifiers.

    model (Model): The layer.
    logits (Floats2d): What the network gives for documents that neither was fitted to.
        *Shape:* (n_docs, n_labels)
    scores (Floats2d): What the linear classifier gives. *Shape:* (n_docs, n_known)
    objective (Callable): Finds the loss of logits, and its gradient.
    """
    parts = xp2torch(logits).double(), xp2torch(scores).double()
    n_weights = 2 if model.attrs["known"] else 1
    weights = fit_weights(lambda w: add_up(model, *parts, w), n_weights, objective)
    model.attrs["weights"] = [*weights, 0.0][:2]
