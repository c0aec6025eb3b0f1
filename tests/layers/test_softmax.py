import numpy
import pytest

from spacy_lstm.layers.softmax import softmax

LOGITS = [numpy.log([[1, 3]]).astype("f"), numpy.zeros((0, 2), dtype="f")]


def test_training_returns_probabilities() -> None:
    Ys, _ = softmax(normalize=False).begin_update(LOGITS)
    assert Ys[0] == pytest.approx(numpy.array([[0.25, 0.75]]))
    assert Ys[1].shape == (0, 2)


def test_prediction_returns_logits_by_default() -> None:
    assert softmax(normalize=False).predict(LOGITS)[0] is LOGITS[0]
    probabilities = softmax(normalize=True).predict(LOGITS)[0]
    assert probabilities == pytest.approx(numpy.array([[0.25, 0.75]]))


def test_gradient_of_the_logits() -> None:
    gradient = [numpy.array([[0.5, -0.5]], dtype="f"), LOGITS[1]]
    _, backprop = softmax(normalize=False).begin_update(LOGITS)
    assert backprop(gradient) is gradient
