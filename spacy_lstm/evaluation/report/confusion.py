"""Confusion counts and scores by label."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy

from .predictions import Prediction

N_LABELS = 20


@dataclass
class Confusion:
    """Counts of pairs of gold and predicted labels.

    labels (list[str]): The most frequent labels.
    n_others (int): Number of other labels. If not 0, they share one row and one column
        after those of `labels`.
    has_none (bool): Whether the last row counts spurious predictions and the last
        column counts missed ones.
    counts (numpy.ndarray): Gold labels in rows, predicted labels in columns.
        *Shape:* (n, n)
    """

    labels: list[str]
    n_others: int
    has_none: bool
    counts: numpy.ndarray


def count_confusions(
    pairs: Iterable[tuple[str, str]], n_labels: int = N_LABELS
) -> Confusion:
    """Count pairs of gold and predicted labels.

    pairs (Iterable[tuple[str, str]]): Gold and predicted labels, "" for none.
    n_labels (int): Maximum number of labels with their own row and column.
    RETURNS (Confusion): The counts.
    """
    counted = Counter(pairs)
    sizes: Counter[str] = Counter()
    for (gold, predicted), n in counted.items():
        sizes[gold] += n
        sizes[predicted] += n
    has_none = sizes.pop("", 0) > 0
    ranked = sorted(sizes, key=lambda label: (-sizes[label], label))
    largest, n_others = ranked[:n_labels], len(ranked[n_labels:])
    rows = {label: min(row, n_labels) for row, label in enumerate(ranked)}
    rows[""] = len(largest) + (n_others > 0)
    size = rows[""] + has_none
    counts = numpy.zeros((size, size), dtype=int)
    for (gold, predicted), n in counted.items():
        counts[rows[gold], rows[predicted]] += n
    return Confusion(largest, n_others, has_none, counts)


class LabelScore(NamedTuple):
    """Precision, recall and F1 of one label.

    label (str): The label.
    precision (float): Precision, 0 if the label is never predicted.
    recall (float): Recall, 0 if the label is never annotated.
    f1 (float): Harmonic mean of precision and recall.
    n_gold (int): Number of gold labels.
    n_predicted (int): Number of predicted labels.
    """

    label: str
    precision: float
    recall: float
    f1: float
    n_gold: int
    n_predicted: int


def score_labels(pairs: Sequence[tuple[str, str]]) -> list[LabelScore]:
    """Calculate precision, recall and F1 of each label.

    pairs (Sequence[tuple[str, str]]): Gold and predicted labels, "" for none.
    RETURNS (list[LabelScore]): The scores, sorted by label.
    """
    n_gold = Counter(gold for gold, _ in pairs)
    n_predicted = Counter(predicted for _, predicted in pairs)
    n_correct = Counter(gold for gold, predicted in pairs if gold == predicted)
    return [
        LabelScore(
            label,
            n_correct[label] / max(n_predicted[label], 1),
            n_correct[label] / max(n_gold[label], 1),
            2 * n_correct[label] / (n_predicted[label] + n_gold[label]),
            n_gold[label],
            n_predicted[label],
        )
        for label in sorted((n_gold | n_predicted).keys() - {""})
    ]


def count_decisions(predictions: Iterable[Prediction]) -> dict[str, list[int]]:
    """Count correct and wrong decisions for each label of multilabel predictions.

    predictions (Iterable[Prediction]): Predictions of yes or no.
    RETURNS (dict[str, list[int]]): True positives, false positives, false negatives and
        true negatives by label.
    """
    counted = Counter((a.label, a.predicted, a.gold) for a in predictions)
    kinds = [("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")]
    return {
        label: [counted[label, predicted, gold] for predicted, gold in kinds]
        for label in sorted({label for label, _, _ in counted})
    }
