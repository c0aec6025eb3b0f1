import numpy
import pytest

from spacy_lstm.evaluation.calibration_error import (
    Bin,
    bin_by_probability,
    expected_calibration_error,
)


def test_bins() -> None:
    probabilities = numpy.array([0.95, 0.12, 0.18, 1.0, 0.0, 0.91])
    is_right = numpy.array([True, False, True, True, False, False])
    assert bin_by_probability(probabilities, is_right) == [
        Bin(1, 0.0, 0.0),
        Bin(2, pytest.approx(0.15), 0.5),
        Bin(3, pytest.approx(2.86 / 3), pytest.approx(2 / 3)),
    ]


def test_the_number_of_bins() -> None:
    probabilities = numpy.array([0.2, 0.4, 0.9])
    first, second = bin_by_probability(probabilities, probabilities > 0.3, n_bins=2)
    assert first == (2, pytest.approx(0.3), 0.5)
    assert second == (1, pytest.approx(0.9), 1.0)


def test_that_nothing_gives_no_bins() -> None:
    assert bin_by_probability(numpy.zeros(0), numpy.zeros(0, dtype=bool)) == []


def test_expected_calibration_error() -> None:
    bins = [Bin(1, 0.25, 0.0), Bin(3, 0.75, 0.5)]
    assert expected_calibration_error(bins) == (0.25 + 3 * 0.25) / 4
    assert expected_calibration_error([Bin(5, 0.5, 0.5)]) == 0.0


def test_the_error_of_a_model_that_is_too_sure() -> None:
    probabilities = numpy.full(10, 0.9)
    is_right = numpy.arange(10) < 6
    bins = bin_by_probability(probabilities, is_right)
    assert expected_calibration_error(bins) == pytest.approx(0.3)
