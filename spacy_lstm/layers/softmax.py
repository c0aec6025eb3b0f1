"""Softmax over the labels of each token."""

from collections.abc import Callable

from thinc.api import Model
from thinc.types import Floats2d

from .doc_views import DocViews, flatten


def softmax(normalize: bool) -> Model[list[Floats2d], list[Floats2d]]:
    """Make a layer that converts the logits of each token to probabilities.

    As in Thinc's `Softmax`, the incoming gradient is that of the logits: for
    cross-entropy, the difference between the probabilities and the gold labels.

    normalize (bool): Whether to normalize in prediction too. The most probable label
        also has the largest logit.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The layer.
    """
    return Model("softmax", forward, attrs={"softmax_normalize": normalize})


def forward(
    model: Model, Xs: list[Floats2d], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Floats2d]]]:
    if is_train or model.attrs["softmax_normalize"]:
        lengths = [len(X) for X in Xs]
        Xs = DocViews(model.ops.softmax(flatten(model, Xs)), lengths)
    return Xs, lambda dYs: dYs
