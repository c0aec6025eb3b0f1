"""Lines of files, with their numbers."""

import io
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from ...errors import Errors

N_CHARACTERS = 80


def bad_line(path: Path, line: int, found: str, expected: str) -> ValueError:
    """Make the error of a line that doesn't fit.

    path (Path): The file.
    line (int): Number of the line, from 1 on.
    found (str): What is there.
    expected (str): What should be.
    RETURNS (ValueError): The error.
    """
    found = show_whitespace(found.strip(" \r\n"))
    if len(found) > N_CHARACTERS:
        found = f"{found[:N_CHARACTERS]}..."
    message = Errors.L068.format(path=path, line=line, found=found, expected=expected)
    return ValueError(message)


def check_width(
    path: Path, line: int, found: str, width: int, first_line: int, first_width: int
) -> None:
    """Check that a row has as many columns as the first one.

    path (Path): The file.
    line (int): Number of the row's line, from 1 on.
    found (str): The row.
    width (int): Its number of columns.
    first_line (int): Number of the first row's line.
    first_width (int): Number of columns of the first row.
    RAISES (ValueError): If it has not.
    """
    if width != first_width:
        expected = f"{first_width} columns, as many as line {first_line} has"
        raise bad_line(path, line, found, expected)


def show_whitespace(text: str) -> str:
    """Write tabs, no-break spaces and the like as escapes.

    text (str): Any text.
    RETURNS (str): The text, where spaces are the only whitespace.
    """
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1]
        for character in text
    )


def read_text(path: Path) -> str:
    """Read a file in UTF-8, with or without a byte order mark.

    path (Path): The file.
    RETURNS (str): Its text, with line ends as they are.
    RAISES (ValueError): If it is in another encoding, or can't be read at all.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        found = f"{path} that can be read: {error.strerror}"
        expected = "a file of annotated texts"
        raise ValueError(Errors.L065.format(path=found, expected=expected)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        bad = error.object[error.start : error.end]
        message = Errors.L067.format(path=path, line=line, found=bad)
        raise ValueError(message) from None


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read the lines of a file.

    path (Path): The file.
    YIELDS (tuple[int, str]): Number of a line, from 1 on, and the line.
    RAISES (ValueError): If it is not in UTF-8.
    """
    # str.splitlines would also end lines at characters that JSON allows in strings.
    lines = io.StringIO(read_text(path), newline=None)
    for number, line in enumerate(lines, start=1):
        yield number, line.rstrip("\n")


def numbered_blocks(path: Path) -> Iterator[list[tuple[int, str]]]:
    """Read blocks of lines, with empty ones between.

    path (Path): The file.
    YIELDS (list[tuple[int, str]]): Number and line of each line of a block.
    RAISES (ValueError): If it is not in UTF-8.
    """
    for has_text, block in groupby(
        numbered_lines(path), key=lambda line: bool(line[1].strip())
    ):
        if has_text:
            yield list(block)
