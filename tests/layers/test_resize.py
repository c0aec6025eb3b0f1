import numpy
from thinc.api import Adam

from spacy_lstm.layers.resize import resize
from spacy_lstm.layers.torch_layer import torch_layer
from spacy_lstm.modules.emission import Emission


def make_emission(nI: int, nO: int) -> Emission:
    return Emission(nI, nO)


def test_resize_before_initialization() -> None:
    layer = torch_layer("emission", make_emission, sizes=["nI", "nO"], nI=None, nO=2)
    resize(layer, {"bias": -7.0}, nO=4)
    layer.initialize(X=[numpy.ones((4, 3), dtype="f")])
    assert layer.predict([numpy.ones((4, 3), dtype="f")])[0].shape == (4, 4)


def test_resize_keeps_existing_outputs() -> None:
    layer = torch_layer("emission", make_emission, sizes=["nI", "nO"], nI=3, nO=2)
    layer.initialize()
    inputs = [numpy.ones((4, 3), dtype="f")]
    optimizer = Adam(0.01)

    def step() -> numpy.ndarray:
        (outputs,), backprop = layer.begin_update(inputs)
        backprop([numpy.ones_like(outputs)])
        layer.finish_update(optimizer)
        return outputs

    step()
    (before,) = layer.predict(inputs)
    resize(layer, {"bias": -7.0}, nO=4)
    (after,) = layer.predict(inputs)
    # Kernels for other widths may round differently.
    numpy.testing.assert_allclose(after[:, :2], before, rtol=1e-6)
    assert (after[:, 2:] == -7.0).all()
    assert layer.get_dim("nO") == 4
    step()
    assert (layer.predict(inputs)[0] < after).all()
    copy = layer.copy().from_bytes(layer.to_bytes())
    numpy.testing.assert_array_equal(copy.predict(inputs)[0], layer.predict(inputs)[0])
