"""Categories of documents for stratified splits."""

from collections.abc import Sequence
from importlib.util import find_spec

from spacy.tokens import Doc

from ..errors import Errors


def require_sklearn() -> None:
    """Check that scikit-learn is installed.

    RAISES (ImportError): If it isn't.
    """
    if find_spec("sklearn") is None:
        raise ImportError(Errors.L086.format(package="scikit-learn"))


def positive_categories(doc: Doc) -> list[str]:
    """List the positive categories of a document.

    doc (Doc): An annotated document.
    RETURNS (list[str]): The categories with a gold value of at least 0.5.
    """
    return [label for label, value in doc.cats.items() if value and value >= 0.5]


def find_strata(docs: Sequence[Doc]) -> list[str] | None:
    """Find the category of each document.

    docs (Sequence[Doc]): The annotated documents.
    RETURNS (list[str] | None): The categories, or None unless every document has
        exactly one positive category.
    """
    categories = [positive_categories(doc) for doc in docs]
    if any(len(labels) != 1 for labels in categories):
        return None
    return [label for (label,) in categories]
