"""Validation of the arguments of architectures."""

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, TypeGuard

from ..errors import Errors

MAX_NGRAM_SIZE = 20
# Larger sizes would fail later, when memory is allocated.
MAX_WIDTH = 2**14
MAX_ROWS = 2**24
MAX_LAYERS = 100
MAX_OUTPUTS = 2**20


def is_count(value: Any, largest: float = math.inf) -> bool:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return is_integer and 0 < value <= largest


def is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, Real) and not isinstance(value, bool)


def check_size(
    name: str, argument: str, value: Any, smallest: int, largest: int | None = None
) -> None:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if is_integer and smallest <= value and (largest is None or value <= largest):
        return
    limit = "or more" if largest is None else f"to {largest}"
    expected = f"a whole number of {smallest} {limit}"
    raise ValueError(
        Errors.L101.format(name=name, argument=argument, value=value, expected=expected)
    )


def check_outputs(name: str, nO: int | None) -> None:
    if nO is not None:
        check_size(name, "nO", nO, 1, MAX_OUTPUTS)


def check_choice(
    name: str, argument: str, value: str | None, known: Sequence[str | None]
) -> None:
    if value not in known:
        choices = ", ".join("null" if k is None else repr(k) for k in known)
        raise ValueError(
            Errors.L001.format(name=name, argument=argument, value=value, known=choices)
        )


def check_rates(name: str, **rates: float | None) -> None:
    for argument, rate in rates.items():
        is_rate = is_number(rate) and 0 <= rate < 1
        if rate is not None and not is_rate:
            raise ValueError(
                Errors.L005.format(name=name, argument=argument, rate=rate)
            )
