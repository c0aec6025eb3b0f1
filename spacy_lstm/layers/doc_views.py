"""Flat batches, and the arrays of their documents as views."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from thinc.api import Model
from thinc.types import Floats2d


class DocViews(list[Floats2d]):
    """One array per document, as views of one flat array.

    A list, as expected by spaCy's layers. It keeps the flat array, so that the next
    layer doesn't have to concatenate the list again.

    flat (Floats2d): *Shape:* (n_tokens, width)
    lengths (Sequence[int]): Number of tokens of each document.
    """

    def __init__(self, flat: Any, lengths: Sequence[int]) -> None:
        bounds = accumulate(lengths, initial=0)
        super().__init__(flat[start:end] for start, end in pairwise(bounds))
        self.flat = flat


def flatten(model: Model, Xs: Sequence[Floats2d]) -> Floats2d:
    """Concatenate the arrays of documents. Does not copy `DocViews`.

    model (Model): The layer that reads them.
    Xs (Sequence[Floats2d]): One array per document. *Shape:* (length, width)
    RETURNS (Floats2d): *Shape:* (n_tokens, width)
    """
    if isinstance(Xs, DocViews):
        return Xs.flat
    if not Xs:
        return model.ops.alloc2f(0, model.maybe_get_dim("nI") or 0)
    return model.ops.xp.concatenate(Xs)
