"""Division of documents into folds."""

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import Errors
from .annotation import Label

# One in this many documents outside of the held-out fold is used for development.
DEV_RATIO = 10


@dataclass(frozen=True)
class Fold:
    """Indices of the documents of one fold.

    number (int): Number of the fold, starting at 1.
    train (list[int]): Documents for training.
    dev (list[int]): Documents for selecting the best step.
    test (list[int]): Held-out documents for scoring.
    """

    number: int
    train: list[int]
    dev: list[int]
    test: list[int]

    @property
    def name(self) -> str:
        """RETURNS (str): Name of the folder of the fold."""
        return f"fold-{self.number}"


def make_folds(
    labels: Sequence[set[Label]], strata: Sequence[str] | None, n_folds: int, seed: int
) -> list[Fold]:
    """Divide documents into folds, and split the rest of each fold into train and dev.

    labels (Sequence[set[tuple[str, str]]]): Labels of each document that must occur in
        training.
    strata (Sequence[str] | None): Category of each document, if each has exactly one.
        Folds and development data are then stratified.
    n_folds (int): Number of folds.
    seed (int): Random seed.
    RETURNS (list[Fold]): The folds.
    RAISES (ValueError): If there are too few documents, or if a label only occurs in
        one fold.
    """
    n_docs = len(labels)
    too_few = Errors.L072.format(n_docs=n_docs, option="folds", value=n_folds)
    if n_docs - -(-n_docs // n_folds) < 2 or n_docs < n_folds:
        raise ValueError(too_few)
    folds = []
    parts = divide(range(n_docs), strata, n_folds, seed)
    for number, (rest, test) in enumerate(parts, start=1):
        check_train_labels(labels, rest, test, number)
        choices = divide(rest, strata, min(DEV_RATIO, len(rest)), seed)
        known = (cover_train_labels(labels, train, dev) for train, dev in choices)
        train, dev = next((parts for parts in known if parts[1]), ([], []))
        if not dev:
            raise ValueError(too_few)
        folds.append(Fold(number, train, dev, test))
    return folds


def divide(
    indices: Sequence[int], strata: Sequence[str] | None, n_parts: int, seed: int
) -> list[tuple[list[int], list[int]]]:
    """Divide documents into parts, stratified if possible.

    indices (Sequence[int]): Indices of the documents to divide.
    strata (Sequence[str] | None): Category of each document of the corpus.
    n_parts (int): Number of parts, at least 2.
    seed (int): Random seed.
    RETURNS (list[tuple[list[int], list[int]]]): The indices outside and inside of each
        part.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    own = [strata[i] for i in indices] if strata else None
    kind = StratifiedKFold if can_stratify(own, n_parts) else KFold
    splitter = kind(n_parts, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # Some categories may have fewer documents than parts.
        warnings.simplefilter("ignore", UserWarning)
        parts = list(splitter.split(indices, own))
    return [([indices[i] for i in a], [indices[i] for i in b]) for a, b in parts]


def can_stratify(strata: Sequence[str] | None, n_parts: int) -> bool:
    """Check whether parts can be stratified.

    strata (Sequence[str] | None): Category of each document, if each has exactly one.
    n_parts (int): Number of parts.
    RETURNS (bool): Whether any category has at least one document per part.
    """
    return strata is not None and max(Counter(strata).values()) >= n_parts


def check_train_labels(
    labels: Sequence[set[Label]], rest: Sequence[int], test: Sequence[int], number: int
) -> None:
    """Check that each label of a fold also occurs in another fold.

    labels (Sequence[set[tuple[str, str]]]): Labels of each document.
    rest (Sequence[int]): Indices of the documents of the other folds.
    test (Sequence[int]): Indices of the documents of the fold.
    number (int): Number of the fold.
    RAISES (ValueError): If a label only occurs in this fold.
    """
    known = set().union(*(labels[i] for i in rest))
    found = Counter(label for i in test for label in labels[i])
    for label in sorted(found.keys() - known):
        message = Errors.L073.format(
            label=label[1], annotation=label[0], n_docs=found[label], fold=number
        )
        raise ValueError(message)


def cover_train_labels(
    labels: Sequence[set[Label]], train: Sequence[int], dev: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Move documents from dev to train until all labels of dev occur in train.

    labels (Sequence[set[tuple[str, str]]]): Labels of each document.
    train (Sequence[int]): Indices of the documents for training.
    dev (Sequence[int]): Indices of the documents for selecting the best step.
    RETURNS (tuple[list[int], list[int]]): The new indices for train and dev.
    """
    known = set().union(*(labels[i] for i in train))
    kept, moved = [], []
    for i in dev:
        if labels[i] <= known:
            kept.append(i)
        else:
            moved.append(i)
            known |= labels[i]
    return sorted([*train, *moved]), kept
