import numpy

from spacy_lstm.evaluation.report.confusion import Confusion, LabelScore
from spacy_lstm.evaluation.report.tables import (
    NO_SCORE,
    Cell,
    Table,
    format_score,
    tabulate_confusion,
    tabulate_decisions,
    tabulate_label_scores,
    tabulate_scores,
)


def test_scores() -> None:
    assert format_score("ents_f", 0.12345) == "12.35"
    assert format_score("ents_f", 1) == "100.00"
    assert format_score("ents_f", None) == NO_SCORE
    assert format_score("speed", 1234.5) == "1,234"


def test_overall_scores_and_those_by_label() -> None:
    scores = {
        "cats_score": 0.5,
        "cats_score_desc": "macro F",
        "cats_f_per_type": {
            "b": {"p": 0.5, "r": 1.0, "f": 2 / 3},
            "a": {"p": 0.0, "r": 0.0, "f": 0.0},
        },
        "cats_auc_per_type": {"a": None, "b": 0.75},
        "morph_per_feat": None,
        "empty": {},
    }
    overall, f1, auc = tabulate_scores(scores)
    assert overall == Table(
        "Overall",
        ["score", "%"],
        [
            ["cats_score (macro F)", "50.00"],
            ["morph_per_feat", NO_SCORE],
        ],
    )
    assert f1.headers == ["label", "precision", "recall", "F1"]
    assert f1.rows == [
        ["a", "0.00", "0.00", "0.00"],
        ["b", "50.00", "100.00", "66.67"],
    ]
    assert auc.headers == ["label", "score"]
    assert "cats_auc_per_type" in auc.caption
    assert auc.rows == [["a", NO_SCORE], ["b", "75.00"]]
    assert tabulate_scores({}) == []


def test_scores_of_labels() -> None:
    table = tabulate_label_scores([LabelScore("a", 0.5, 1.0, 2 / 3, 1000, 2000)])
    assert table.rows == [["a", "50.00", "100.00", "66.67", "1,000", "2,000"]]
    assert len(table.headers) == 6


def test_decisions() -> None:
    table = tabulate_decisions({"a": [1, 2, 3, 4000]})
    assert table.rows == [["a", "1", "2", "3", "4,000"]]
    assert len(table.headers) == 5


def test_a_confusion_matrix() -> None:
    counts = numpy.array([[3, 1, 0], [0, 2, 2], [1, 0, 0]])
    matrix = tabulate_confusion(Confusion(["a"], 4, True, counts))
    empty = Cell(0, 0.0, "empty")
    assert matrix.columns == ["a", "4 others", "none (missed)"]
    assert matrix.rows == [
        ("a", [Cell(3, 0.75, "right"), Cell(1, 0.25, "wrong"), empty], 4),
        ("4 others", [empty, Cell(2, 0.5, "mixed"), Cell(2, 0.5, "wrong")], 4),
        ("none (spurious)", [Cell(1, 1.0, "wrong"), empty, empty], 1),
    ]


def test_a_confusion_matrix_of_few_labels() -> None:
    counts = numpy.array([[3, 1], [0, 2]])
    matrix = tabulate_confusion(Confusion(["a", "b"], 0, False, counts))
    assert matrix.columns == ["a", "b"]
    assert [header for header, _, _ in matrix.rows] == ["a", "b"]
