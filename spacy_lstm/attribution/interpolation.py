"""Integration of gradients along the path from a baseline to a text."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy

from .explanation import PRECISION

# Maps factors from 0 to 1 to the logits, *shape* (n_factors,), and their derivatives
# with respect to the factor of each token, *shape* (n_factors, n_tokens).
Evaluate = Callable[[numpy.ndarray], tuple[numpy.ndarray, numpy.ndarray]]

N_NODES = 8
NODES, WEIGHTS = numpy.polynomial.legendre.leggauss(N_NODES)
MAX_STEPS = 2048
# Relative error at which no more points are added.
TOLERANCE = 0.005


@dataclass(eq=False)
class Interval:
    """An interval of the path.

    start, end (float): The interpolation factors at both ends.
    low, high (float): The logits at both ends.
    scores (numpy.ndarray): The integral of each token's gradient. *Shape:* (n_tokens,)
    """

    start: float
    end: float
    low: float
    high: float
    scores: numpy.ndarray

    @property
    def error(self) -> float:
        """RETURNS (float): The known difference of the logits minus the integral."""
        return self.high - self.low - float(self.scores.sum())


@dataclass(frozen=True)
class Integral:
    """The integral over the whole path.

    scores (numpy.ndarray): The integral of each token's gradient. *Shape:* (n_tokens,)
    low, high (float): The logits of baseline and text.
    n_steps (int): Number of points at which gradients were calculated.
    """

    scores: numpy.ndarray
    low: float
    high: float
    n_steps: int


def integrate(evaluate: Evaluate, n_steps: int) -> Integral:
    """Integrate gradients from 0 to 1 (Sundararajan et al. 2017, equation 1).

    Gauss-Legendre quadrature is applied to intervals of the path. Since the logits at
    both ends are known, so is the error of each interval. The intervals with the
    largest errors are halved until the total error is below 0.5% of the difference, and
    the sum of absolute errors below 2%, or until 2,048 points are used. Points are
    therefore dense where gradients change fast, such as near the baseline of models
    with layer normalization.

    evaluate (Callable): Calculates logits and gradients.
    n_steps (int): Initial number of points, 8 per interval.
    RETURNS (Integral): The integral.
    """
    n_parts = max(1, n_steps // N_NODES)
    borders = numpy.linspace(0, 1, n_parts + 1)
    parts = integrate_intervals(evaluate, borders[:-1], borders[1:])
    n_used = N_NODES * n_parts
    n_new = 2 * N_NODES
    while n_used + n_new <= MAX_STEPS and needs_refinement(parts):
        parts.sort(key=lambda part: abs(part.error))
        n_worst = count_worst(parts, (MAX_STEPS - n_used) // n_new)
        halved = parts[-n_worst:]
        starts = numpy.array([part.start for part in halved])
        ends = numpy.array([part.end for part in halved])
        middles = (starts + ends) / 2
        parts = [
            *parts[:-n_worst],
            *integrate_intervals(evaluate, starts, middles),
            *integrate_intervals(evaluate, middles, ends),
        ]
        n_used += n_new * n_worst
    parts.sort(key=lambda part: part.start)
    scores = numpy.sum([part.scores for part in parts], axis=0)
    return Integral(scores, parts[0].low, parts[-1].high, n_used)


def needs_refinement(parts: list[Interval]) -> bool:
    """Check whether the errors are too large, in sum or individually.

    parts (list[Interval]): All intervals of the path.
    RETURNS (bool): Whether more points are needed. False if errors are not finite,
        since more points would not help.
    """
    difference = sum(part.high - part.low for part in parts)
    errors = [part.error for part in parts]
    tolerance = max(TOLERANCE * abs(difference), PRECISION)
    return abs(sum(errors)) > tolerance or sum(map(abs, errors)) > 4 * tolerance


def count_worst(parts: list[Interval], most: int) -> int:
    """Count the intervals to halve next.

    parts (list[Interval]): All intervals of the path, with the largest error last.
    most (int): The maximum number.
    RETURNS (int): Number of intervals with an error of at least a quarter of the
        largest.
    """
    least = abs(parts[-1].error) / 4
    return min(most, sum(abs(part.error) >= least for part in parts))


def integrate_intervals(
    evaluate: Evaluate, starts: numpy.ndarray, ends: numpy.ndarray
) -> list[Interval]:
    """Integrate over intervals of the path.

    evaluate (Callable): Calculates logits and gradients.
    starts (numpy.ndarray): Start of each interval. *Shape:* (n_parts,)
    ends (numpy.ndarray): End of each interval. *Shape:* (n_parts,)
    RETURNS (list[Interval]): The intervals.
    """
    radii = (ends - starts)[:, None] / 2
    inside = (starts + ends)[:, None] / 2 + radii * NODES
    factors = numpy.column_stack([starts, inside, ends])
    logits, slopes = evaluate(factors.ravel())
    logits = logits.reshape(factors.shape)
    slopes = slopes.reshape(*factors.shape, -1)[:, 1:-1]
    scores = radii * numpy.einsum("n,pnt->pt", WEIGHTS, slopes)
    return [
        Interval(float(start), float(end), float(row[0]), float(row[-1]), part_scores)
        for start, end, row, part_scores in zip(
            starts, ends, logits, scores, strict=True
        )
    ]
