import numpy
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from spacy_lstm.modules.logit_weights import (
    MAX_WEIGHT,
    MIN_WEIGHT,
    LogitObjective,
    combine,
    differentiate,
    fit_weights,
)

from ..util import numerical_gradient

FIRST = torch.tensor([[1.0, 0.0, -1.0]])
SECOND = torch.tensor([[2.0, 4.0]])


def objective_of(gold: Tensor) -> LogitObjective:
    def objective(logits: Tensor) -> tuple[float, Tensor]:
        loss = functional.cross_entropy(logits, gold, reduction="sum")
        one_hot = functional.one_hot(gold, logits.shape[1])
        return float(loss), logits.softmax(1) - one_hot

    return objective


def test_sum_where_both_know_all_labels() -> None:
    combined = combine(FIRST[:, :2], SECOND, [0.5, 2.0], [0, 1], exclusive=True)
    assert combined.tolist() == [[4.5, 8.0]]


def test_unknown_exclusive_labels_keep_their_probability() -> None:
    combined = combine(FIRST, SECOND, [0.5, 2.0], [0, 2], exclusive=True).softmax(1)
    before = FIRST.softmax(1)
    assert combined[0, 1] == pytest.approx(before[0, 1])
    log_ratio = torch.log(combined[0, 0] / combined[0, 2])
    assert log_ratio == pytest.approx((0.5 + 4) - (-0.5 + 8), rel=1e-5)


def test_unknown_independent_labels_keep_their_logit() -> None:
    combined = combine(FIRST, SECOND, [0.5, 2.0], [0, 2], exclusive=False)
    assert combined.tolist() == [[4.5, 0.0, 7.5]]


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_fit_finds_the_temperature(factor: float) -> None:
    torch.manual_seed(0)
    logits = 2 * torch.randn(4000, 3)
    gold = torch.multinomial(logits.softmax(1), 1)[:, 0]
    scaled = factor * logits.double()
    (weight,) = fit_weights(lambda w: w[0] * scaled, 1, objective_of(gold))
    assert 1 / weight == pytest.approx(factor, rel=0.1)


def test_fit_finds_both_weights() -> None:
    torch.manual_seed(0)
    first, second = torch.randn(2, 8000, 3).double()
    gold = torch.multinomial((0.5 * first + 2 * second).softmax(1), 1)[:, 0]
    weights = fit_weights(lambda w: w[0] * first + w[1] * second, 2, objective_of(gold))
    assert weights == pytest.approx([0.5, 2.0], rel=0.15)


@pytest.mark.parametrize("is_used", [[True, True], [False, True]])
def test_gradient_of_the_weights(is_used: list[bool]) -> None:
    torch.manual_seed(0)
    first, second = torch.randn(2, 5, 3).double()
    objective = objective_of(torch.tensor([0, 2, 1, 1, 0]))

    def find(weights: numpy.ndarray) -> tuple[float, Tensor]:
        return differentiate(
            lambda w: w[0] * first + w[1] * second,
            torch.from_numpy(weights),
            torch.tensor(is_used),
            objective,
        )

    weights = numpy.array([0.7 * is_used[0], 1.3])
    expected = numerical_gradient(lambda w: find(w)[0], weights, 1e-5)
    numpy.testing.assert_allclose(find(weights)[1], expected, atol=1e-8)


def test_wrong_classifier_gets_the_minimum_weight() -> None:
    torch.manual_seed(0)
    right = 2 * torch.randn(500, 3).double()
    gold = torch.multinomial(right.softmax(1), 1)[:, 0]
    wrong = -functional.one_hot(gold, 3).double()
    wrong += torch.randn(500, 3)
    weights = fit_weights(lambda w: w[0] * wrong + w[1] * right, 2, objective_of(gold))
    assert weights[0] == MIN_WEIGHT
    assert weights[1] == pytest.approx(1, rel=0.2)


def test_few_documents_change_the_weights_little() -> None:
    gold = torch.tensor([0])
    logits = torch.tensor([[20.0, 0.0]]).double()
    (weight,) = fit_weights(lambda w: w[0] * logits, 1, objective_of(gold))
    assert weight == pytest.approx(1, abs=0.01)
    (weight,) = fit_weights(lambda w: w[0] * -logits, 1, objective_of(gold))
    assert weight == MIN_WEIGHT


def test_weights_are_bounded() -> None:
    gold = torch.tensor([0, 1]).repeat(10**6)
    logits = 1e-3 * torch.eye(2).double().repeat(10**6, 1)
    weights = fit_weights(lambda w: w[0] * logits, 1, objective_of(gold))
    assert weights == [MAX_WEIGHT]
