from collections.abc import Callable

import numpy
import pytest

from spacy_lstm.attribution.interpolation import Evaluate, integrate


def make_evaluate(curve: Callable, slope: Callable, shares: list[float]) -> Evaluate:
    """A logit to which each token contributes its share."""

    def evaluate(factors: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        return curve(factors), numpy.outer(slope(factors), shares)

    return evaluate


def test_that_polynomials_are_exact() -> None:
    evaluate = make_evaluate(lambda x: x**7 - 2, lambda x: 7 * x**6, [0.75, 0.25, 0.0])
    integral = integrate(evaluate, 64)
    assert integral.scores == pytest.approx([0.75, 0.25, 0.0])
    assert (integral.low, integral.high) == (-2, -1)
    assert integral.n_steps == 64


@pytest.mark.parametrize("steps", [8, 15, 16, 100])
def test_that_it_begins_with_the_steps_that_it_is_given(steps: int) -> None:
    integral = integrate(make_evaluate(lambda x: x, numpy.ones_like, [1.0]), steps)
    assert integral.n_steps == steps // 8 * 8


def test_that_points_lie_close_where_slopes_change_fast() -> None:
    """As in models with layer normalization."""
    width = 1e-4
    evaluate = make_evaluate(
        lambda x: numpy.tanh(x / width),
        lambda x: numpy.cosh(numpy.minimum(x / width, 300)) ** -2 / width,
        [1.5, -0.5],
    )
    integral = integrate(evaluate, 8)
    assert integral.scores == pytest.approx([1.5, -0.5], rel=0.01)
    assert integral.n_steps < 500


def test_that_kinks_are_found() -> None:
    evaluate = make_evaluate(
        lambda x: numpy.maximum(0, x - 0.3), lambda x: 1.0 * (x > 0.3), [1.0]
    )
    assert integrate(evaluate, 8).scores == pytest.approx([0.7], rel=0.01)


def test_that_errors_of_opposite_signs_do_not_hide_one_another() -> None:
    """The kinks are at the same distance from both ends."""

    def evaluate(x: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        curve = x + 20 * numpy.maximum(0, numpy.minimum(x, 1 - x) - 0.22)
        up = 20.0 * ((x > 0.22) & (x < 0.5))
        down = -20.0 * ((x > 0.5) & (x < 0.78))
        return curve, numpy.column_stack([numpy.ones_like(x), up, down])

    integral = integrate(evaluate, 16)
    assert integral.n_steps > 16
    assert integral.scores == pytest.approx([1, 5.6, -5.6], abs=0.02)


def test_that_wrong_slopes_come_to_an_end() -> None:
    integral = integrate(make_evaluate(lambda x: x, lambda x: 0.5 * x, [1.0]), 64)
    assert 1900 < integral.n_steps <= 2048
    assert integral.scores == pytest.approx([0.25])


@pytest.mark.parametrize("value", [numpy.nan, numpy.inf, -numpy.inf])
def test_that_numbers_that_are_not_finite_come_to_an_end(value: float) -> None:
    curve = make_evaluate(lambda x: x + value, lambda x: x * 0 + 1, [1.0])
    assert integrate(curve, 64).n_steps == 64
