from collections.abc import Callable

import numpy
import pytest
from numpy.testing import assert_allclose
from thinc.api import NumpyOps

from spacy_lstm.layers.cross_entropy import (
    binary_cross_entropy,
    exclusive_cross_entropy,
    smooth,
)

OPS = NumpyOps()
ONES = numpy.ones(3, dtype="f")


def softmax(logits: numpy.ndarray) -> numpy.ndarray:
    exponentials = numpy.exp(logits)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def sigmoid(logits: numpy.ndarray) -> numpy.ndarray:
    return 1 / (1 + numpy.exp(-logits))


def test_exclusive_loss_of_known_probabilities() -> None:
    probabilities = numpy.array([[0.5, 0.25, 0.25]])
    truths = numpy.array([[0.0, 1.0, 0.0]])
    loss, gradient = exclusive_cross_entropy(
        probabilities, truths, numpy.ones((1, 3)), ONES
    )
    assert loss == pytest.approx(numpy.log(4))
    assert_allclose(gradient, [[0.5, -0.75, 0.25]])


def test_binary_loss_of_known_probabilities() -> None:
    probabilities = numpy.array([[0.5, 0.25, 0.75]])
    truths = numpy.array([[1.0, 0.0, 0.0]])
    loss, gradient = binary_cross_entropy(
        probabilities, truths, numpy.ones((1, 3)), ONES
    )
    assert loss == pytest.approx(numpy.log(2) + numpy.log(4 / 3) + numpy.log(4))
    assert_allclose(gradient, [[-0.5, 0.25, 0.75]])


@pytest.mark.parametrize(
    ("cross_entropy", "activation"),
    [(exclusive_cross_entropy, softmax), (binary_cross_entropy, sigmoid)],
)
def test_gradient_is_the_slope_of_the_loss(
    cross_entropy: Callable, activation: Callable
) -> None:
    logits = numpy.random.default_rng(0).normal(size=(4, 3))
    truths = numpy.array([[1, 0, 0], [0.2, 0.3, 0.5], [0, 0, 1], [0, 0.4, 0.1]])
    weights = numpy.array([1.0, 2.5, 0.5])
    known = numpy.ones_like(truths)

    def loss(logits: numpy.ndarray) -> float:
        return cross_entropy(activation(logits), truths, known, weights)[0]

    _, gradient = cross_entropy(activation(logits), truths, known, weights)
    for index in numpy.ndindex(*logits.shape):
        change = numpy.zeros_like(logits)
        change[index] = 1e-5
        slope = (loss(logits + change) - loss(logits - change)) / 2e-5
        assert gradient[index] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("truth", [1.0, 0.0, 0.3])
def test_the_rest_of_the_truth_lies_on_the_missing_labels(truth: float) -> None:
    logits = numpy.array([[0.3, -0.5, 0.8]])
    truths, known = numpy.array([[truth, 0, 0]]), numpy.array([[1.0, 0, 0]])

    def loss(logit: float) -> float:
        p = softmax(numpy.array([[logit, -0.5, 0.8]]))[0]
        return -truth * numpy.log(p[0]) - (1 - truth) * numpy.log(p[1] + p[2])

    found, gradient = exclusive_cross_entropy(softmax(logits), truths, known, ONES)
    assert found == pytest.approx(loss(0.3))
    slope = (loss(0.3 + 1e-5) - loss(0.3 - 1e-5)) / 2e-5
    assert_allclose(gradient, [[slope, 0, 0]], atol=1e-6)


@pytest.mark.parametrize(
    "cross_entropy", [exclusive_cross_entropy, binary_cross_entropy]
)
def test_missing_truths_count_for_nothing(cross_entropy: Callable) -> None:
    probabilities = numpy.array([[0.5, 0.2, 0.3]])
    nothing = numpy.zeros((1, 3))
    loss, gradient = cross_entropy(probabilities, nothing, nothing, ONES)
    assert loss == pytest.approx(0)
    assert not gradient.any()
    known = numpy.array([[1.0, 1, 0]])
    a = cross_entropy(probabilities, numpy.array([[0.0, 1, 0]]), known, ONES)
    b = cross_entropy(probabilities, numpy.array([[0.0, 1, 1]]), known, ONES)
    assert a[0] == b[0]
    assert_allclose(a[1], b[1])
    assert a[1][0, 2] == 0


@pytest.mark.parametrize(
    "cross_entropy", [exclusive_cross_entropy, binary_cross_entropy]
)
def test_certainty_is_finite(cross_entropy: Callable) -> None:
    probabilities = numpy.array([[1.0, 0, 0]], dtype="f")
    truths = numpy.array([[0.0, 1, 0]], dtype="f")
    loss, gradient = cross_entropy(
        probabilities, truths, numpy.ones((1, 3), dtype="f"), ONES
    )
    assert numpy.isfinite(loss)
    assert numpy.isfinite(gradient).all()
    assert gradient.dtype == "f"


def test_smooth() -> None:
    truths = numpy.array([[0.0, 1, 0], [0.2, 0.3, 0.5]])
    assert_allclose(smooth(truths, 0.1, 3)[0], [0.05, 0.9, 0.05])
    assert_allclose(smooth(truths, 0.1, 3).sum(axis=1), 1)
    assert_allclose(smooth(truths, 0.1, 2)[0], [0.1, 0.9, 0.1])
    assert_allclose(smooth(truths, 0.0, 3), truths)
