"""Softmax or logistic output layer."""

from collections.abc import Callable
from typing import Any

from thinc.api import Model
from thinc.types import Floats2d


def probabilities(exclusive: bool) -> Model[Floats2d, Floats2d]:
    """Make a layer that turns logits into probabilities.

    As in Thinc's `Softmax`, `backprop` expects the gradient of the logits: for
    cross-entropy, the predicted probability minus the gold one.

    In prediction, the logits are divided by the temperature in the attributes, which is
    1 until the model is calibrated.

    exclusive (bool): Whether the probabilities of a row sum to 1 (softmax) or are
        independent (logistic function).
    RETURNS (Model[Floats2d, Floats2d]): The layer.
    """
    attrs = {"exclusive": exclusive, "temperature": 1.0}
    return Model("probabilities", forward, init=init, attrs=attrs)


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    model.attrs["temperature"] = 1.0


def forward(
    model: Model[Floats2d, Floats2d], X: Floats2d, is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], Floats2d]]:
    if not is_train:
        X = X / model.attrs["temperature"]
    if model.attrs["exclusive"]:
        return model.ops.softmax(X), lambda dY: dY
    return model.ops.sigmoid(X), lambda dY: dY
