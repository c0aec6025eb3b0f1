"""Schedules of rates."""

import math
import threading
from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

from thinc.types import Generator

from ..errors import Errors
from ..models.checks import is_count, is_number


class Plateau(Iterator[float]):
    """A rate that is lowered when the score on the development data stalls.

    spaCy tells schedules nothing of scores. `spacy-lstm.ProgressLogger.v1` does, after
    each evaluation; a loop of one's own calls `take_waiting` before its first step, and
    `report` after each evaluation.

    rate (float | Generator): The rate, or a schedule of it.
    factor (float): What the rate is multiplied by each time.
    patience (int): How many evaluations in a row without a new best score it takes.
    min_rate (float): What the rate is not lowered below.
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
        check(is_minimum, "min_rate", min_rate, "a rate of 0 or more")
        is_rate = is_number(rate) and 0 < rate < math.inf
        is_schedule = isinstance(rate, Iterator)
        check(is_rate or is_schedule, "rate", rate, "a rate above 0, or a schedule")
        is_below = isinstance(rate, Iterator) or min_rate <= rate
        check(is_below, "min_rate", min_rate, f"a rate of {rate} or less, as `rate` is")
        # A rate is a schedule that has ended.
        self.rates: Any = iter(()) if is_rate else rate
        self.rate: Any = rate if is_rate else 0.0
        self.factor = factor
        self.patience = patience
        self.min_rate = min_rate
        self.scale = 1.0
        self.best_score = -math.inf
        self.n_stalled = 0
        self.n_rates = 0
        self.is_told_scores = False
        WAITING.schedules.add(self)

    def report(self, score: float) -> None:
        """Take in the score of an evaluation.

        score (float): The score, higher when better.
        """
        if score > self.best_score:
            self.best_score, self.n_stalled = score, 0
            return
        self.n_stalled += 1
        if self.n_stalled == self.patience:
            self.scale *= self.factor
            self.n_stalled = 0

    def __next__(self) -> float:
        """Go on to the next step; a schedule that ends keeps its last rate.

        RETURNS (float): The rate.
        RAISES (ValueError): If there was a step already, and nobody tells scores.
        """
        # An optimizer takes the first rate when it is made, before there is a logger.
        if self.n_rates and not self.is_told_scores:
            raise ValueError(Errors.L102.format(name=self.name))
        self.n_rates += 1
        self.rate = next(self.rates, self.rate)
        return max(self.rate * self.scale, min(self.rate, self.min_rate))


class Waiting(threading.local):
    """Schedules of a thread that nobody tells scores yet."""

    def __init__(self) -> None:
        self.schedules: WeakSet[Plateau] = WeakSet()


WAITING = Waiting()


def take_waiting() -> list[Plateau]:
    """Find the schedules to tell scores, which are those that were made since the last
    call.

    A config makes the schedule and the logger of a training apart from one another, the
    schedule first.

    RETURNS (list[Plateau]): The schedules; their `report` is to be called.
    """
    schedules = list(WAITING.schedules)
    WAITING.schedules.clear()
    for schedule in schedules:
        schedule.is_told_scores = True
    return schedules


def check(is_right: bool, argument: str, value: object, expected: str) -> None:
    if not is_right:
        message = Errors.L101.format(
            name=Plateau.name, argument=argument, value=value, expected=expected
        )
        raise ValueError(message)
