from typing import Any

import numpy
import pytest
from numpy.testing import assert_allclose
from thinc.api import Linear, Model

from spacy_lstm.layers.logit_sum import logit_sum, set_linear_labels

X = numpy.array([[1.0, 2.0], [0.5, -1.0]], dtype="f")


def make(known: list[int], exclusive: bool = False) -> Model[Any, Any]:
    network, linear = Linear(3, 2), Linear(len(known) or 1, 2)
    model: Model[Any, Any] = logit_sum(network, linear, exclusive)
    model.initialize(X=X)
    for layer in model.layers:
        layer.set_param(
            "W",
            numpy.random.RandomState(0).randn(*layer.get_param("W").shape).astype("f"),
        )
    set_linear_labels(model, known)
    return model


def test_logits_are_added_in_prediction_only() -> None:
    model = make([0, 1, 2])
    network, linear = (layer.predict(X) for layer in model.layers)
    model.attrs["weights"] = [0.25, 2.0]
    assert_allclose(model.predict(X), 0.25 * network + 2 * linear, rtol=1e-6)
    in_training, _ = model.begin_update(X)
    assert_allclose(in_training, network)


def test_training_changes_the_network_only() -> None:
    model = make([0, 1, 2])
    _, backprop = model.begin_update(X)
    backprop(numpy.ones((2, 3), dtype="f"))
    network, linear = model.layers
    assert network.get_grad("W").any()
    assert not linear.has_grad("W")


def test_nothing_is_added_before_fitting() -> None:
    model = make([])
    assert_allclose(model.predict(X), model.layers[0].predict(X))


@pytest.mark.parametrize("exclusive", [True, False])
def test_gradients_of_both_layers(exclusive: bool) -> None:
    model = make([0, 2], exclusive)
    model.attrs["adds_in_training"] = True
    Y, backprop = model.begin_update(X)
    dY = numpy.array([[1.0, -2.0, 0.5], [0.0, 1.0, 1.0]], dtype="f")
    backprop(dY)
    for layer in model.layers:
        b = layer.get_param("b")
        slopes = []
        for i in range(len(b)):
            moved = b.copy()
            moved[i] += 0.01
            layer.set_param("b", moved)
            slopes.append(float(((model.predict(X) - Y) * dY).sum()) / 0.01)
            layer.set_param("b", b)
        assert_allclose(layer.get_grad("b"), slopes, atol=0.02)


def test_weights_are_saved() -> None:
    model = make([0, 2])
    model.attrs["weights"] = [0.3, 0.7]
    loaded = make([0, 2])
    loaded.attrs["weights"] = [1.0, 1.0]
    loaded.from_bytes(model.to_bytes())
    assert loaded.attrs["weights"] == [0.3, 0.7]
    assert (loaded.predict(X) == model.predict(X)).all()
