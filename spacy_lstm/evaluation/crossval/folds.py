"""Documents divided into folds."""

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import Errors
from .annotation import Label

# One document for development among so many of those that a fold is trained on.
DEV = 10


@dataclass(frozen=True)
class Fold:
    """Positions of documents.

    number (int): Number of the fold, from 1 on.
    train (list[int]): Those that its model learns from.
    dev (list[int]): Those that choose the model's best step.
    test (list[int]): Those that are held out, and that its model is scored on.
    """

    number: int
    train: list[int]
    dev: list[int]
    test: list[int]

    @property
    def name(self) -> str:
        """RETURNS (str): Name of its folder."""
        return f"fold-{self.number}"


def make_folds(
    labels: Sequence[set[Label]], strata: Sequence[str] | None, n_folds: int, seed: int
) -> list[Fold]:
    """Divide documents into folds, and what is not held out into train and dev.

    labels (Sequence[set[tuple[str, str]]]): Labels of each document that a model has to
        have seen.
    strata (Sequence[str] | None): Category of each document, if each has just one.
        Folds then have the categories' shares, and so has what is for development.
    n_folds (int): How many folds there are.
    seed (int): Seed of chance.
    RETURNS (list[Fold]): The folds.
    RAISES (ValueError): If there are too few documents, or if a label is in one fold
        alone.
    """
    n_docs = len(labels)
    too_few = Errors.L072.format(n_docs=n_docs, option="folds", value=n_folds)
    if n_docs - -(-n_docs // n_folds) < 2 or n_docs < n_folds:
        raise ValueError(too_few)
    folds = []
    parts = divide(range(n_docs), strata, n_folds, seed)
    for number, (rest, test) in enumerate(parts, start=1):
        check_known(labels, rest, test, number)
        choices = divide(rest, strata, min(DEV, len(rest)), seed)
        known = (keep_known(labels, train, dev) for train, dev in choices)
        train, dev = next((parts for parts in known if parts[1]), ([], []))
        if not dev:
            raise ValueError(too_few)
        folds.append(Fold(number, train, dev, test))
    return folds


def divide(
    indices: Sequence[int], strata: Sequence[str] | None, n_parts: int, seed: int
) -> list[tuple[list[int], list[int]]]:
    """Divide documents.

    indices (Sequence[int]): Positions of the documents.
    strata (Sequence[str] | None): Category of each document that there is.
    n_parts (int): How many parts to make, 2 or more.
    seed (int): Seed of chance.
    RETURNS (list[tuple[list[int], list[int]]]): For each part, the positions of the
        others and its own ones.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    own = [strata[i] for i in indices] if strata else None
    kind = StratifiedKFold if can_stratify(own, n_parts) else KFold
    splitter = kind(n_parts, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # Some categories may have fewer documents than there are parts.
        warnings.simplefilter("ignore", UserWarning)
        parts = list(splitter.split(indices, own))
    return [([indices[i] for i in a], [indices[i] for i in b]) for a, b in parts]


def can_stratify(strata: Sequence[str] | None, n_parts: int) -> bool:
    """Find out whether parts can have the categories' shares.

    strata (Sequence[str] | None): Category of each document, if each has just one.
    n_parts (int): How many parts there are.
    RETURNS (bool): Whether there is a category with a document for each part.
    """
    return strata is not None and max(Counter(strata).values()) >= n_parts


def check_known(
    labels: Sequence[set[Label]], rest: Sequence[int], test: Sequence[int], number: int
) -> None:
    """Check that each label of a fold is in another one, too.

    labels (Sequence[set[tuple[str, str]]]): Labels of each document.
    rest (Sequence[int]): Positions of the documents of other folds.
    test (Sequence[int]): Positions of the documents of this fold.
    number (int): Number of the fold.
    RAISES (ValueError): If a label is not.
    """
    known = set().union(*(labels[i] for i in rest))
    found = Counter(label for i in test for label in labels[i])
    for label in sorted(found.keys() - known):
        message = Errors.L073.format(
            label=label[1], annotation=label[0], n_docs=found[label], fold=number
        )
        raise ValueError(message)


def keep_known(
    labels: Sequence[set[Label]], train: Sequence[int], dev: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Move documents from dev to train until train has each label.

    labels (Sequence[set[tuple[str, str]]]): Labels of each document.
    train (Sequence[int]): Positions of documents to learn from.
    dev (Sequence[int]): Positions of documents to choose the best step by.
    RETURNS (tuple[list[int], list[int]]): Both, as they should be.
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
