"""Annotations of the reference, for the tokens that the pipeline sees."""

from collections.abc import Sequence

import numpy
from spacy.attrs import ORTH
from spacy.training import Example


def read_aligned(example: Example, attr: int) -> Sequence[int | None]:
    """Read an attribute of the reference for each predicted token.

    It is `Example.get_aligned`, without the work of an alignment where the tokens are
    the same.

    example (Example): The example.
    attr (int): The attribute.
    RETURNS (Sequence[int | None]): Values; None where a token is aligned with no other
        or with others that don't agree.
    """
    words = example.predicted.to_array(ORTH)
    if not numpy.array_equal(words, example.reference.to_array(ORTH)):
        return example.get_aligned(attr)  # type: ignore[arg-type]
    return example.reference.to_array(attr).tolist()
