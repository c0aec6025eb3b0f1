"""Steps of training that are skipped, since a loss or a gradient is not finite."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy
from thinc.types import FloatsXd

from ..errors import Errors, Warnings

MOST_IN_A_ROW = 10


class SkippedSteps:
    """Counts the steps that a component or a layer skipped.

    total (int): All of them.
    in_a_row (int): Those since the last step that was made.
    """

    def __init__(self) -> None:
        self.total = 0
        self.in_a_row = 0

    def admit(self, name: str, is_finite: bool) -> bool:
        """Say whether a step is to be made, and warn of the first one that is not.

        name (str): Name of the component or layer in messages.
        is_finite (bool): Whether all that the step is made of are finite numbers.
        RETURNS (bool): The same.
        RAISES (ValueError): If ten steps in a row were skipped.
        """
        if is_finite:
            self.in_a_row = 0
            return True
        self.total += 1
        self.in_a_row += 1
        if self.total == 1:
            warnings.warn(Warnings.W003.format(name=name), stacklevel=3)
        if self.in_a_row == MOST_IN_A_ROW:
            self.in_a_row = 0
            raise ValueError(Errors.L103.format(name=name, n_steps=MOST_IN_A_ROW))
        return False


def all_zero(arrays: FloatsXd | Sequence[FloatsXd]) -> bool:
    """RETURNS (bool): Whether no array has a value that is not 0."""
    several: Any = arrays if isinstance(arrays, list | tuple) else [arrays]
    return not any(array.any() for array in several)


def all_finite(arrays: FloatsXd | Sequence[FloatsXd]) -> bool:
    """Say whether arrays hold finite numbers only, by their sum.

    arrays (FloatsXd | Sequence[FloatsXd]): One array, or several.
    RETURNS (bool): False also where the sum of finite numbers is too large for one.
    """
    several: Any = arrays if isinstance(arrays, list | tuple) else [arrays]
    with numpy.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(sum(array.sum() for array in several))
