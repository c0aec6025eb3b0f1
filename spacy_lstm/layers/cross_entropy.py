"""Cross-entropy of categories, for soft, missing and weighted truths."""

from typing import Any

from thinc.types import Floats1d, Floats2d
from thinc.util import get_array_module

SMALLEST = 1e-12


def smooth(truths: Floats2d, label_smoothing: float, n_classes: int) -> Floats2d:
    """Move some of the truth of each class to the other ones.

    truths (Floats2d): Truths from 0 to 1. *Shape:* (n_docs, n_labels)
    label_smoothing (float): The part that is moved, as in spaCy's tagger.
    n_classes (int): Number of classes that share it: 2 where each label is a question
        of its own.
    RETURNS (Floats2d): *Shape:* (n_docs, n_labels)
    """
    others = (1 - truths) * label_smoothing / (n_classes - 1)
    return truths * (1 - label_smoothing) + others


def exclusive_cross_entropy(
    probabilities: Floats2d, truths: Floats2d, known: Floats2d, weights: Floats1d
) -> tuple[float, Floats2d]:
    """Cross-entropy where exactly one label of a document is right.

    The probability that is not assigned to known labels belongs to the missing labels
    together, with a weight of 1.

    probabilities (Floats2d): Those of the model. *Shape:* (n_docs, n_labels)
    truths (Floats2d): Truths from 0 to 1. *Shape:* (n_docs, n_labels)
    known (Floats2d): 1, or 0 where a truth is missing. *Shape:* (n_docs, n_labels)
    weights (Floats1d): Weight of each label's truth. *Shape:* (n_labels,)
    RETURNS (tuple[float, Floats2d]): The sum over the documents, and the gradient of
        the logits. *Shape:* (n_docs, n_labels)
    """
    xp = get_array_module(probabilities)
    is_annotated: Any = known.any(axis=1, keepdims=True)
    missing = probabilities * (1 - known)
    sum_of_missing = xp.maximum(missing.sum(axis=1, keepdims=True), SMALLEST)
    weighted = truths * known * weights
    rest = xp.maximum(1 - (truths * known).sum(axis=1, keepdims=True), 0)
    rest *= (known < 1).any(axis=1, keepdims=True) * is_annotated
    loss = -(weighted * xp.log(xp.maximum(probabilities, SMALLEST))).sum()
    loss -= (rest * xp.log(sum_of_missing)).sum()
    total = weighted.sum(axis=1, keepdims=True) + rest
    gradient = probabilities * total - weighted - missing * (rest / sum_of_missing)
    return float(loss), gradient


def binary_cross_entropy(
    probabilities: Floats2d, truths: Floats2d, known: Floats2d, weights: Floats1d
) -> tuple[float, Floats2d]:
    """Cross-entropy where each label is right or wrong by itself.

    Arguments and result are those of `exclusive_cross_entropy`; a weight says how much
    more a label's being right counts than its being wrong.
    """
    xp = get_array_module(probabilities)
    right = truths * weights
    wrong = 1 - truths
    losses = right * xp.log(xp.maximum(probabilities, SMALLEST))
    losses += wrong * xp.log(xp.maximum(1 - probabilities, SMALLEST))
    gradient = probabilities * (right + wrong) - right
    return -float((losses * known).sum()), gradient * known
