import torch

from spacy_lstm.modules.recurrent.regularization import (
    activation_penalty,
    add_penalty,
    temporal_activation_penalty,
)


def test_penalty_values() -> None:
    states = torch.tensor([[1.0, 3.0], [2.0, 2.0], [5.0, 5.0]])
    assert activation_penalty(states) == 5 + 4 + 25
    assert temporal_activation_penalty(states, [3]) == 1 + 9
    assert temporal_activation_penalty(states, [2, 0, 1]) == 1
    assert temporal_activation_penalty(states, [1, 1, 1]) == 0


def test_add_penalty_only_changes_the_gradient() -> None:
    values = torch.tensor([1.0, -2.0], requires_grad=True)
    penalized = add_penalty(values, lambda v: v.square().sum())
    assert penalized.equal(values)
    penalized.sum().backward()
    assert values.grad.tolist() == [3.0, -3.0]


def test_add_penalty_without_gradient() -> None:
    values = torch.ones(2)
    assert add_penalty(values, torch.sum) is values


def test_gradients() -> None:
    def penalties(states: torch.Tensor) -> torch.Tensor:
        temporal = temporal_activation_penalty(states, [3, 0, 2])
        return activation_penalty(states) + temporal

    states = torch.randn(5, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(penalties, states)
