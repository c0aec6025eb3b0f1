"""Tables of strings in the arguments of augmenters."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import srsly

from ...errors import Errors

Table = dict[str, list[str]]


def read_table(
    name: str,
    argument: str,
    table: Table | str | Path,
    expected: str,
    is_valid: Callable[[str], bool],
) -> Table:
    """Read and check a table that maps strings to lists of strings.

    name (str): Name of the augmenter.
    argument (str): Name of the argument.
    table (dict[str, list[str]] | str | Path): The table, or a JSON file with it.
    expected (str): Description of valid strings for the error message.
    is_valid (Callable[[str], bool]): Checks whether a string in a list is valid.
    RETURNS (dict[str, list[str]]): The table.
    RAISES (ValueError): If the table can't be read or is invalid.
    """
    if isinstance(table, str | Path):
        path = str(table)
        try:
            table = srsly.read_json(path)
        except (OSError, ValueError) as error:
            reason = str(error).rstrip(".")
            message = Errors.L097.format(
                name=name, argument=argument, path=path, reason=reason
            )
            raise ValueError(message) from None
    entries: Any = table.items() if isinstance(table, dict) else [(table, None)]
    for key, values in entries:
        is_list = isinstance(values, list | tuple) and len(values) > 0
        if not is_list or not all(isinstance(v, str) and is_valid(v) for v in values):
            message = Errors.L098.format(
                name=name, argument=argument, key=key, values=values, expected=expected
            )
            raise ValueError(message)
    return {key: list(values) for key, values in entries}
