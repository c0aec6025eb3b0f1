import pytest

from spacy_lstm.evaluation.report.lengths import LengthBin, bin_by_length, error_rate
from spacy_lstm.evaluation.report.predictions import Prediction


def prediction(doc: int, gold: str, predicted: str) -> Prediction:
    return Prediction(doc, 0, 1, gold, predicted)


def test_error_rate() -> None:
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")]
    assert error_rate(prediction(0, *pair) for pair in pairs) == 0.25


def test_that_it_is_one_minus_f1_where_something_is_missed_or_spurious() -> None:
    pairs = [("a", "a"), ("a", ""), ("", "a"), ("", "b"), ("b", "a")]
    precision, recall = 1 / 4, 1 / 3
    f1 = 2 * precision * recall / (precision + recall)
    assert error_rate(prediction(0, *pair) for pair in pairs) == pytest.approx(1 - f1)


def test_bins_of_equally_many_documents() -> None:
    lengths = [*range(1, 11), 1000]
    predictions = [prediction(doc, "a", "a" if doc < 8 else "b") for doc in range(10)]
    assert bin_by_length(predictions, lengths) == [
        LengthBin(1, 5, 5, 0.0),
        LengthBin(6, 10, 5, pytest.approx(0.4)),
    ]


def test_that_documents_of_one_length_stay_together() -> None:
    lengths = [3] * 18 + [4] * 2
    predictions = [prediction(doc, "a", "a") for doc in range(20)]
    assert bin_by_length(predictions, lengths) == [
        LengthBin(3, 3, 18, 0.0),
        LengthBin(4, 4, 2, 0.0),
    ]


def test_that_long_documents_count_by_their_answers() -> None:
    lengths = [1] * 5 + [9] * 5
    predictions = [prediction(doc, "a", "a") for doc in range(10)]
    predictions += [prediction(9, "a", "b")] * 5
    assert bin_by_length(predictions, lengths)[1] == LengthBin(9, 9, 5, 0.5)


@pytest.mark.parametrize("n", [0, 9])
def test_too_few_documents(n: int) -> None:
    predictions = [prediction(doc, "a", "a") for doc in range(n)]
    assert bin_by_length(predictions, list(range(n))) == []
