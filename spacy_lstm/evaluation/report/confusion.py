"""Which labels are taken for which."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy

from .predictions import Answer

N_LABELS = 20


@dataclass
class Confusion:
    """How often each label was given for each.

    labels (list[str]): The most frequent labels.
    n_others (int): How many other labels there are. If there are any, they share a row
        and a column after those of `labels`.
    has_none (bool): Whether the last row is that of what is none, and the last column
        that of what was given no label.
    counts (numpy.ndarray): Truths in rows, guesses in columns. *Shape:* (n, n)
    """

    labels: list[str]
    n_others: int
    has_none: bool
    counts: numpy.ndarray


def count_confusions(
    pairs: Iterable[tuple[str, str]], n_labels: int = N_LABELS
) -> Confusion:
    """Count which labels are taken for which.

    pairs (Iterable[tuple[str, str]]): Truths and guesses, "" for none.
    n_labels (int): How many labels have rows of their own.
    RETURNS (Confusion): The counts.
    """
    counted = Counter(pairs)
    sizes: Counter[str] = Counter()
    for (truth, guess), n in counted.items():
        sizes[truth] += n
        sizes[guess] += n
    has_none = sizes.pop("", 0) > 0
    ranked = sorted(sizes, key=lambda label: (-sizes[label], label))
    largest, n_others = ranked[:n_labels], len(ranked[n_labels:])
    rows = {label: min(row, n_labels) for row, label in enumerate(ranked)}
    rows[""] = len(largest) + (n_others > 0)
    size = rows[""] + has_none
    counts = numpy.zeros((size, size), dtype=int)
    for (truth, guess), n in counted.items():
        counts[rows[truth], rows[guess]] += n
    return Confusion(largest, n_others, has_none, counts)


class LabelScore(NamedTuple):
    """How well one label is found.

    label (str): The label.
    precision (float): Part of what was given the label that has it, 0 for nothing.
    recall (float): Part of what has the label that was given it, 0 for nothing.
    f1 (float): Their harmonic mean.
    n_true (int): How many have the label.
    n_given (int): How many were given the label.
    """

    label: str
    precision: float
    recall: float
    f1: float
    n_true: int
    n_given: int


def score_labels(pairs: Sequence[tuple[str, str]]) -> list[LabelScore]:
    """Find precision, recall and F1 of each label.

    pairs (Sequence[tuple[str, str]]): Truths and guesses, "" for none.
    RETURNS (list[LabelScore]): The scores, by name.
    """
    true = Counter(truth for truth, _ in pairs)
    given = Counter(guess for _, guess in pairs)
    right = Counter(truth for truth, guess in pairs if truth == guess)
    return [
        LabelScore(
            label,
            right[label] / max(given[label], 1),
            right[label] / max(true[label], 1),
            2 * right[label] / (given[label] + true[label]),
            true[label],
            given[label],
        )
        for label in sorted((true | given).keys() - {""})
    ]


def count_decisions(answers: Iterable[Answer]) -> dict[str, list[int]]:
    """Count what was said of each label, where any number of labels is right.

    answers (Iterable[Answer]): Answers of yes or no.
    RETURNS (dict[str, list[int]]): For each label how often it was
        rightly set, wrongly set, missed, and rightly not set.
    """
    counted = Counter((a.question, a.guess, a.truth) for a in answers)
    kinds = [("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")]
    return {
        label: [counted[label, guess, truth] for guess, truth in kinds]
        for label in sorted({label for label, _, _ in counted})
    }
