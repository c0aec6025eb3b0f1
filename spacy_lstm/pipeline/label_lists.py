"""Lists of labels, as users give them."""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from spacy.language import Language
from spacy.pipeline import TextCategorizer

from ..errors import Errors, Warnings


def merge_labels(name: str, present: Sequence[str], labels: Any) -> list[str]:
    """Put labels after those that a component has.

    name (str): Name of the component.
    present (Sequence[str]): The labels that it has.
    labels (list[str]): More labels, such as `spacy init labels` writes them.
    RETURNS (list[str]): All of them, each once.
    RAISES (ValueError): If `labels` is no list of strings, or one is empty.
    """
    is_list = isinstance(labels, Iterable) and not isinstance(labels, str | dict)
    more = list(labels) if is_list else []
    if not is_list or not all(isinstance(label, str) and label for label in more):
        message = Errors.L048.format(
            name=name, labels=labels, expected="a list of strings that are not empty"
        )
        raise ValueError(message)
    return list(dict.fromkeys([*present, *more]))


def warn_of_shared_labels(
    pipe: TextCategorizer, nlp: Language, labels: list[str]
) -> None:
    """Warn if another text classifier of the pipeline has some of the labels.

    pipe (TextCategorizer): The component.
    nlp (Language): The pipeline.
    labels (list[str]): The labels of the component.
    """
    for name, other in nlp.pipeline:
        if other is not pipe and isinstance(other, TextCategorizer):
            shared = [label for label in labels if label in other.labels]
            if shared:
                message = Warnings.W004.format(
                    name=pipe.name, other=name, labels=shared
                )
                warnings.warn(message, stacklevel=2)
