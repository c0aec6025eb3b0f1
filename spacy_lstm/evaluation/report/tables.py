"""The tables of a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .confusion import Confusion, LabelScore

NOTHING = "–"  # noqa: RUF001
COLUMNS = {"p": "precision", "r": "recall", "f": "F1"}


@dataclass
class Table:
    """A table of which the first cell of each row is a header.

    caption (str): What it is about.
    headers (list[str]): Headers of the columns.
    rows (list[list[str]]): The cells.
    """

    caption: str
    headers: list[str]
    rows: list[list[str]]


class Cell(NamedTuple):
    """A cell of a confusion matrix.

    n (int): How often the label of the column was given for that of the row.
    share (float): The same as part of the row.
    kind (str): "right", "wrong", "mixed" or "empty".
    """

    n: int
    share: float
    kind: str


@dataclass
class Matrix:
    """A confusion matrix.

    columns (list[str]): Headers of the columns.
    rows (list[tuple[str, list[Cell], int]]): Header, cells and sum of each row.
    """

    columns: list[str]
    rows: list[tuple[str, list[Cell], int]]


def format_score(name: str, score: Any) -> str:
    """Write a score as it is read best.

    name (str): Its name in spaCy.
    score (Any): A fraction, or None where there is nothing to score.
    RETURNS (str): Percent, but for the speed.
    """
    if not isinstance(score, int | float):
        return NOTHING
    return f"{score:,.0f}" if name == "speed" else f"{100 * score:.2f}"


def tabulate_scores(scores: Mapping[str, Any]) -> list[Table]:
    """Make tables of the scores of a component.

    scores (Mapping[str, Any]): What `nlp.evaluate` says of it.
    RETURNS (list[Table]): One of its overall scores, and one for each score by label.
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
    """RETURNS (str): Name of a score, with what spaCy says of it, if anything."""
    description = scores.get(f"{name}_desc")
    return f"{name} ({description})" if description else name


def tabulate_labels(name: str, scores: Mapping[str, Any]) -> Table:
    """Make a table of scores by label.

    name (str): Name of the scores in spaCy.
    scores (Mapping[str, Any]): One score or several named ones for each label.
    RETURNS (Table): The table, by label.
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
    """Make a table of precision, recall and F1.

    scores (Sequence[LabelScore]): Those of each label.
    RETURNS (Table): The table.
    """
    return Table(
        "By label",
        ["label", "precision, %", "recall, %", "F1, %", "in the data", "predicted"],
        [
            [
                row.label,
                *(format_score("", score) for score in row[1:4]),
                f"{row.n_true:,}",
                f"{row.n_given:,}",
            ]
            for row in scores
        ],
    )


def tabulate_decisions(counts: Mapping[str, Sequence[int]]) -> Table:
    """Make a table of what was said of each label, where any number is right.

    counts (Mapping[str, Sequence[int]]): Of `count_decisions`.
    RETURNS (Table): The table.
    """
    headers = ["label", "rightly set", "wrongly set", "missed", "rightly not set"]
    rows = [[label, *(f"{n:,}" for n in own)] for label, own in counts.items()]
    return Table("Decisions by label", headers, rows)


def tabulate_confusion(confusion: Confusion) -> Matrix:
    """Make a confusion matrix.

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
    """Make a cell of a confusion matrix.

    n (int): The count.
    total (int): The sum of the row.
    is_diagonal (bool): Whether row and column are of the same labels.
    is_rest (bool): Whether the row is of several labels, or of none.
    RETURNS (Cell): The cell.
    """
    if not n:
        return Cell(0, 0.0, "empty")
    kind = ("mixed" if is_rest else "right") if is_diagonal else "wrong"
    return Cell(n, n / total, kind)
