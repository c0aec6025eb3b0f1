import pytest

from spacy_lstm.evaluation.report.confusion import (
    LabelScore,
    count_confusions,
    count_decisions,
    score_labels,
)
from spacy_lstm.evaluation.report.predictions import Prediction

PAIRS = [
    *[("a", "a")] * 3,
    *[("b", "a")] * 2,
    ("b", "b"),
    ("c", "d"),
    ("d", "d"),
    ("", "a"),
    ("c", ""),
]


def test_all_labels() -> None:
    confusion = count_confusions(PAIRS)
    assert confusion.labels == ["a", "b", "d", "c"]
    assert (confusion.n_others, confusion.has_none) == (0, True)
    assert confusion.counts.tolist() == [
        [3, 0, 0, 0, 0],
        [2, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 1, 0, 1],
        [1, 0, 0, 0, 0],
    ]


def test_the_largest_labels() -> None:
    confusion = count_confusions(PAIRS, n_labels=2)
    assert confusion.labels == ["a", "b"]
    assert (confusion.n_others, confusion.has_none) == (2, True)
    assert confusion.counts.tolist() == [
        [3, 0, 0, 0],
        [2, 1, 0, 0],
        [0, 0, 2, 1],
        [1, 0, 0, 0],
    ]


def test_that_twenty_labels_have_rows_of_their_own() -> None:
    pairs = [(f"{i:02}", f"{i:02}") for i in range(25)]
    confusion = count_confusions(pairs)
    assert confusion.labels == [f"{i:02}" for i in range(20)]
    assert (confusion.n_others, confusion.has_none) == (5, False)
    assert confusion.counts.diagonal().tolist() == [*[1] * 20, 5]
    assert confusion.counts.sum() == 25


def test_scores_of_labels() -> None:
    assert score_labels(PAIRS) == [
        LabelScore("a", 0.5, 1.0, pytest.approx(2 / 3), 3, 6),
        LabelScore("b", 1.0, pytest.approx(1 / 3), 0.5, 3, 1),
        LabelScore("c", 0.0, 0.0, 0.0, 2, 0),
        LabelScore("d", 0.5, 1.0, pytest.approx(2 / 3), 1, 2),
    ]


def test_decisions() -> None:
    decided = {"x": ["yy", "yn", "ny", "ny"], "w": ["nn"]}
    full = {"y": "yes", "n": "no"}
    predictions = [
        Prediction(0, 0, 1, full[gold], full[predicted], label=label)
        for label, pairs in decided.items()
        for predicted, gold in pairs
    ]
    assert count_decisions(predictions) == {"w": [0, 0, 0, 1], "x": [1, 1, 2, 0]}
    assert list(count_decisions(predictions)) == ["w", "x"]
