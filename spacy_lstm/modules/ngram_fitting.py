"""Fitting of the linear n-gram classifier to a corpus."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .ngrams import NgramClassifier, NgramCounts, SparseMatrix

# Computes the summed loss of some documents from their logits and indices, and its
# gradient with respect to the logits.
Objective = Callable[[Tensor, Tensor], tuple[float, Tensor]]

COSTS = (1.0, 3.0, 10.0, 30.0, 100.0)
N_FOLDS = 3
MAX_ITERATIONS = 100
# The optimizer stores about 25 values per weight.
MAX_WEIGHTS = 2**24
# Added to the counts of a feature, so that their ratio is finite.
SMOOTHING = 0.02


class Gold(NamedTuple):
    """The gold labels of documents.

    positive (Tensor): Values from 0 to 1. *Shape:* (n_docs, n_labels)
    negative (Tensor): `1 - positive`; 0 for missing labels, as in `positive`.
        *Shape:* (n_docs, n_labels)
    """

    positive: Tensor
    negative: Tensor

    def take(self, docs: Tensor) -> "Gold":
        """RETURNS (Gold): The gold labels of some of the documents."""
        return Gold(self.positive[docs], self.negative[docs])


def select_features(
    ngrams: NgramCounts, n_buckets: int, min_df: int, n_labels: int
) -> tuple[Tensor, Tensor]:
    """Select the n-grams that the classifier uses.

    ngrams (NgramCounts): The n-grams of the corpus.
    n_buckets (int): Number of hash buckets.
    min_df (int): Minimum document frequency.
    n_labels (int): Number of labels. With very many labels, only the most frequent
        n-grams are used.
    RETURNS (tuple[Tensor, Tensor]): The buckets in ascending order, and their inverse
        document frequencies, smoothed as if one more document contained every n-gram.
    """
    document_counts = torch.bincount(ngrams.buckets, minlength=n_buckets)
    buckets = (document_counts >= min_df).nonzero()[:, 0]
    max_features = max(1, MAX_WEIGHTS // max(1, n_labels))
    if len(buckets) > max_features:
        order = document_counts[buckets].argsort(descending=True, stable=True)
        buckets = buckets[order[:max_features]].sort().values
    idf = torch.log((1 + ngrams.n_docs) / (1 + document_counts[buckets]).float()) + 1
    return buckets, idf.float()


def feature_scales(features: SparseMatrix, gold: Gold) -> Tensor:
    """Compute the scale of each feature's weights.

    It is the square root of the feature's largest absolute log-count ratio. Wang &
    Manning (2012) multiply the features themselves by the ratio.

    features (SparseMatrix): The transposed features. *Shape:* (n_features, n_docs)
    gold (Gold): The gold labels of the documents.
    RETURNS (Tensor): *Shape:* (n_features,)
    """
    positive, negative = (features @ values + SMOOTHING for values in gold)
    ratios = (positive / positive.sum(0)).log() - (negative / negative.sum(0)).log()
    return ratios.abs().amax(1).sqrt()


def fit_ngrams(
    classifier: NgramClassifier,
    ngrams: NgramCounts,
    objective: Objective,
    gold: Gold,
    generator: torch.Generator,
) -> tuple[float, Tensor]:
    """Fit the weights of a classifier by L-BFGS, with an L2 penalty.

    Features that discriminate well between labels by themselves have a lower penalty.
    The overall strength of the penalty minimizes the loss in cross-validation.

    classifier (NgramClassifier): The classifier, with its features. Its weights are
        overwritten.
    ngrams (NgramCounts): The n-grams of the corpus.
    objective (Callable): Computes the loss.
    gold (Gold): The gold labels.
    generator (torch.Generator): Assigns the documents to folds.
    RETURNS (tuple[float, Tensor]): The best cost, which is the inverse of the penalty
        strength, and the held-out logits of each document, *shape* (n_docs, n_labels).
    """
    matrix = classifier.tfidf(ngrams)
    n_folds = min(N_FOLDS, matrix.n_rows)
    folds = torch.randperm(matrix.n_rows, generator=generator) % n_folds
    cost, held_out = COSTS[0], torch.zeros_like(gold.positive)
    if n_folds > 1:
        cost, held_out = cross_validate(matrix, objective, gold, folds)
    all_docs = torch.arange(matrix.n_rows)
    fitted = LinearFit(matrix, all_docs, objective, gold).fit(cost)
    classifier.weight.copy_(fitted.coefficients)
    classifier.bias.copy_(fitted.bias)
    return cost, held_out


def cross_validate(
    matrix: SparseMatrix, objective: Objective, gold: Gold, folds: Tensor
) -> tuple[float, Tensor]:
    """Find the cost with the smallest held-out loss.

    matrix (SparseMatrix): *Shape:* (n_docs, n_features)
    objective (Callable): Computes the loss.
    gold (Gold): The gold labels.
    folds (Tensor): The fold of each document. *Shape:* (n_docs,)
    RETURNS (tuple[float, Tensor]): The cost, and the held-out logits of each document,
        *shape* (n_docs, n_labels).
    """
    parts = []
    for fold in range(int(folds.max()) + 1):
        is_held_out = folds == fold
        train_docs = (~is_held_out).nonzero()[:, 0]
        fit = LinearFit(matrix.select(~is_held_out), train_docs, objective, gold)
        parts.append((is_held_out, matrix.select(is_held_out), fit))
    best = (math.inf, COSTS[0], torch.zeros_like(gold.positive))
    for cost in COSTS:
        logits = torch.zeros_like(gold.positive)
        for is_held_out, rows, fit in parts:
            logits[is_held_out] = fit.fit(cost).predict(rows)
        loss, _ = objective(logits, torch.arange(matrix.n_rows))
        if loss >= best[0]:
            break
        best = (loss, cost, logits)
    return best[1:]


class LinearFit:
    """A linear model of some documents. Each fit starts from the previous weights.

    matrix (SparseMatrix): *Shape:* (n_docs, n_features)
    docs (Tensor): Indices of the documents. *Shape:* (n_docs,)
    objective (Callable): Computes the loss.
    gold (Gold): The gold labels of all documents.
    """

    def __init__(
        self, matrix: SparseMatrix, docs: Tensor, objective: Objective, gold: Gold
    ) -> None:
        self.matrix = matrix
        self.transposed = matrix.transpose()
        self.docs = docs
        self.objective = objective
        scales = feature_scales(self.transposed, gold.take(docs))
        self.scales = scales.unsqueeze(1)
        n_labels = gold.positive.shape[1]
        self.weight = torch.zeros(matrix.n_columns, n_labels, dtype=torch.float)
        self.bias = torch.zeros(n_labels, dtype=torch.float)

    @property
    def coefficients(self) -> Tensor:
        """RETURNS (Tensor): The scaled weights. *Shape:* (n_features, n_labels)"""
        return self.scales * self.weight

    def fit(self, cost: float) -> "LinearFit":
        """Minimize the loss plus half of the squared weights divided by the cost.

        cost (float): Inverse penalty strength, like `C` in scikit-learn.
        RETURNS (LinearFit): The object itself.
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
        """Compute the objective of `fit`, divided by the number of documents.

        cost (float): Inverse penalty strength.
        RETURNS (tuple[float, Tensor, Tensor]): The value, and its gradients with
            respect to the weights and the bias.
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
