"""Documents by their category, for splits that keep the categories' shares."""

from collections.abc import Sequence
from importlib.util import find_spec

from spacy.tokens import Doc

from ..errors import Errors


def require_sklearn() -> None:
    """Make sure that there is something to split documents with.

    RAISES (ImportError): If scikit-learn is not installed.
    """
    if find_spec("sklearn") is None:
        raise ImportError(Errors.L086.format(package="scikit-learn"))


def right_categories(doc: Doc) -> list[str]:
    """Name the categories that are right.

    doc (Doc): An annotated document.
    RETURNS (list[str]): Those whose truth is 0.5 or more.
    """
    return [label for label, value in doc.cats.items() if value and value >= 0.5]


def find_strata(docs: Sequence[Doc]) -> list[str] | None:
    """Name the category of each document.

    docs (Sequence[Doc]): Annotated documents.
    RETURNS (list[str] | None): The categories, or None unless every document has
        exactly one right one.
    """
    categories = [right_categories(doc) for doc in docs]
    if any(len(labels) != 1 for labels in categories):
        return None
    return [label for (label,) in categories]
