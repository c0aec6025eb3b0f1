"""Converters for CSV and TSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from .lines import bad_line, check_width, read_text
from .options import Options
from .records import Record

# csv.QUOTE_MINIMAL and csv.QUOTE_NONE
Quoting = Literal[0, 3]
# Python's default of 131,072 characters is too low for long texts.
MAX_FIELD_SIZE = 2**31 - 1


def read_csv(path: Path, options: Options) -> Iterator[Record]:
    """Read texts and labels from CSV.

    path (Path): The file.
    options (Options): Options, with the names of the columns.
    YIELDS (Record): The texts.
    RAISES (ValueError): If the file is not in this format.
    """
    yield from read_table(path, options, delimiter=",", quoting=csv.QUOTE_MINIMAL)


def read_tsv(path: Path, options: Options) -> Iterator[Record]:
    """Read texts and labels from TSV. Quotation marks have no special meaning.

    path (Path): The file.
    options (Options): Options, with the names of the columns.
    YIELDS (Record): The texts.
    RAISES (ValueError): If the file is not in this format.
    """
    yield from read_table(path, options, delimiter="\t", quoting=csv.QUOTE_NONE)


def read_table(
    path: Path, options: Options, *, delimiter: str, quoting: Quoting
) -> Iterator[Record]:
    rows = numbered_rows(path, delimiter, quoting)
    columns = (options.text_column, options.label_column)
    positions: list[int] | None = None
    if all(column.isdecimal() and int(column) for column in columns):
        positions = [int(column) - 1 for column in columns]
    first: tuple[int, list[str]] | None = None
    for line, row in rows:
        first = first or (line, row)
        if positions is None:
            positions = find_columns(path, line, row, columns)
            continue
        check_positions(path, line, row, len(first[1]), positions)
        check_width(path, line, str(row), len(row), first[0], len(first[1]))
        text, label = (row[position].strip() for position in positions)
        labels = options.split_labels(label)
        if not text or (not labels and not options.multilabel):
            raise bad_line(path, line, str(row), "a row with a text and a label")
        yield Record(path, line, text, labels)


def numbered_rows(
    path: Path, delimiter: str, quoting: Quoting
) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(MAX_FIELD_SIZE)
    text = io.StringIO(read_text(path), newline="")
    reader = csv.reader(text, delimiter=delimiter, quoting=quoting, strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise bad_line(
            path, line, str(error), "matching quotation marks around columns"
        ) from None


def find_columns(
    path: Path, line: int, header: Sequence[str], columns: Sequence[str]
) -> list[int]:
    """Find the indices of columns.

    path (Path): The file.
    line (int): Line number of the header.
    header (Sequence[str]): Names of all columns.
    columns (Sequence[str]): Names or numbers, starting at 1, of the columns to find.
    RETURNS (list[int]): The indices.
    RAISES (ValueError): If a column doesn't exist.
    """
    names = [name.strip().lower() for name in header]
    positions = []
    for column in columns:
        if column.lower() in names:
            positions.append(names.index(column.lower()))
        elif column.isdecimal() and 1 <= int(column) <= len(header):
            positions.append(int(column) - 1)
        else:
            expected = (
                f"a header with the columns {columns[0]!r} and {columns[1]!r} (set "
                "--text-column and --label-column to other names, or to numbers, "
                "starting at 1, if there is no header)"
            )
            raise bad_line(path, line, str(header), expected)
    return positions


def check_positions(
    path: Path, line: int, row: Sequence[str], n_columns: int, positions: Sequence[int]
) -> None:
    if not 0 <= min(positions) <= max(positions) < n_columns:
        numbers = " and ".join(str(position + 1) for position in positions)
        raise bad_line(path, line, str(row), f"a row with the columns {numbers}")
