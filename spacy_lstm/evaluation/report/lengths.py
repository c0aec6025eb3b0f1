"""The error rate by document length."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy

from .predictions import Prediction

N_BINS = 8
DOCS_PER_BIN = 5


class LengthBin(NamedTuple):
    """Documents of similar length.

    shortest (int): Length of the shortest document, in tokens.
    longest (int): Length of the longest document, in tokens.
    n_docs (int): Number of documents.
    error (float): 1 - F1 over all documents. This is the error rate if there is exactly
        one prediction per text or token.
    """

    shortest: int
    longest: int
    n_docs: int
    error: float


def error_rate(predictions: Iterable[Prediction]) -> float:
    """Calculate 1 - F1, micro-averaged over all labels.

    predictions (Iterable[Prediction]): At least one prediction.
    RETURNS (float): The error, from 0 to 1.
    """
    n_correct = n_labels = 0
    for prediction in predictions:
        n_correct += prediction.is_correct
        n_labels += bool(prediction.gold) + bool(prediction.predicted)
    return 1 - 2 * n_correct / n_labels


def bin_by_length(
    predictions: Iterable[Prediction], lengths: Sequence[int]
) -> list[LengthBin]:
    """Bin documents by length and calculate the error of each bin.

    predictions (Iterable[Prediction]): The predictions. Documents without predictions
        are left out.
    lengths (Sequence[int]): Length of each document, in tokens.
    RETURNS (list[LengthBin]): Bins with similar numbers of documents, in ascending
        order. Documents of the same length share a bin.
    """
    by_doc: Mapping[int, list[Prediction]] = defaultdict(list)
    for prediction in predictions:
        by_doc[prediction.doc].append(prediction)
    docs = numpy.array(sorted(by_doc), dtype=int)
    own = numpy.array([lengths[doc] for doc in docs], dtype=int)
    n_bins = min(N_BINS, len(docs) // DOCS_PER_BIN)
    if n_bins < 2:
        return []
    quantiles = numpy.linspace(0, 1, n_bins + 1)[1:-1]
    edges = numpy.unique(numpy.quantile(own, quantiles, method="nearest"))
    bins = numpy.searchsorted(edges, own, side="left")
    return [
        LengthBin(
            int(own[rows].min()),
            int(own[rows].max()),
            len(rows),
            error_rate(prediction for doc in docs[rows] for prediction in by_doc[doc]),
        )
        for number in range(len(edges) + 1)
        if len(rows := numpy.flatnonzero(bins == number))
    ]
