import numpy
import pytest
import torch
from numpy.testing import assert_allclose
from thinc.api import Model, set_dropout_rate
from torch import nn

from spacy_lstm.layers.torch_layer import torch_layer
from spacy_lstm.modules.pooling import Pooling
from spacy_lstm.modules.recurrent.rnn import RNN


def make_rnn(nI: int) -> RNN:
    return RNN(nI, [4])


def make_mean(nI: int) -> Pooling:
    return Pooling(nI, ["mean"])


def docs(*lengths: int, width: int = 3) -> list[numpy.ndarray]:
    generator = numpy.random.default_rng(0)
    return [generator.normal(size=(n, width)).astype("f") for n in lengths]


@pytest.fixture
def encoder() -> Model:
    return torch_layer("encoder", make_rnn).initialize(X=docs(2))


def test_widths_come_from_the_data(encoder: Model) -> None:
    assert (encoder.get_dim("nI"), encoder.get_dim("nO")) == (3, 8)


def test_forward_and_backward(encoder: Model) -> None:
    Xs = docs(4, 0, 2)
    Ys, backprop = encoder.begin_update(Xs)
    assert [Y.shape for Y in Ys] == [(4, 8), (0, 8), (2, 8)]
    dXs = backprop([numpy.ones_like(Y) for Y in Ys])
    assert [dX.shape for dX in dXs] == [X.shape for X in Xs]

    def total(x: torch.Tensor) -> torch.Tensor:
        return encoder.shims[0].module(x, [4, 0, 2]).sum()

    flat = torch.from_numpy(numpy.concatenate(Xs))
    expected = torch.autograd.functional.jacobian(total, flat)
    assert_allclose(numpy.concatenate(dXs), expected.numpy(), atol=1e-6)


def test_documents_are_views_of_one_array(encoder: Model) -> None:
    first, second = encoder.predict(docs(4, 2))
    assert first.base is second.base


def test_one_row_per_document() -> None:
    pooling = torch_layer("pooling", make_mean, per_token=False)
    Xs = docs(4, 0, 2)
    pooling.initialize(X=Xs)
    Y, backprop = pooling.begin_update(Xs)
    assert_allclose(Y[0], Xs[0].mean(axis=0), atol=1e-6)
    dXs = backprop(numpy.ones_like(Y))
    assert_allclose(dXs[2], 0.5)


def test_an_empty_batch(encoder: Model) -> None:
    assert encoder.predict([]) == []
    Ys, backprop = encoder.begin_update(docs(0, 0))
    assert [dX.shape for dX in backprop(Ys)] == [(0, 3), (0, 3)]


def test_vectors_of_another_width(encoder: Model) -> None:
    with pytest.raises(ValueError, match="encoder was made for vectors of width 3"):
        encoder.predict(docs(4, width=5))


def test_prediction_before_initialization() -> None:
    with pytest.raises(ValueError, match="encoder has no weights yet"):
        torch_layer("encoder", make_rnn).predict(docs(4))


class Constant(nn.Module):
    """Returns the dropout rate, or -1 for None."""

    output_width = 1

    def __init__(self, nI: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, tokens, lengths, dropout=None):
        rate = -1.0 if dropout is None else dropout
        return torch.full((len(tokens), 1), rate) + self.weight


def test_dropout_of_training_reaches_the_module() -> None:
    layer = torch_layer("constant", Constant).initialize(X=docs(2))
    set_dropout_rate(layer, 0.25)
    assert layer.begin_update(docs(1))[0][0] == 0.25
    assert layer.predict(docs(1))[0] == -1
