import math
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from spacy_lstm.modules.rnn import RNN, make_cell

CELLS = ["lstm", "gru"]
LENGTHS = st.lists(st.integers(0, 30), min_size=1, max_size=20)
Vector = list[float]


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def times(matrix: list[Vector], vector: Vector) -> Vector:
    return [sum(w * x for w, x in zip(row, vector, strict=True)) for row in matrix]


def gates(network: nn.RNNBase, x: Vector, h: Vector) -> tuple[list[Vector], ...]:
    """For each gate what comes from the input and what from the hidden state."""
    size = len(h)

    def split(weights: Tensor, bias: Tensor, vector: Vector) -> list[Vector]:
        sums = times(weights.tolist(), vector)
        sums = [s + b for s, b in zip(sums, bias.tolist(), strict=True)]
        return [sums[i : i + size] for i in range(0, len(sums), size)]

    return (
        split(network.weight_ih_l0, network.bias_ih_l0, x),
        split(network.weight_hh_l0, network.bias_hh_l0, h),
    )


def plain_lstm(network: nn.RNNBase, inputs: list[Vector]) -> list[Vector]:
    """The equations of an LSTM, one number at a time."""
    size = network.hidden_size
    hidden, cell, states = [0.0] * size, [0.0] * size, []
    for x in inputs:
        from_input, from_hidden = gates(network, x, hidden)
        for k in range(size):
            i, f, g, o = (
                a[k] + b[k] for a, b in zip(from_input, from_hidden, strict=True)
            )
            candidate = math.tanh(g)
            cell[k] = sigmoid(f) * cell[k] + sigmoid(i) * candidate
            hidden[k] = sigmoid(o) * math.tanh(cell[k])
        states.append(list(hidden))
    return states


def plain_gru(network: nn.RNNBase, inputs: list[Vector]) -> list[Vector]:
    """The equations of a GRU, one number at a time."""
    size = network.hidden_size
    hidden, states = [0.0] * size, []
    for x in inputs:
        (ri, zi, ni), (rh, zh, nh) = gates(network, x, hidden)
        for k in range(size):
            reset, update = sigmoid(ri[k] + rh[k]), sigmoid(zi[k] + zh[k])
            candidate = math.tanh(ni[k] + reset * nh[k])
            hidden[k] = (1 - update) * candidate + update * hidden[k]
        states.append(list(hidden))
    return states


PLAIN = {"lstm": plain_lstm, "gru": plain_gru}


@pytest.mark.parametrize("cell", CELLS)
def test_cell_computes_its_equations(cell: str) -> None:
    rnn = RNN(4, [3], cell=cell, bidirectional=False)
    layer = rnn.layers[0]
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    tokens = torch.randn(12, 4)
    outputs = rnn(tokens, [5, 0, 7])
    for start, end in ((0, 5), (5, 12)):
        expected = PLAIN[cell](layer.left_to_right, tokens[start:end].tolist())
        torch.testing.assert_close(outputs[start:end], torch.tensor(expected))


@pytest.mark.parametrize("cell", CELLS)
def test_backward_direction_reads_from_the_last_token(cell: str) -> None:
    rnn = RNN(4, [3], cell=cell)
    tokens = torch.randn(9, 4)
    outputs = rnn(tokens, [2, 7])
    for start, end in ((0, 2), (2, 9)):
        network = rnn.layers[0].right_to_left
        expected = PLAIN[cell](network, tokens[start:end].flip(0).tolist())[::-1]
        torch.testing.assert_close(outputs[start:end, 3:], torch.tensor(expected))


def alone(rnn: RNN, tokens: Tensor, lengths: Sequence[int]) -> Tensor:
    parts = tokens.split(list(lengths))
    return torch.cat([rnn(part, [len(part)]) for part in parts])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [True, False])
@given(lengths=LENGTHS)
@settings(max_examples=25, deadline=None)
def test_vectors_do_not_depend_on_the_batch(
    cell: str, bidirectional: bool, lengths: list[int]
) -> None:
    torch.manual_seed(0)
    rnn = RNN(5, [4, 3], cell=cell, bidirectional=bidirectional)
    tokens = torch.randn(sum(lengths), 5)
    torch.testing.assert_close(
        rnn(tokens, lengths), alone(rnn, tokens, lengths), atol=1e-5, rtol=0
    )


@given(lengths=LENGTHS.filter(any))
@settings(max_examples=25, deadline=None)
def test_gradients_do_not_depend_on_the_batch(lengths: list[int]) -> None:
    torch.manual_seed(0)
    rnn = RNN(5, [4])
    tokens = torch.randn(sum(lengths), 5, requires_grad=True)
    weights = torch.randn(sum(lengths), 8)
    inputs = [tokens, *rnn.parameters()]
    together = torch.autograd.grad((rnn(tokens, lengths) * weights).sum(), inputs)
    apart = torch.autograd.grad((alone(rnn, tokens, lengths) * weights).sum(), inputs)
    torch.testing.assert_close(together, apart, atol=1e-4, rtol=1e-4)


def test_agrees_with_packed_sequences_of_torch() -> None:
    rnn = RNN(6, [5])
    reference = nn.LSTM(6, 5, bidirectional=True, batch_first=True)
    with torch.no_grad():
        for suffix, network in (
            ("", rnn.layers[0].left_to_right),
            ("_reverse", rnn.layers[0].right_to_left),
        ):
            for name, weights in network.named_parameters():
                getattr(reference, name + suffix).copy_(weights)
    lengths = [3, 11, 1, 8]
    tokens = torch.randn(sum(lengths), 6)
    sequences = nn.utils.rnn.pack_sequence(
        list(tokens.split(lengths)), enforce_sorted=False
    )
    expected = nn.utils.rnn.unpack_sequence(reference(sequences)[0])
    torch.testing.assert_close(rnn(tokens, lengths), torch.cat(expected))


def test_widths_of_layers() -> None:
    assert RNN(7, [5, 3]).output_width == 6
    assert RNN(7, [5, 3], bidirectional=False).output_width == 3
    assert RNN(7, [5, 3])(torch.randn(4, 7), [1, 3]).shape == (4, 6)


def test_a_batch_without_tokens() -> None:
    rnn = RNN(7, [5])
    assert rnn(torch.zeros(0, 7), [0, 0]).shape == (0, 10)
    assert rnn(torch.zeros(0, 7), []).shape == (0, 10)


def test_dropout_is_between_layers_only() -> None:
    tokens = torch.randn(6, 4)
    one, two = RNN(4, [3]), RNN(4, [3, 3])
    assert one(tokens, [6], 0.5).equal(one(tokens, [6]))
    assert not two(tokens, [6], 0.5).equal(two(tokens, [6]))


def test_initial_weights() -> None:
    network = make_cell("lstm", 6, 4)
    assert network.bias_ih_l0.tolist() == [0] * 4 + [1] * 4 + [0] * 8
    assert not network.bias_hh_l0.any()
    for weights in network.weight_hh_l0.chunk(4):
        torch.testing.assert_close(weights @ weights.T, torch.eye(4))
    bound = math.sqrt(6 / (6 + 4))
    assert network.weight_ih_l0.abs().max() <= bound
