"""Targets of text classification: gold categories and the weights of classes."""

import warnings
from collections.abc import Callable, Collection, Iterable
from math import inf
from numbers import Real
from typing import Any, NoReturn

import numpy
from spacy.tokens import Doc
from spacy.training import Example

from ..errors import Errors, Warnings
from ..models.checks import is_number

ClassWeights = str | dict[str, float] | None

N_CHARACTERS = 80
# Values such as 0.1 don't add up exactly.
TOLERANCE = 1e-6


def check_gold_cats(
    name: str,
    examples: Iterable[Example],
    exclusive: bool,
    labels: Collection[str] | None = None,
) -> None:
    """Check that gold values in `doc.cats` are numbers from 0 to 1.

    name (str): Name of the component.
    examples (Iterable[Example]): The examples.
    exclusive (bool): Whether exactly one label is right.
    labels (Collection[str] | None): The labels of the component, where others may be
        annotated too; None for all.
    RAISES (ValueError): If one is not, or if those of exclusive labels add up to more
        than 1.
    """
    for example in examples:
        cats = own_cats(example.reference, labels)
        for label, value in cats.items():
            is_real = isinstance(value, Real | numpy.bool_)
            if not is_real or not 0 <= value <= 1:
                refuse(Errors.L022, name, example, label=label, value=value)
        if exclusive and sum(cats.values()) > 1 + TOLERANCE:
            refuse(Errors.L023, name, example, cats=cats)


def own_cats(doc: Doc, labels: Collection[str] | None) -> dict[str, float]:
    """Select the categories of a document that are labels of a component.

    doc (Doc): The document.
    labels (Collection[str] | None): The labels; None for all.
    RETURNS (dict[str, float]): The categories.
    """
    cats = doc.cats
    if labels is None:
        return cats
    return {label: cats[label] for label in labels if label in cats}


def require_annotation(
    name: str, examples: Iterable[Example], labels: Collection[str], exclusive: bool
) -> None:
    """Check that some example is annotated with labels of a component.

    Warns of examples that are not, which are skipped, and of labels that can't be
    learned.

    name (str): Name of the component.
    examples (Iterable[Example]): The examples.
    labels (Collection[str]): The labels.
    exclusive (bool): Whether exactly one label is right.
    RAISES (ValueError): If there is none.
    """
    n_examples = n_skipped = 0
    found: set[str] = set()
    right, wrong = set[str](), set[str]()
    for example in examples:
        gold = read_gold_cats(example.reference, labels, exclusive)
        found.update(example.reference.cats)
        n_examples += 1
        n_skipped += not gold
        right.update(label for label, value in gold.items() if value > 0)
        wrong.update(label for label, value in gold.items() if value < 1)
    if n_skipped == n_examples:
        message = Errors.L114.format(
            name=name, labels=list(labels), found=sorted(found)
        )
        raise ValueError(message)
    if n_skipped:
        warn(Warnings.W005, name=name, n_skipped=n_skipped, n_examples=n_examples)
    never_right = [label for label in labels if label not in right]
    if never_right:
        warn(Warnings.W007, name=name, labels=never_right, found=sorted(found))
    never_wrong = [label for label in labels if label in right - wrong]
    if never_wrong and not exclusive:
        warn(Warnings.W008, name=name, labels=never_wrong)


def warn(message: str, **values: Any) -> None:
    warnings.warn(message.format(**values), stacklevel=3)


def refuse(message: str, name: str, example: Example, **values: Any) -> NoReturn:
    text = example.reference.text[:N_CHARACTERS]
    raise ValueError(message.format(name=name, text=text, **values))


def read_gold_cats(
    doc: Doc, labels: Collection[str], exclusive: bool
) -> dict[str, float]:
    """Read the gold values of a component's labels, including implied ones.

    If the values of exclusive labels add up to 1, missing labels are 0. If a single
    label is missing, its value is the rest to 1.

    doc (Doc): The annotated document.
    labels (Collection[str]): The labels.
    exclusive (bool): Whether exactly one label is right.
    RETURNS (dict[str, float]): The gold values by label, without unknown ones.
    """
    cats = {label: float(value) for label, value in own_cats(doc, labels).items()}
    if not exclusive or not cats:
        return cats
    missing = [label for label in labels if label not in cats]
    rest = 1 - sum(cats.values())
    if rest > TOLERANCE and len(missing) > 1:
        return cats
    implied = rest if rest > TOLERANCE else 0.0
    return {**cats, **dict.fromkeys(missing, implied)}


def round_gold_cats(
    example: Example, exclusive: bool, labels: Collection[str]
) -> Example:
    """Round soft gold values to 0 or 1 for the scorer.

    example (Example): The example, which is not changed.
    exclusive (bool): Whether exactly one label is right: the one with the largest
        value, unless missing labels share more than that. Otherwise, labels are right
        from 0.5 on.
    labels (Collection[str]): The labels of the component; other labels don't change.
    RETURNS (Example): The same example if all labels are given and none is soft, a new
        one otherwise.
    """
    cats = read_gold_cats(example.reference, labels, exclusive)
    is_hard = all(value in (0, 1) for value in cats.values())
    if is_hard and cats.keys() <= example.reference.cats.keys():
        return example
    largest = max(cats, key=lambda label: cats[label])
    left_for_missing = 1 - sum(cats.values())
    reference = example.reference.copy()
    for label, value in cats.items():
        reference.cats[label] = float(
            label == largest and value >= left_for_missing
            if exclusive
            else value >= 0.5
        )
    return Example(example.predicted, reference)


def has_right_label(example: Example, labels: Collection[str]) -> bool:
    """RETURNS (bool): Whether any of a component's labels is annotated as right."""
    return any(own_cats(example.reference, labels).values())


def check_class_weights(name: str, class_weights: ClassWeights) -> None:
    """Check the setting `class_weights` of a component.

    name (str): Name of the component.
    class_weights (str | dict[str, float] | None): The setting.
    RAISES (ValueError): If it is neither "balanced" nor a table of positive weights.
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
    """Make the table of class weights.

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
    """Weight labels so that rare ones count as much as frequent ones.

    examples (Iterable[Example]): The training examples.
    labels (list[str]): The labels of the component.
    exclusive (bool): Whether exactly one label is right. If so, the weight is the mean
        frequency of the labels divided by the frequency of the label, as in
        scikit-learn (King & Zeng 2001). Otherwise, it is the number of examples where
        the label is wrong divided by the number where it is right.
    RETURNS (dict[str, float]): Weight of each label, 1 for a label that is never right
        or never wrong.
    """
    right = dict.fromkeys(labels, 0.0)
    wrong = dict.fromkeys(labels, 0.0)
    for example in examples:
        gold = read_gold_cats(example.reference, labels, exclusive)
        for label, value in gold.items():
            right[label] += value
            wrong[label] += 1 - value
    share = sum(right.values()) / len(labels)
    shares = dict.fromkeys(labels, share) if exclusive else wrong
    return {
        label: shares[label] / right[label] if shares[label] and right[label] else 1.0
        for label in labels
    }
