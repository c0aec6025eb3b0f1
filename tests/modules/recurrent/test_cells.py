import math

import pytest
import torch

from spacy_lstm.modules.recurrent.cells import Cell


def test_initial_weights() -> None:
    cell = Cell("lstm", 6, 4)
    assert cell.bias_ih.tolist() == [0] * 4 + [1] * 4 + [0] * 8
    assert not cell.bias_hh.any()
    for weights in cell.weight_hh.chunk(4):
        torch.testing.assert_close(weights @ weights.T, torch.eye(4))
    assert cell.weight_ih.abs().max() <= math.sqrt(6 / (6 + 4))
    assert not Cell("gru", 6, 4).bias_ih.any()


@pytest.mark.parametrize(("kind", "n_states"), [("lstm", 2), ("gru", 1)])
def test_initial_states(kind: str, n_states: int) -> None:
    zeros = Cell(kind, 6, 4).states()
    assert [state.tolist() for state in zeros] == [[0.0] * 4] * n_states
    trained = Cell(kind, 6, 4, trainable_state=True)
    assert [state.requires_grad for state in trained.states()] == [True] * n_states
    assert len(list(trained.parameters())) == 4 + n_states


def test_weight_dropout_drops_hidden_to_hidden_weights() -> None:
    cell = Cell("lstm", 6, 4)
    dropped = cell.weights(weight_dropout=0.5)
    same = [a.equal(b) for a, b in zip(dropped, cell.weights(), strict=True)]
    assert same == [True, False, True, True]
    kept = dropped[1] != 0
    assert 0 < kept.sum() < kept.numel()
    torch.testing.assert_close(dropped[1][kept], 2 * cell.weight_hh[kept])
