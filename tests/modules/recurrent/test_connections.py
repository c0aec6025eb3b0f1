import pytest
import torch

from spacy_lstm.modules.recurrent.connections import CONNECTIONS, Highway, Residual


def test_residual() -> None:
    assert Residual(2)(torch.ones(1, 2), torch.ones(1, 2)).tolist() == [[2.0, 2.0]]


def test_highway_interpolates_with_its_gate() -> None:
    highway = Highway(1)
    torch.nn.init.zeros_(highway.gate.weight)
    mixed = highway(torch.tensor([[10.0]]), torch.tensor([[20.0]]))
    gate = 1 / (1 + torch.e)
    assert mixed.item() == pytest.approx(10 * (1 - gate) + 20 * gate)


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_gradients(kind: str) -> None:
    connection = CONNECTIONS[kind](3).double()
    inputs = [
        torch.randn(4, 3, dtype=torch.double, requires_grad=True) for _ in range(2)
    ]
    assert torch.autograd.gradcheck(connection, inputs)
