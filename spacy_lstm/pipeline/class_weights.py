"""Weights of the classes in the loss."""

from collections.abc import Callable, Iterable
from math import inf

from spacy.training import Example

from ..errors import Errors
from ..models.checks import is_number
from .truths import read_truths

ClassWeights = str | dict[str, float] | None


def check_class_weights(name: str, class_weights: ClassWeights) -> None:
    """Check the setting of a component.

    name (str): Name of the component.
    class_weights (str | dict[str, float] | None): The setting.
    RAISES (ValueError): If it is another word than "balanced" or has a weight that is
        not above 0.
    """
    if isinstance(class_weights, dict):
        is_valid = all(
            is_number(weight) and 0 < weight < inf for weight in class_weights.values()
        )
    else:
        is_valid = class_weights in (None, "balanced")
    if not is_valid:
        raise ValueError(Errors.L028.format(name=name, value=class_weights))


def make_class_weights(
    class_weights: ClassWeights,
    get_examples: Callable[[], Iterable[Example]],
    labels: list[str],
    *,
    name: str,
    exclusive: bool,
) -> dict[str, float] | None:
    """Make the table of weights that a setting asks for.

    class_weights (str | dict[str, float] | None): The setting.
    get_examples (Callable): Returns the training examples.
    labels (list[str]): The labels of the component.
    name (str): Name of the component.
    exclusive (bool): Whether exactly one label is right.
    RETURNS (dict[str, float] | None): Weight of each label.
    RAISES (ValueError): If the setting names a label that the component doesn't have.
    """
    if class_weights == "balanced":
        return balanced_weights(get_examples(), labels, exclusive=exclusive)
    if not isinstance(class_weights, dict):
        return None
    for label in class_weights:
        if label not in labels:
            raise ValueError(
                Errors.L029.format(name=name, unknown=label, labels=labels)
            )
    return class_weights


def balanced_weights(
    examples: Iterable[Example], labels: list[str], *, exclusive: bool
) -> dict[str, float]:
    """Weigh labels so that rare ones count as much as frequent ones.

    examples (Iterable[Example]): The training examples.
    labels (list[str]): The labels of the component.
    exclusive (bool): Whether exactly one label is right. Then all truths together,
        divided by the number of labels, are divided by those of the label, as in
        scikit-learn (King & Zeng 2001). If not, a label's wrong truths are divided by
        its right ones.
    RETURNS (dict[str, float]): Weight of each label; 1 for one that is never right, or
        never wrong.
    """
    right = dict.fromkeys(labels, 0.0)
    wrong = dict.fromkeys(labels, 0.0)
    for example in examples:
        truths = read_truths(example.reference, labels, exclusive)
        for label, truth in truths.items():
            right[label] += truth
            wrong[label] += 1 - truth
    share = sum(right.values()) / len(labels)
    shares = dict.fromkeys(labels, share) if exclusive else wrong
    return {
        label: shares[label] / right[label] if shares[label] and right[label] else 1.0
        for label in labels
    }
