"""The truths of text classification, as they stand in `doc.cats`."""

import warnings
from collections.abc import Collection, Iterable
from numbers import Real
from typing import Any, NoReturn

import numpy
from spacy.tokens import Doc
from spacy.training import Example

from ..errors import Errors, Warnings

N_CHARACTERS = 80
# Truths such as 0.1 don't add up exactly.
TOLERANCE = 1e-6


def check_truths(
    name: str,
    examples: Iterable[Example],
    exclusive: bool,
    labels: Collection[str] | None = None,
) -> None:
    """Check that truths are numbers from 0 to 1.

    name (str): Name of the component.
    examples (Iterable[Example]): The examples.
    exclusive (bool): Whether exactly one label is right.
    labels (Collection[str] | None): The labels of the component, where others may be
        annotated too; None for all.
    RAISES (ValueError): If one is not, or if exclusive ones add up to more than 1.
    """
    for example in examples:
        cats = own_cats(example.reference, labels)
        for label, value in cats.items():
            is_number = isinstance(value, Real | numpy.bool_)
            if not is_number or not 0 <= value <= 1:
                refuse(Errors.L022, name, example, label=label, value=value)
        if exclusive and sum(cats.values()) > 1 + TOLERANCE:
            refuse(Errors.L023, name, example, cats=cats)


def own_cats(doc: Doc, labels: Collection[str] | None) -> dict[str, float]:
    """Read those categories of a document that are about a component's labels.

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
    """Check that some example is about the labels of a component.

    Warns of examples that are not, since these are skipped, and of labels that can't be
    learned.

    name (str): Name of the component.
    examples (Iterable[Example]): The examples.
    labels (Collection[str]): The labels.
    exclusive (bool): Whether exactly one label is right.
    RAISES (ValueError): If none is.
    """
    n_examples = n_skipped = 0
    found: set[str] = set()
    right, wrong = set[str](), set[str]()
    for example in examples:
        truths = read_truths(example.reference, labels, exclusive)
        found.update(example.reference.cats)
        n_examples += 1
        n_skipped += not truths
        right.update(label for label, truth in truths.items() if truth > 0)
        wrong.update(label for label, truth in truths.items() if truth < 1)
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


def read_truths(doc: Doc, labels: Collection[str], exclusive: bool) -> dict[str, float]:
    """Read the truths of a component's labels, and those that follow from them.

    If exclusive truths add up to 1, the missing ones are 0. If a single one is missing,
    it is what the others leave of 1.

    doc (Doc): The annotated document.
    labels (Collection[str]): The labels.
    exclusive (bool): Whether exactly one label is right.
    RETURNS (dict[str, float]): The truths; without those that are not known.
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


def round_truths(example: Example, exclusive: bool, labels: Collection[str]) -> Example:
    """Make right or wrong of soft truths, for scores that know nothing between.

    example (Example): The example, which is not changed.
    exclusive (bool): Whether exactly one label is right. It is the one with the largest
        truth, unless more is left for labels that are missing. If not, a label is right
        from 0.5 on.
    labels (Collection[str]): The labels of the component; other truths stay as they
        are.
    RETURNS (Example): The same example where all truths are given and none is soft; if
        not, a new one.
    """
    cats = read_truths(example.reference, labels, exclusive)
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
