from collections.abc import Callable

import numpy
import pytest
import torch
from thinc.api import Adam, Model

from spacy_lstm.layers.crf import crf, decode, learn, rehearse, span_probabilities

from ..util import numerical_gradient


def make_layer() -> Model:
    layer = crf("biluo")
    layer.initialize(X=[numpy.zeros((1, 5), dtype="f")])
    for parameter in layer.shims[0].module.parameters():
        torch.nn.init.normal_(parameter)
    return layer


def make_emissions(*lengths: int) -> list[numpy.ndarray]:
    return [numpy.random.normal(size=(n, 5)).astype("f") for n in lengths]


def everything(emissions: list[numpy.ndarray]) -> numpy.ndarray:
    return numpy.ones((sum(map(len, emissions)), 5), dtype=bool)


def test_that_emissions_pass_through() -> None:
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


def test_learning() -> None:
    layer, emissions = make_layer(), make_emissions(3, 0, 2)
    known = everything(emissions)
    known[0, 1:] = False
    loss, gradients = learn(layer, emissions, known, [])
    assert loss > 0
    assert gradients[0][0, 0] < 0 < gradients[0][0, 4]
    assert not gradients[2].any()
    assert_gradients(lambda Xs: learn(layer, Xs, known, [])[0], emissions, gradients)


def test_learning_with_wrong_entities() -> None:
    layer, emissions = make_layer(), make_emissions(4, 0, 3)
    known = everything(emissions)
    known[3, 1:] = False
    wrong = [(0, 2, 0), (1, 3, 0), (5, 6, 0)]
    _, gradients = learn(layer, emissions, known, wrong)
    assert all(gradients[i].any() for i in (0, 2))
    assert_gradients(lambda Xs: learn(layer, Xs, known, wrong)[0], emissions, gradients)


def test_that_a_loss_that_is_no_number_is_told() -> None:
    layer, emissions = make_layer(), make_emissions(3)
    emissions[0][0, 0] = numpy.nan
    assert numpy.isnan(learn(layer, emissions, everything(emissions), [])[0])


def test_that_learning_keeps_the_gradients_of_the_chain() -> None:
    layer, emissions = make_layer(), make_emissions(3)
    known = everything(emissions)
    known[:, 1:] = False
    before = layer.shims[0].module.transitions.detach().clone()
    losses = []
    optimizer = Adam(0.1)
    for _ in range(10):
        losses.append(learn(layer, emissions, known, [])[0])
        layer.finish_update(optimizer)
    assert losses == sorted(losses, reverse=True)
    assert (layer.shims[0].module.transitions != before).any()


def test_that_a_document_without_valid_path_counts_for_nothing() -> None:
    layer, emissions = make_layer(), make_emissions(2, 2)
    known = everything(emissions)
    known[1] = [False, True, False, False, False]  # begins at the last token
    known[2, 1:] = False
    loss, gradients = learn(layer, emissions, known, [])
    alone, (expected,) = learn(layer, emissions[1:], known[2:], [])
    assert loss == pytest.approx(alone)
    assert not gradients[0].any()
    numpy.testing.assert_allclose(gradients[1], expected, rtol=1e-5)


def test_decoding() -> None:
    layer, emissions = make_layer(), make_emissions(3, 0, 2)
    paths = decode(layer, emissions, 20)
    assert [path.shape[1] for path in paths] == [3, 0, 2]
    assert 1 < len(paths[2]) < 20  # there are no more
    (alone,) = decode(layer, emissions[2:], 1)
    assert alone.tolist() == paths[2][:1].tolist()
    allowed = everything(emissions)
    allowed[:, 1:] = False
    assert not any(path.any() for path in decode(layer, emissions, 1, allowed))
    assert span_probabilities(layer, emissions, [(0, 1, 0)], allowed) == [0.0]
    assert len(span_probabilities(layer, emissions, [])) == 0


def test_rehearsing() -> None:
    layer, emissions = make_layer(), make_emissions(3, 2)
    teacher = layer.copy()
    _, gradients = rehearse(layer, emissions, teacher, emissions)
    assert all(abs(gradient).max() < 1e-5 for gradient in gradients)
    others = make_emissions(3, 2)
    loss, gradients = rehearse(layer, others, teacher, emissions)
    assert_gradients(
        lambda Xs: rehearse(layer, Xs, teacher, emissions)[0], others, gradients
    )
    nearer = [x - 0.1 * dx for x, dx in zip(others, gradients, strict=True)]
    assert rehearse(layer, nearer, teacher, emissions)[0] < loss
