from collections.abc import Callable

import numpy
import pytest
import torch
from thinc.api import Adam, Model

from spacy_lstm.layers.crf import Lattice, crf

from ..util import numerical_gradient


def make_layer() -> Model:
    layer = crf("biluo")
    layer.initialize(X=[numpy.zeros((1, 5), dtype="f")])
    for parameter in layer.shims[0].module.parameters():
        torch.nn.init.normal_(parameter)
    return layer


def make_emissions(*lengths: int) -> list[numpy.ndarray]:
    return [numpy.random.normal(size=(n, 5)).astype("f") for n in lengths]


def allow_all(emissions: list[numpy.ndarray]) -> numpy.ndarray:
    return numpy.ones((sum(map(len, emissions)), 5), dtype=bool)


def test_emissions_are_unchanged() -> None:
    layer, emissions = make_layer(), make_emissions(3, 0, 2)
    outputs, backprop = layer.begin_update(emissions)
    assert outputs is emissions
    assert backprop(emissions) is emissions
    assert layer.get_dim("nO") == 5


def assert_gradients(
    loss: Callable[[list[numpy.ndarray]], float],
    emissions: list[numpy.ndarray],
    gradients: list[numpy.ndarray],
) -> None:
    assert [len(gradient) for gradient in gradients] == list(map(len, emissions))
    for number, (own, gradient) in enumerate(zip(emissions, gradients, strict=True)):

        def own_loss(moved: numpy.ndarray, number: int = number) -> float:
            return loss([*emissions[:number], moved, *emissions[number + 1 :]])

        expected = numerical_gradient(own_loss, own, 1e-2)
        numpy.testing.assert_allclose(gradient, expected, atol=1e-3)


def test_loss() -> None:
    layer, emissions = make_layer(), make_emissions(3, 0, 2)
    known = allow_all(emissions)
    known[0, 1:] = False
    loss, gradients = Lattice.make(layer, emissions, known).loss()
    assert loss > 0
    assert gradients[0][0, 0] < 0 < gradients[0][0, 4]
    assert not gradients[2].any()
    assert_gradients(
        lambda Xs: Lattice.make(layer, Xs, known).loss()[0], emissions, gradients
    )


def test_loss_with_incorrect_entities() -> None:
    layer, emissions = make_layer(), make_emissions(4, 0, 3)
    known = allow_all(emissions)
    known[3, 1:] = False
    incorrect = [(0, 2, 0), (1, 3, 0), (5, 6, 0)]
    _, gradients = Lattice.make(layer, emissions, known).loss(incorrect)
    assert all(gradients[i].any() for i in (0, 2))
    assert_gradients(
        lambda Xs: Lattice.make(layer, Xs, known).loss(incorrect)[0],
        emissions,
        gradients,
    )


def test_loss_can_be_nan() -> None:
    layer, emissions = make_layer(), make_emissions(3)
    emissions[0][0, 0] = numpy.nan
    assert numpy.isnan(Lattice.make(layer, emissions, allow_all(emissions)).loss()[0])


def test_loss_accumulates_gradients_of_transitions() -> None:
    layer, emissions = make_layer(), make_emissions(3)
    known = allow_all(emissions)
    known[:, 1:] = False
    before = layer.shims[0].module.transitions.detach().clone()
    losses = []
    optimizer = Adam(0.1)
    for _ in range(10):
        losses.append(Lattice.make(layer, emissions, known).loss()[0])
        layer.finish_update(optimizer)
    assert losses == sorted(losses, reverse=True)
    assert (layer.shims[0].module.transitions != before).any()


def test_documents_without_valid_path_are_ignored() -> None:
    layer, emissions = make_layer(), make_emissions(2, 2)
    known = allow_all(emissions)
    known[1] = [False, True, False, False, False]  # begins at the last token
    known[2, 1:] = False
    loss, gradients = Lattice.make(layer, emissions, known).loss()
    alone, (expected,) = Lattice.make(layer, emissions[1:], known[2:]).loss()
    assert loss == pytest.approx(alone)
    assert not gradients[0].any()
    numpy.testing.assert_allclose(gradients[1], expected, rtol=1e-5)


def test_decoding() -> None:
    layer, emissions = make_layer(), make_emissions(3, 0, 2)
    paths = Lattice.make(layer, emissions).decode(20)
    assert [path.shape[1] for path in paths] == [3, 0, 2]
    assert 1 < len(paths[2]) < 20  # there are no more
    (alone,) = Lattice.make(layer, emissions[2:]).decode()
    assert alone.tolist() == paths[2][:1].tolist()
    allowed = allow_all(emissions)
    allowed[:, 1:] = False
    lattice = Lattice.make(layer, emissions, allowed)
    assert not any(path.any() for path in lattice.decode())
    assert lattice.marginals([(0, 1, 0)]) == [0.0]
    assert len(lattice.marginals([])) == 0


def test_rehearsing() -> None:
    layer, emissions = make_layer(), make_emissions(3, 2)
    expected = Lattice.make(layer.copy(), emissions)
    _, gradients = Lattice.make(layer, emissions).cross_entropy(expected)
    assert all(abs(gradient).max() < 1e-5 for gradient in gradients)
    others = make_emissions(3, 2)
    loss, gradients = Lattice.make(layer, others).cross_entropy(expected)
    assert_gradients(
        lambda Xs: Lattice.make(layer, Xs).cross_entropy(expected)[0], others, gradients
    )
    nearer = [x - 0.1 * dx for x, dx in zip(others, gradients, strict=True)]
    assert Lattice.make(layer, nearer).cross_entropy(expected)[0] < loss
