"""From the logits of tokens to probabilities."""

from collections.abc import Callable

from thinc.api import Model
from thinc.types import Floats2d

from .doc_views import DocViews, flatten


def softmax(normalize: bool) -> Model[list[Floats2d], list[Floats2d]]:
    """Turn the logits of each token into probabilities.

    As in Thinc's `Softmax`, the gradient that comes back is taken for that of the
    logits: for cross-entropy it is the difference of probability and truth.

    normalize (bool): Whether it does so in prediction too; the most probable label is
        also the one with the largest logit.
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
