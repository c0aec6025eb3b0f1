"""Integrals along the line from a baseline to a text."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy

from .explanation import PRECISION

# Gives, for factors from 0 to 1, the logit, *shape* (n_factors,), and how fast each
# token raises it there, *shape* (n_factors, n_tokens).
Evaluate = Callable[[numpy.ndarray], tuple[numpy.ndarray, numpy.ndarray]]

N_NODES = 8
NODES, WEIGHTS = numpy.polynomial.legendre.leggauss(N_NODES)
MAX_STEPS = 2048
# Share of the rise that may be lacking; what single precision can't tell may be, too.
TOLERANCE = 0.005


@dataclass(eq=False)
class Part:
    """A part of the line.

    start, end (float): The factors where it begins and ends.
    low, high (float): The logits there.
    scores (numpy.ndarray): The integral of each token's slope. *Shape:* (n_tokens,)
    """

    start: float
    end: float
    low: float
    high: float
    scores: numpy.ndarray

    @property
    def error(self) -> float:
        """RETURNS (float): What the integral lacks of the rise, which is known."""
        return self.high - self.low - float(self.scores.sum())


@dataclass(frozen=True)
class Integral:
    """The integral over the line.

    scores (numpy.ndarray): That of each token's slope. *Shape:* (n_tokens,)
    low, high (float): The logits at baseline and text.
    n_steps (int): Number of points at which slopes were found.
    """

    scores: numpy.ndarray
    low: float
    high: float
    n_steps: int


def integrate(evaluate: Evaluate, n_steps: int) -> Integral:
    """Integrate slopes from 0 to 1 (Sundararajan et al. 2017, equation 1).

    The rule of Gauss and Legendre is applied to parts of the line. The rise over a part
    is known, and with it the error; the worst parts are halved until the errors add up
    to less than half a percent of the rise, and their sizes to less than 2 %, or 2,048
    points are used up. So points lie close where slopes change fast, as near the
    baseline of a network that normalizes its layers.

    evaluate (Callable): Finds logits and slopes.
    n_steps (int): Number of points to begin with, 8 for each part.
    RETURNS (Integral): The integral.
    """
    n_parts = max(1, n_steps // N_NODES)
    borders = numpy.linspace(0, 1, n_parts + 1)
    parts = measure(evaluate, borders[:-1], borders[1:])
    n_used = N_NODES * n_parts
    n_new = 2 * N_NODES
    while n_used + n_new <= MAX_STEPS and is_lacking(parts):
        parts.sort(key=lambda part: abs(part.error))
        n_worst = count_worst(parts, (MAX_STEPS - n_used) // n_new)
        halved = parts[-n_worst:]
        starts = numpy.array([part.start for part in halved])
        ends = numpy.array([part.end for part in halved])
        middles = (starts + ends) / 2
        parts = [
            *parts[:-n_worst],
            *measure(evaluate, starts, middles),
            *measure(evaluate, middles, ends),
        ]
        n_used += n_new * n_worst
    parts.sort(key=lambda part: part.start)
    scores = numpy.sum([part.scores for part in parts], axis=0)
    return Integral(scores, parts[0].low, parts[-1].high, n_used)


def is_lacking(parts: list[Part]) -> bool:
    """Tell whether parts are too far off, together or by themselves.

    parts (list[Part]): All parts of the line.
    RETURNS (bool): Whether they are; False where they are no finite numbers, which no
        more points would mend.
    """
    rise = sum(part.high - part.low for part in parts)
    errors = [part.error for part in parts]
    tolerance = max(TOLERANCE * abs(rise), PRECISION)
    return abs(sum(errors)) > tolerance or sum(map(abs, errors)) > 4 * tolerance


def count_worst(parts: list[Part], most: int) -> int:
    """Count the parts that are to be halved next.

    parts (list[Part]): All parts of the line, the worst one last.
    most (int): How many may be.
    RETURNS (int): The number of those of which the error is near the largest one.
    """
    least = abs(parts[-1].error) / 4
    return min(most, sum(abs(part.error) >= least for part in parts))


def measure(
    evaluate: Evaluate, starts: numpy.ndarray, ends: numpy.ndarray
) -> list[Part]:
    """Integrate over parts of the line.

    evaluate (Callable): Finds logits and slopes.
    starts (numpy.ndarray): Where each part begins. *Shape:* (n_parts,)
    ends (numpy.ndarray): Where it ends. *Shape:* (n_parts,)
    RETURNS (list[Part]): The parts.
    """
    radii = (ends - starts)[:, None] / 2
    inside = (starts + ends)[:, None] / 2 + radii * NODES
    factors = numpy.column_stack([starts, inside, ends])
    logits, slopes = evaluate(factors.ravel())
    logits = logits.reshape(factors.shape)
    slopes = slopes.reshape(*factors.shape, -1)[:, 1:-1]
    scores = radii * numpy.einsum("n,pnt->pt", WEIGHTS, slopes)
    return [
        Part(float(start), float(end), float(row[0]), float(row[-1]), part_scores)
        for start, end, row, part_scores in zip(
            starts, ends, logits, scores, strict=True
        )
    ]
