"""Cross-entropy with soft, missing and weighted gold labels."""

from typing import Any

from thinc.types import Floats1d, Floats2d
from thinc.util import get_array_module

EPSILON = 1e-12


def smooth(gold: Floats2d, label_smoothing: float, n_classes: int) -> Floats2d:
    """Smooth gold labels (Szegedy et al. 2016).

    gold (Floats2d): Gold labels from 0 to 1. *Shape:* (n_docs, n_labels)
    label_smoothing (float): Share of the gold probability given to the other classes,
        as in spaCy's tagger.
    n_classes (int): Number of classes; 2 for independent binary labels.
    RETURNS (Floats2d): *Shape:* (n_docs, n_labels)
    """
    others = (1 - gold) * label_smoothing / (n_classes - 1)
    return gold * (1 - label_smoothing) + others


def exclusive_cross_entropy(
    probabilities: Floats2d, gold: Floats2d, known: Floats2d, weights: Floats1d
) -> tuple[float, Floats2d]:
    """Compute the cross-entropy of mutually exclusive labels.

    The gold probability left over by the known labels belongs to the missing labels
    together, with a weight of 1.

    probabilities (Floats2d): The predictions. *Shape:* (n_docs, n_labels)
    gold (Floats2d): Gold labels from 0 to 1. *Shape:* (n_docs, n_labels)
    known (Floats2d): 0 for missing gold labels, else 1. *Shape:* (n_docs, n_labels)
    weights (Floats1d): The weight of each label. *Shape:* (n_labels,)
    RETURNS (tuple[float, Floats2d]): The sum over the documents, and the gradient of
        the logits. *Shape:* (n_docs, n_labels)
    """
    xp = get_array_module(probabilities)
    is_annotated: Any = known.any(axis=1, keepdims=True)
    missing = probabilities * (1 - known)
    missing_sum = xp.maximum(missing.sum(axis=1, keepdims=True), EPSILON)
    weighted = gold * known * weights
    rest = xp.maximum(1 - (gold * known).sum(axis=1, keepdims=True), 0)
    rest *= (known < 1).any(axis=1, keepdims=True) * is_annotated
    loss = -(weighted * xp.log(xp.maximum(probabilities, EPSILON))).sum()
    loss -= (rest * xp.log(missing_sum)).sum()
    total = weighted.sum(axis=1, keepdims=True) + rest
    gradient = probabilities * total - weighted - missing * (rest / missing_sum)
    return float(loss), gradient


def binary_cross_entropy(
    probabilities: Floats2d, gold: Floats2d, known: Floats2d, weights: Floats1d
) -> tuple[float, Floats2d]:
    """Compute the binary cross-entropy of independent labels.

    Arguments and result are those of `exclusive_cross_entropy`. Weights apply to
    positive labels only.
    """
    xp = get_array_module(probabilities)
    positive = gold * weights
    negative = 1 - gold
    losses = positive * xp.log(xp.maximum(probabilities, EPSILON))
    losses += negative * xp.log(xp.maximum(1 - probabilities, EPSILON))
    gradient = probabilities * (positive + negative) - positive
    return -float((losses * known).sum()), gradient * known
