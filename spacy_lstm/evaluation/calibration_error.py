"""How true probabilities are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy

N_BINS = 10


class Bin(NamedTuple):
    """Predictions of about one probability.

    size (int): How many there are.
    probability (float): Their mean probability.
    right (float): Part of them that is right.
    """

    size: int
    probability: float
    right: float


def bin_by_probability(
    probabilities: numpy.ndarray, is_right: numpy.ndarray, n_bins: int = N_BINS
) -> list[Bin]:
    """Sort predictions into bins of equal width, and leave out those that stay empty.

    probabilities (numpy.ndarray): How probable each prediction is by the model, from 0
        to 1. *Shape:* (n_predictions,)
    is_right (numpy.ndarray): Whether each is right. *Shape:* (n_predictions,)
    n_bins (int): Number of bins between 0 and 1.
    RETURNS (list[Bin]): The bins, in ascending order.
    """
    bins = numpy.minimum((probabilities * n_bins).astype(int), n_bins - 1)
    return [
        Bin(len(rows), float(probabilities[rows].mean()), float(is_right[rows].mean()))
        for number in range(n_bins)
        if len(rows := numpy.flatnonzero(bins == number))
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Find by how much probabilities are off, on average over all predictions.

    bins (Sequence[Bin]): At least one bin.
    RETURNS (float): From 0 to 1, as of Naeini et al. 2015.
    """
    sizes, probabilities, rights = map(numpy.array, zip(*bins, strict=True))
    return float((sizes * abs(probabilities - rights)).sum() / sizes.sum())
