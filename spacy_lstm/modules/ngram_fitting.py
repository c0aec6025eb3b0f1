"""Fit a linear classifier to the n-grams of a corpus."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .ngrams import NgramClassifier, NgramCounts, SparseMatrix

# Finds, for the logits of some documents and the numbers of these, the sum of their
# losses, and its gradient with respect to the logits.
Objective = Callable[[Tensor, Tensor], tuple[float, Tensor]]

COSTS = (1.0, 3.0, 10.0, 30.0, 100.0)
N_FOLDS = 3
MAX_ITERATIONS = 100
# The optimizer keeps about 25 numbers for each weight.
MAX_WEIGHTS = 2**24
# Added to the sums of a feature, so that their ratio is finite.
SMOOTHING = 0.02


class Gold(NamedTuple):
    """How right and how wrong each label of each document is.

    right (Tensor): From 0 to 1. *Shape:* (n_docs, n_labels)
    wrong (Tensor): What `right` leaves of 1; 0 where it is not known. *Shape:*
        (n_docs, n_labels)
    """

    right: Tensor
    wrong: Tensor

    def take(self, docs: Tensor) -> "Gold":
        """RETURNS (Gold): That of some of the documents."""
        return Gold(self.right[docs], self.wrong[docs])


def choose_features(
    ngrams: NgramCounts, n_buckets: int, min_df: int, n_labels: int
) -> tuple[Tensor, Tensor]:
    """Choose the n-grams that a classifier reads.

    ngrams (NgramCounts): The n-grams of the corpus.
    n_buckets (int): Number of hash buckets.
    min_df (int): Number of documents that an n-gram has to occur in.
    n_labels (int): Number of labels. Where there are very many of them, only the most
        frequent n-grams are taken.
    RETURNS (tuple[Tensor, Tensor]): Their buckets, ascending, and the inverse document
        frequency of each, smoothed as if one more document had all n-grams.
    """
    n_docs = torch.bincount(ngrams.buckets, minlength=n_buckets)
    buckets = (n_docs >= min_df).nonzero()[:, 0]
    most = max(1, MAX_WEIGHTS // max(1, n_labels))
    if len(buckets) > most:
        order = n_docs[buckets].argsort(descending=True, stable=True)
        buckets = buckets[order[:most]].sort().values
    idf = torch.log((1 + ngrams.n_docs) / (1 + n_docs[buckets]).float()) + 1
    return buckets, idf.float()


def find_scales(features: SparseMatrix, gold: Gold) -> Tensor:
    """Find how much larger the weights of a feature may be than those of others.

    It is the square root of the largest log-count ratio, which the features themselves
    are multiplied by in Wang & Manning (2012).

    features (SparseMatrix): The transposed features. *Shape:* (n_features, n_docs)
    gold (Gold): The gold labels of the documents.
    RETURNS (Tensor): *Shape:* (n_features,)
    """
    right, wrong = (features @ values + SMOOTHING for values in gold)
    ratios = (right / right.sum(0)).log() - (wrong / wrong.sum(0)).log()
    return ratios.abs().amax(1).sqrt()


def fit_ngrams(
    classifier: NgramClassifier,
    ngrams: NgramCounts,
    objective: Objective,
    gold: Gold,
    generator: torch.Generator,
) -> tuple[float, Tensor]:
    """Fit the weights of a classifier by L-BFGS, with an L2 penalty.

    The penalty of a feature is lower the better it tells labels apart by itself. The
    strength of all penalties is chosen by cross-validation: the smallest loss of
    documents that were left out decides.

    classifier (NgramClassifier): The classifier, with its features; its weights are
        replaced.
    ngrams (NgramCounts): The n-grams of the corpus.
    objective (Callable): Finds the loss.
    gold (Gold): The gold labels.
    generator (torch.Generator): Divides the corpus into folds.
    RETURNS (tuple[float, Tensor]): The chosen cost, the inverse of the strength of the
        penalty, and the logits of each document when it was left out.
        *Shape:* (n_docs, n_labels)
    """
    matrix = classifier.weigh(ngrams)
    n_folds = min(N_FOLDS, matrix.n_rows)
    folds = torch.randperm(matrix.n_rows, generator=generator) % n_folds
    cost, held_out = COSTS[0], torch.zeros_like(gold.right)
    if n_folds > 1:
        cost, held_out = cross_validate(matrix, objective, gold, folds)
    everything = torch.arange(matrix.n_rows)
    fitted = LinearFit(matrix, everything, objective, gold).fit(cost)
    classifier.weight.copy_(fitted.coefficients)
    classifier.bias.copy_(fitted.bias)
    return cost, held_out


def cross_validate(
    matrix: SparseMatrix, objective: Objective, gold: Gold, folds: Tensor
) -> tuple[float, Tensor]:
    """Choose the cost by the loss of documents that were left out.

    matrix (SparseMatrix): *Shape:* (n_docs, n_features)
    objective (Callable): Finds the loss.
    gold (Gold): The gold labels.
    folds (Tensor): The fold of each document. *Shape:* (n_docs,)
    RETURNS (tuple[float, Tensor]): The cost, and the logits of the documents that were
        left out. *Shape:* (n_docs, n_labels)
    """
    parts = []
    for fold in range(int(folds.max()) + 1):
        left_out = folds == fold
        inside = (~left_out).nonzero()[:, 0]
        fit = LinearFit(matrix.select(~left_out), inside, objective, gold)
        parts.append((left_out, matrix.select(left_out), fit))
    best = (math.inf, COSTS[0], torch.zeros_like(gold.right))
    for cost in COSTS:
        logits = torch.zeros_like(gold.right)
        for left_out, rows, fit in parts:
            logits[left_out] = fit.fit(cost).predict(rows)
        loss, _ = objective(logits, torch.arange(matrix.n_rows))
        if loss >= best[0]:
            break
        best = (loss, cost, logits)
    return best[1:]


class LinearFit:
    """Weights that are fitted to some documents, beginning with those of the last fit.

    matrix (SparseMatrix): *Shape:* (n_docs, n_features)
    docs (Tensor): The numbers of the documents. *Shape:* (n_docs,)
    objective (Callable): Finds the loss.
    gold (Gold): The gold labels of all documents.
    """

    def __init__(
        self, matrix: SparseMatrix, docs: Tensor, objective: Objective, gold: Gold
    ) -> None:
        self.matrix = matrix
        self.transposed = matrix.transpose()
        self.docs = docs
        self.objective = objective
        scales = find_scales(self.transposed, gold.take(docs))
        self.scales = scales.unsqueeze(1)
        n_labels = gold.right.shape[1]
        self.weight = torch.zeros(matrix.n_columns, n_labels, dtype=torch.float)
        self.bias = torch.zeros(n_labels, dtype=torch.float)

    @property
    def coefficients(self) -> Tensor:
        """RETURNS (Tensor): The scaled weights. *Shape:* (n_features, n_labels)"""
        return self.scales * self.weight

    def fit(self, cost: float) -> "LinearFit":
        """Minimize the loss plus half of the squared weights divided by the cost.

        cost (float): The inverse of the strength of the penalty, as scikit-learn's C.
        RETURNS (LinearFit): The same object.
        """
        parameters: Sequence[Tensor] = [self.weight, self.bias]
        optimizer = torch.optim.LBFGS(
            parameters,
            max_iter=MAX_ITERATIONS,
            history_size=10,
            tolerance_grad=1e-5,
            tolerance_change=1e-6,
            line_search_fn="strong_wolfe",
        )

        def closure() -> float:
            loss, self.weight.grad, self.bias.grad = self.differentiate(cost)
            return loss

        with torch.no_grad():
            optimizer.step(closure)  # type: ignore[no-untyped-call,arg-type]
        return self

    def differentiate(self, cost: float) -> tuple[float, Tensor, Tensor]:
        """Find what `fit` minimizes, divided by the number of documents.

        cost (float): The inverse of the strength of the penalty.
        RETURNS (tuple[float, Tensor, Tensor]): The value, and its gradients with
            respect to the weights and to the bias.
        """
        loss, gradient = self.objective(self.predict(self.matrix), self.docs)
        loss += float(self.weight.square().sum()) / (2 * cost)
        d_weight = self.scales * (self.transposed @ gradient) + self.weight / cost
        n_docs = self.matrix.n_rows
        return loss / n_docs, d_weight / n_docs, gradient.sum(0) / n_docs

    def predict(self, matrix: SparseMatrix) -> Tensor:
        """Score the labels of documents.

        matrix (SparseMatrix): *Shape:* (n_docs, n_features)
        RETURNS (Tensor): Logits. *Shape:* (n_docs, n_labels)
        """
        return matrix @ self.coefficients + self.bias
