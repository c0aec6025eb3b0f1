"""Whether long documents are harder."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy

from .predictions import Answer

N_BINS = 8
DOCS_PER_BIN = 5


class LengthBin(NamedTuple):
    """Documents of about one length.

    shortest (int): Tokens of the shortest one.
    longest (int): Tokens of the longest one.
    n_docs (int): How many documents there are.
    error (float): 1 - F1 of the answers about all of them, which is the error rate
        where there is one answer for each text or token.
    """

    shortest: int
    longest: int
    n_docs: int
    error: float


def error_rate(answers: Iterable[Answer]) -> float:
    """Find 1 - F1 over all labels.

    answers (Iterable[Answer]): At least one answer.
    RETURNS (float): From 0 to 1.
    """
    n_right = n_labels = 0
    for answer in answers:
        n_right += answer.is_right
        n_labels += bool(answer.truth) + bool(answer.guess)
    return 1 - 2 * n_right / n_labels


def bin_by_length(answers: Iterable[Answer], lengths: Sequence[int]) -> list[LengthBin]:
    """Find the error of documents of about one length.

    answers (Iterable[Answer]): The answers. Documents without any are left out.
    lengths (Sequence[int]): Tokens of each document.
    RETURNS (list[LengthBin]): Bins of about equally many documents, in ascending order;
        documents of the same length are in the same one.
    """
    by_doc: Mapping[int, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_doc[answer.doc].append(answer)
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
            error_rate(answer for doc in docs[rows] for answer in by_doc[doc]),
        )
        for number in range(len(edges) + 1)
        if len(rows := numpy.flatnonzero(bins == number))
    ]
