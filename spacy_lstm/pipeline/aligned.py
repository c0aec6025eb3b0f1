"""Annotations of the reference, for the tokens that the pipeline sees."""

from collections.abc import Sequence

import numpy
from spacy.attrs import IS_SPACE, ORTH
from spacy.training import Example


def read_aligned(example: Example, attr: int) -> Sequence[int | None]:
    """Read an attribute of the reference for each predicted token.

    It is `Example.get_aligned`, without the work of an alignment where the tokens are
    the same.

    example (Example): The example.
    attr (int): The attribute.
    RETURNS (Sequence[int | None]): Values; None for white space, and where a token is
        aligned with no other or with others that don't agree.
    """
    predicted = example.predicted.to_array([ORTH, IS_SPACE])
    if not numpy.array_equal(predicted[:, 0], example.reference.to_array(ORTH)):
        return example.get_aligned(attr)  # type: ignore[arg-type]
    values: list[int | None] = example.reference.to_array(attr).tolist()
    for i in predicted[:, 1].nonzero()[0]:
        values[i] = None
    return values
