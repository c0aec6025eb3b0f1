"""Calibration of predicted probabilities."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy

N_BINS = 10


class Bin(NamedTuple):
    """Predictions of similar probability.

    size (int): Number of predictions.
    probability (float): Their mean probability.
    right (float): Their accuracy.
    """

    size: int
    probability: float
    right: float


def bin_by_probability(
    probabilities: numpy.ndarray, is_right: numpy.ndarray, n_bins: int = N_BINS
) -> list[Bin]:
    """Group predictions into bins of equal width. Empty bins are left out.

    probabilities (numpy.ndarray): Predicted probabilities, from 0 to 1.
        *Shape:* (n_predictions,)
    is_right (numpy.ndarray): Whether each prediction is correct.
        *Shape:* (n_predictions,)
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
    """Calculate the expected calibration error (Naeini et al. 2015).

    bins (Sequence[Bin]): At least one bin.
    RETURNS (float): The mean absolute difference between probability and accuracy over
        all predictions, from 0 to 1.
    """
    sizes, probabilities, rights = map(numpy.array, zip(*bins, strict=True))
    return float((sizes * abs(probabilities - rights)).sum() / sizes.sum())
