"""Lists of labels, as users give them."""

from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import Errors


def merge_labels(name: str, present: Sequence[str], labels: Any) -> list[str]:
    """Put labels after those that a component has.

    name (str): Name of the component.
    present (Sequence[str]): The labels that it has.
    labels (list[str]): More labels, such as `spacy init labels` writes them.
    RETURNS (list[str]): All of them, each once.
    RAISES (ValueError): If `labels` is no list of strings.
    """
    is_list = isinstance(labels, Iterable) and not isinstance(labels, str | dict)
    more = list(labels) if is_list else []
    if not is_list or not all(isinstance(label, str) for label in more):
        message = Errors.L048.format(
            name=name, labels=labels, expected="a list of strings"
        )
        raise ValueError(message)
    return list(dict.fromkeys([*present, *more]))
