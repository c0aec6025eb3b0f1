from collections.abc import Callable

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from thinc.api import NumpyOps

from spacy_lstm.layers.cross_entropy import (
    binary_cross_entropy,
    exclusive_cross_entropy,
    smooth,
)

from ..util import numerical_gradient

OPS = NumpyOps()
ONES = numpy.ones(3, dtype="f")


def softmax(logits: numpy.ndarray) -> numpy.ndarray:
    exponentials = numpy.exp(logits)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def sigmoid(logits: numpy.ndarray) -> numpy.ndarray:
    return 1 / (1 + numpy.exp(-logits))


def test_exclusive_cross_entropy() -> None:
    probabilities = numpy.array([[0.5, 0.25, 0.25]])
    gold = numpy.array([[0.0, 1.0, 0.0]])
    loss, gradient = exclusive_cross_entropy(
        probabilities, gold, numpy.ones((1, 3)), ONES
    )
    assert loss == pytest.approx(numpy.log(4))
    assert_allclose(gradient, [[0.5, -0.75, 0.25]])


def test_binary_cross_entropy() -> None:
    probabilities = numpy.array([[0.5, 0.25, 0.75]])
    gold = numpy.array([[1.0, 0.0, 0.0]])
    loss, gradient = binary_cross_entropy(probabilities, gold, numpy.ones((1, 3)), ONES)
    assert loss == pytest.approx(numpy.log(2) + numpy.log(4 / 3) + numpy.log(4))
    assert_allclose(gradient, [[-0.5, 0.25, 0.75]])


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.integers(2, 6),
    st.sampled_from([0.0, 0.2]),
    st.booleans(),
)
def test_gradient(
    seed: int, n_docs: int, n_labels: int, smoothing: float, exclusive: bool
) -> None:
    """Gold labels are soft, missing, negative, weighted and smoothed."""
    random = numpy.random.default_rng(seed)
    logits = random.normal(size=(n_docs, n_labels))
    weights = random.uniform(0.2, 3, size=n_labels)
    gold = random.dirichlet(numpy.ones(n_labels), n_docs)
    gold[random.random(n_docs) < 0.5] = numpy.eye(n_labels)[0]
    known = random.integers(2, size=gold.shape).astype(float)
    if exclusive:
        cross_entropy, activation = exclusive_cross_entropy, softmax
    else:
        cross_entropy, activation = binary_cross_entropy, sigmoid
    gold = smooth(gold, smoothing, n_labels if exclusive else 2)

    def loss(logits: numpy.ndarray) -> float:
        return cross_entropy(activation(logits), gold, known, weights)[0]

    _, gradient = cross_entropy(activation(logits), gold, known, weights)
    assert_allclose(gradient, numerical_gradient(loss, logits, 1e-5), atol=1e-6)


@pytest.mark.parametrize("value", [1.0, 0.0, 0.3])
def test_missing_labels_share_the_remaining_probability(value: float) -> None:
    logits = numpy.array([[0.3, -0.5, 0.8]])
    gold, known = numpy.array([[value, 0, 0]]), numpy.array([[1.0, 0, 0]])

    def loss(logits: numpy.ndarray) -> float:
        p = softmax(logits)[0]
        return -value * numpy.log(p[0]) - (1 - value) * numpy.log(p[1] + p[2])

    found, gradient = exclusive_cross_entropy(softmax(logits), gold, known, ONES)
    assert found == pytest.approx(loss(logits))
    assert_allclose(gradient, numerical_gradient(loss, logits, 1e-5), atol=1e-6)


def test_missing_labels_are_negative_if_the_gold_label_is_known() -> None:
    probabilities = numpy.array([[0.5, 0.25, 0.25]])
    gold = numpy.array([[0.0, 1, 0]])
    _, gradient = exclusive_cross_entropy(probabilities, gold, gold, ONES)
    assert_allclose(gradient, [[0.5, -0.75, 0.25]])


@pytest.mark.parametrize(
    "cross_entropy", [exclusive_cross_entropy, binary_cross_entropy]
)
def test_missing_labels_are_ignored(cross_entropy: Callable) -> None:
    probabilities = numpy.array([[0.5, 0.2, 0.3]])
    zeros = numpy.zeros((1, 3))
    assert cross_entropy(zeros, zeros, zeros, ONES)[0] == 0
    loss, gradient = cross_entropy(probabilities, zeros, zeros, ONES)
    assert loss == pytest.approx(0)
    assert not gradient.any()
    known = numpy.array([[1.0, 1, 0]])
    a = cross_entropy(probabilities, numpy.array([[0.0, 0.5, 0]]), known, ONES)
    b = cross_entropy(probabilities, numpy.array([[0.0, 0.5, 1]]), known, ONES)
    assert a[0] == b[0]
    assert_allclose(a[1], b[1])


@pytest.mark.parametrize(
    "cross_entropy", [exclusive_cross_entropy, binary_cross_entropy]
)
def test_loss_of_certain_predictions_is_finite(cross_entropy: Callable) -> None:
    probabilities = numpy.array([[1.0, 0, 0]], dtype="f")
    gold = numpy.array([[0.0, 1, 0]], dtype="f")
    loss, gradient = cross_entropy(
        probabilities, gold, numpy.ones((1, 3), dtype="f"), ONES
    )
    assert numpy.isfinite(loss)
    assert numpy.isfinite(gradient).all()
    assert gradient.dtype == "f"


def test_smooth() -> None:
    gold = numpy.array([[0.0, 1, 0], [0.2, 0.3, 0.5]])
    assert_allclose(smooth(gold, 0.1, 3)[0], [0.05, 0.9, 0.05])
    assert_allclose(smooth(gold, 0.1, 3).sum(axis=1), 1)
    assert_allclose(smooth(gold, 0.1, 2)[0], [0.1, 0.9, 0.1])
    assert_allclose(smooth(gold, 0.0, 3), gold)
