"""The tables of a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .confusion import Confusion, LabelScore

NO_SCORE = "–"  # noqa: RUF001
COLUMNS = {"p": "precision", "r": "recall", "f": "F1"}


@dataclass
class Table:
    """A table. The first cell of each row is a header.

    caption (str): The caption.
    headers (list[str]): The column headers.
    rows (list[list[str]]): The cells of each row.
    """

    caption: str
    headers: list[str]
    rows: list[list[str]]


class Cell(NamedTuple):
    """A cell of a confusion matrix.

    n (int): Number of times that the column's label was predicted for the row's label.
    share (float): The number as a share of the row.
    kind (str): "right", "wrong", "mixed" or "empty".
    """

    n: int
    share: float
    kind: str


@dataclass
class Matrix:
    """A confusion matrix.

    columns (list[str]): The column headers.
    rows (list[tuple[str, list[Cell], int]]): Header, cells and total of each row.
    """

    columns: list[str]
    rows: list[tuple[str, list[Cell], int]]


def format_score(name: str, score: Any) -> str:
    """Format a score.

    name (str): Name of the score in spaCy.
    score (Any): A fraction, or None if there was nothing to score.
    RETURNS (str): The score in percent, or the speed in words per second.
    """
    if not isinstance(score, int | float):
        return NO_SCORE
    return f"{score:,.0f}" if name == "speed" else f"{100 * score:.2f}"


def tabulate_scores(scores: Mapping[str, Any]) -> list[Table]:
    """Create tables of the scores of a component.

    scores (Mapping[str, Any]): The component's scores from `nlp.evaluate`.
    RETURNS (list[Table]): A table of overall scores, and one for each score by label.
    """
    overall = {k: v for k, v in scores.items() if not isinstance(v, Mapping | str)}
    rows = [
        [describe_score(name, scores), format_score(name, score)]
        for name, score in overall.items()
    ]
    tables = [Table("Overall", ["score", "%"], rows)] if rows else []
    by_label = {k: v for k, v in scores.items() if isinstance(v, Mapping) and v}
    return tables + [tabulate_labels(name, table) for name, table in by_label.items()]


def describe_score(name: str, scores: Mapping[str, Any]) -> str:
    """RETURNS (str): Name of a score, with spaCy's description if there is one."""
    description = scores.get(f"{name}_desc")
    return f"{name} ({description})" if description else name


def tabulate_labels(name: str, scores: Mapping[str, Any]) -> Table:
    """Create a table of scores by label.

    name (str): Name of the scores in spaCy.
    scores (Mapping[str, Any]): One score, or several named scores, by label.
    RETURNS (Table): The table, sorted by label.
    """
    named = {
        label: score if isinstance(score, Mapping) else {"score": score}
        for label, score in sorted(scores.items())
    }
    columns = list(dict.fromkeys(column for own in named.values() for column in own))
    return Table(
        f"By label, in % ({name})",
        ["label", *(COLUMNS.get(column, column) for column in columns)],
        [
            [label, *(format_score(name, own.get(column)) for column in columns)]
            for label, own in named.items()
        ],
    )


def tabulate_label_scores(scores: Sequence[LabelScore]) -> Table:
    """Create a table of precision, recall and F1.

    scores (Sequence[LabelScore]): The scores of each label.
    RETURNS (Table): The table.
    """
    return Table(
        "By label",
        ["label", "precision, %", "recall, %", "F1, %", "gold", "predicted"],
        [
            [
                row.label,
                *(format_score("", score) for score in row[1:4]),
                f"{row.n_gold:,}",
                f"{row.n_predicted:,}",
            ]
            for row in scores
        ],
    )


def tabulate_decisions(counts: Mapping[str, Sequence[int]]) -> Table:
    """Create a table of the decisions for each label of multilabel predictions.

    counts (Mapping[str, Sequence[int]]): The result of `count_decisions`.
    RETURNS (Table): The table.
    """
    headers = ["label", "true pos.", "false pos.", "false neg.", "true neg."]
    rows = [[label, *(f"{n:,}" for n in own)] for label, own in counts.items()]
    return Table("Decisions by label", headers, rows)


def tabulate_confusion(confusion: Confusion) -> Matrix:
    """Format a confusion matrix.

    confusion (Confusion): The counts.
    RETURNS (Matrix): The matrix.
    """
    others = [f"{confusion.n_others} others"] if confusion.n_others else []
    names = [*confusion.labels, *others]
    columns = [*names, "none (missed)"] if confusion.has_none else names
    headers = [*names, "none (spurious)"] if confusion.has_none else names
    first_mixed = len(confusion.labels)
    rows = []
    for row, (header, counts) in enumerate(
        zip(headers, confusion.counts.tolist(), strict=True)
    ):
        total = sum(counts)
        cells = [
            make_cell(n, total, row == column, row >= first_mixed)
            for column, n in enumerate(counts)
        ]
        rows.append((header, cells, total))
    return Matrix(columns, rows)


def make_cell(n: int, total: int, is_diagonal: bool, is_rest: bool) -> Cell:
    """Create a cell of a confusion matrix.

    n (int): The count.
    total (int): The total of the row.
    is_diagonal (bool): Whether row and column stand for the same labels.
    is_rest (bool): Whether the row stands for several labels, or for no label.
    RETURNS (Cell): The cell.
    """
    if not n:
        return Cell(0, 0.0, "empty")
    kind = ("mixed" if is_rest else "right") if is_diagonal else "wrong"
    return Cell(n, n / total, kind)
