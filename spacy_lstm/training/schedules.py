"""Learning rate schedules."""

import math
import threading
from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

from thinc.types import Generator

from ..errors import Errors
from ..models.checks import is_count, is_number


class Plateau(Iterator[float]):
    """A schedule that lowers the rate when the development score stops improving.

    spaCy doesn't pass scores to schedules, but `spacy-lstm.ProgressLogger.v1` does
    after each evaluation. In a custom training loop, call `pop_unbound_schedules`
    before the first step, and `report` after each evaluation.

    rate (float | Generator): The rate, or a schedule.
    factor (float): Factor by which the rate is multiplied each time.
    patience (int): Number of consecutive evaluations without a new best score before
        the rate is lowered.
    min_rate (float): The rate is not lowered below this value.
    RAISES (ValueError): If an argument is invalid.
    """

    name = "spacy-lstm.Plateau.v1"

    def __init__(
        self,
        rate: float | Generator,
        factor: float = 0.5,
        patience: int = 3,
        min_rate: float = 0.0,
    ) -> None:
        is_factor = is_number(factor) and 0 < factor < 1
        check(is_factor, "factor", factor, "a number between 0 and 1")
        expected = "a number of evaluations above 0"
        check(is_count(patience), "patience", patience, expected)
        is_minimum = is_number(min_rate) and min_rate >= 0
        check(is_minimum, "min_rate", min_rate, "a rate of at least 0")
        is_rate = is_number(rate) and 0 < rate < math.inf
        is_schedule = isinstance(rate, Iterator)
        check(is_rate or is_schedule, "rate", rate, "a rate above 0, or a schedule")
        is_below = isinstance(rate, Iterator) or min_rate <= rate
        check(is_below, "min_rate", min_rate, f"at most {rate}, the value of `rate`")
        # A constant rate is equivalent to a schedule that has ended.
        self.rates: Any = iter(()) if is_rate else rate
        self.rate: Any = rate if is_rate else 0.0
        self.factor = factor
        self.patience = patience
        self.min_rate = min_rate
        self.scale = 1.0
        self.best_score = -math.inf
        self.n_stalled = 0
        self.n_rates = 0
        self.is_bound = False
        UNBOUND.schedules.add(self)

    def report(self, score: float) -> None:
        """Report the score of an evaluation.

        score (float): The score. Higher is better.
        """
        if score > self.best_score:
            self.best_score, self.n_stalled = score, 0
            return
        self.n_stalled += 1
        if self.n_stalled == self.patience:
            self.scale *= self.factor
            self.n_stalled = 0

    def __next__(self) -> float:
        """Return the rate of the next step. Schedules that end keep their last rate.

        RETURNS (float): The rate.
        RAISES (ValueError): If this is not the first step and the schedule receives no
            scores.
        """
        # Optimizers get the first rate when they are created, before the logger.
        if self.n_rates and not self.is_bound:
            raise ValueError(Errors.L102.format(name=self.name))
        self.n_rates += 1
        self.rate = next(self.rates, self.rate)
        return max(self.rate * self.scale, min(self.rate, self.min_rate))


class UnboundSchedules(threading.local):
    """Schedules of the current thread that no logger reports scores to yet."""

    def __init__(self) -> None:
        self.schedules: WeakSet[Plateau] = WeakSet()


UNBOUND = UnboundSchedules()


def pop_unbound_schedules() -> list[Plateau]:
    """Return the schedules created since the last call, and mark them as bound.

    spaCy creates the schedule and the logger of a training run separately, the schedule
    first.

    RETURNS (list[Plateau]): The schedules. The caller must call their `report` method.
    """
    schedules = list(UNBOUND.schedules)
    UNBOUND.schedules.clear()
    for schedule in schedules:
        schedule.is_bound = True
    return schedules


def check(is_right: bool, argument: str, value: object, expected: str) -> None:
    if not is_right:
        message = Errors.L101.format(
            name=Plateau.name, argument=argument, value=value, expected=expected
        )
        raise ValueError(message)
