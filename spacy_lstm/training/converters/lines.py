"""Numbered lines of text files."""

import io
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from ...errors import Errors

N_CHARACTERS = 80


def bad_line(path: Path, line: int, found: str, expected: str) -> ValueError:
    """Create the error for an invalid line.

    path (Path): The file.
    line (int): Number of the line, starting at 1.
    found (str): The invalid content.
    expected (str): Description of valid content.
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
    """Check that a row has as many columns as the first row.

    path (Path): The file.
    line (int): Line number of the row, starting at 1.
    found (str): The row.
    width (int): Number of columns of the row.
    first_line (int): Line number of the first row.
    first_width (int): Number of columns of the first row.
    RAISES (ValueError): If the numbers differ.
    """
    if width != first_width:
        expected = f"{first_width} columns as in line {first_line}"
        raise bad_line(path, line, found, expected)


def show_whitespace(text: str) -> str:
    """Escape tabs, no-break spaces and other unprintable characters.

    text (str): The text.
    RETURNS (str): The escaped text.
    """
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1]
        for character in text
    )


def read_text(path: Path) -> str:
    """Read a file in UTF-8, with or without a byte order mark.

    path (Path): The file.
    RETURNS (str): The text, with unchanged line ends.
    RAISES (ValueError): If the file has another encoding or can't be read.
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
    YIELDS (tuple[int, str]): Line number, starting at 1, and line.
    RAISES (ValueError): If the file is not in UTF-8.
    """
    # str.splitlines would also split at characters that are allowed in JSON strings.
    lines = io.StringIO(read_text(path), newline=None)
    for number, line in enumerate(lines, start=1):
        yield number, line.rstrip("\n")


def numbered_blocks(path: Path) -> Iterator[list[tuple[int, str]]]:
    """Read blocks of lines, separated by empty lines.

    path (Path): The file.
    YIELDS (list[tuple[int, str]]): Line numbers and lines of a block.
    RAISES (ValueError): If the file is not in UTF-8.
    """
    for has_text, block in groupby(
        numbered_lines(path), key=lambda line: bool(line[1].strip())
    ):
        if has_text:
            yield list(block)
