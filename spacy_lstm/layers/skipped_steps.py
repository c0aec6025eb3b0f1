"""Skipping of training steps with non-finite losses or gradients."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy
from thinc.types import FloatsXd

from ..errors import Errors, Warnings

MAX_IN_A_ROW = 10


class SkippedSteps:
    """Counts the skipped steps of a component or a layer.

    total (int): Number of skipped steps.
    in_a_row (int): Number of skipped steps since the last finite one.
    """

    def __init__(self) -> None:
        self.total = 0
        self.in_a_row = 0

    def record_step(self, name: str, is_finite: bool) -> bool:
        """Record a step, and warn if it is the first one to be skipped.

        name (str): Name of the component or layer in messages.
        is_finite (bool): Whether its losses and gradients are finite.
        RETURNS (bool): Whether to take the step, i.e. `is_finite`.
        RAISES (ValueError): If ten steps in a row were skipped.
        """
        if is_finite:
            self.in_a_row = 0
            return True
        self.total += 1
        self.in_a_row += 1
        if self.total == 1:
            warnings.warn(Warnings.W003.format(name=name), stacklevel=3)
        if self.in_a_row == MAX_IN_A_ROW:
            self.in_a_row = 0
            raise ValueError(Errors.L103.format(name=name, n_steps=MAX_IN_A_ROW))
        return False


def all_zero(arrays: FloatsXd | Sequence[FloatsXd]) -> bool:
    """RETURNS (bool): Whether all values are 0."""
    several: Any = arrays if isinstance(arrays, list | tuple) else [arrays]
    return not any(array.any() for array in several)


def all_finite(arrays: FloatsXd | Sequence[FloatsXd]) -> bool:
    """Check whether all values are finite, by their sum.

    arrays (FloatsXd | Sequence[FloatsXd]): One or several arrays.
    RETURNS (bool): Whether they are finite. Also False if their sum overflows.
    """
    several: Any = arrays if isinstance(arrays, list | tuple) else [arrays]
    with numpy.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(sum(array.sum() for array in several))
