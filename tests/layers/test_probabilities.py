import numpy
from numpy.testing import assert_allclose

from spacy_lstm.layers.probabilities import probabilities

LOGITS = numpy.array([[0.0, 0.0], [1.0, -1.0]], dtype="f")


def test_exclusive() -> None:
    Y, _ = probabilities(exclusive=True).begin_update(LOGITS)
    assert_allclose(Y[0], 0.5)
    assert_allclose(Y[1, 0] / Y[1, 1], numpy.exp(2), rtol=1e-5)


def test_independent() -> None:
    Y, _ = probabilities(exclusive=False).begin_update(LOGITS)
    assert_allclose(Y[1], 1 / (1 + numpy.exp(-LOGITS[1])), rtol=1e-5)


def test_gradient_of_the_logits() -> None:
    _, backprop = probabilities(exclusive=True).begin_update(LOGITS)
    assert backprop(LOGITS) is LOGITS
