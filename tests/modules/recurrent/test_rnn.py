import math
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from spacy_lstm.modules.recurrent import bucketed, workers
from spacy_lstm.modules.recurrent.cells import Cell
from spacy_lstm.modules.recurrent.dropout import Dropout
from spacy_lstm.modules.recurrent.precision import has_bf16
from spacy_lstm.modules.recurrent.regularization import Penalties, activation_penalty
from spacy_lstm.modules.recurrent.rnn import RNN

CELLS = ["lstm", "gru"]
LENGTHS = st.lists(st.integers(0, 30), min_size=1, max_size=20)
OPTIONS = [
    {},
    {"cell": "gru"},
    {"bidirectional": False},
    {"connection": "residual"},
    {"connection": "highway", "layer_norm": True, "trainable_state": True},
    {"cell": "gru", "trainable_state": True},
]
Vector = list[float]


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def times(matrix: list[Vector], vector: Vector) -> Vector:
    return [sum(w * x for w, x in zip(row, vector, strict=True)) for row in matrix]


def gates(network: Cell, x: Vector, h: Vector) -> tuple[list[Vector], ...]:
    """Compute the contributions of the input and the hidden state to each gate."""
    size = len(h)

    def split(weights: Tensor, bias: Tensor, vector: Vector) -> list[Vector]:
        sums = times(weights.tolist(), vector)
        sums = [s + b for s, b in zip(sums, bias.tolist(), strict=True)]
        return [sums[i : i + size] for i in range(0, len(sums), size)]

    return (
        split(network.weight_ih, network.bias_ih, x),
        split(network.weight_hh, network.bias_hh, h),
    )


def plain_lstm(network: Cell, inputs: list[Vector]) -> list[Vector]:
    """Compute the equations of an LSTM in plain Python."""
    size = network.units
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


def plain_gru(network: Cell, inputs: list[Vector]) -> list[Vector]:
    """Compute the equations of a GRU in plain Python."""
    size = network.units
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
        expected = PLAIN[cell](layer.cells[0], tokens[start:end].tolist())
        torch.testing.assert_close(outputs[start:end], torch.tensor(expected))


@pytest.mark.parametrize("cell", CELLS)
def test_backward_direction_reads_from_the_last_token(cell: str) -> None:
    rnn = RNN(4, [3], cell=cell)
    tokens = torch.randn(9, 4)
    outputs = rnn(tokens, [2, 7])
    for start, end in ((0, 2), (2, 9)):
        network = rnn.layers[0].cells[1]
        expected = PLAIN[cell](network, tokens[start:end].flip(0).tolist())[::-1]
        torch.testing.assert_close(outputs[start:end, 3:], torch.tensor(expected))


def alone(rnn: RNN, tokens: Tensor, lengths: Sequence[int]) -> Tensor:
    parts = tokens.split(list(lengths))
    return torch.cat([rnn(part, [len(part)]) for part in parts])


def make(options: dict[str, Any], **others: Any) -> RNN:
    torch.manual_seed(0)
    rnn = RNN(5, [4, 4], **options, **others)
    for parameter in rnn.parameters():
        nn.init.normal_(parameter, std=0.5)
    return rnn


@pytest.mark.parametrize("options", OPTIONS)
@given(lengths=LENGTHS)
@settings(max_examples=25, deadline=None)
def test_vectors_do_not_depend_on_the_batch(
    options: dict[str, Any], lengths: list[int]
) -> None:
    rnn = make(options)
    tokens = torch.randn(sum(lengths), 5)
    torch.testing.assert_close(
        rnn(tokens, lengths), alone(rnn, tokens, lengths), atol=1e-5, rtol=0
    )


def passes(rnn: RNN, tokens: Tensor, lengths: list[int], dY: Tensor) -> list[Tensor]:
    """Compute the outputs of a forward pass, and all gradients."""
    outputs = rnn(tokens, lengths)
    inputs = [tokens, *rnn.parameters()]
    return [outputs.detach(), *torch.autograd.grad(outputs, inputs, dY)]


@pytest.mark.parametrize("options", OPTIONS)
@given(lengths=LENGTHS.filter(any))
@settings(max_examples=25, deadline=None)
def test_backends_give_the_same_results(
    options: dict[str, Any], lengths: list[int]
) -> None:
    bucketed, packed = (make(options, backend=b) for b in ("bucketed", "packed"))
    tokens = torch.randn(sum(lengths), 5, requires_grad=True)
    dY = torch.randn(sum(lengths), bucketed.output_width) / sum(lengths)
    for a, b in zip(
        passes(bucketed, tokens, lengths, dY),
        passes(packed, tokens, lengths, dY),
        strict=True,
    ):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=0)
    torch.testing.assert_close(
        make(options, backend="auto")(tokens, lengths), bucketed(tokens, lengths)
    )


@pytest.mark.gpu
@pytest.mark.parametrize("backend", ["bucketed", "packed"])
@pytest.mark.parametrize("options", OPTIONS)
def test_backends_give_the_same_results_on_a_gpu(
    options: dict[str, Any], backend: str
) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no GPU here")
    lengths = [3, 0, 17, 1, 8, 8]
    tokens = torch.randn(sum(lengths), 5, requires_grad=True)
    rnn = make(options, backend=backend)
    dY = torch.randn(sum(lengths), rnn.output_width) / sum(lengths)
    on_cpu = passes(rnn, tokens, lengths, dY)
    with torch.backends.cudnn.flags(allow_tf32=False):
        on_gpu = passes(
            rnn.cuda(), tokens.detach().cuda().requires_grad_(), lengths, dY.cuda()
        )
    for a, b in zip(on_cpu, on_gpu, strict=True):
        torch.testing.assert_close(a, b.cpu(), atol=1e-5, rtol=0)


def test_auto_packs_on_a_gpu_and_for_a_single_sequence() -> None:
    def names(n_sequences: int) -> list[str]:
        devices = [torch.device(name) for name in ("cpu", "cuda")]
        return [rnn._backend(device, n_sequences).__name__ for device in devices]

    rnn = RNN(3, [2])
    assert names(2) == ["Bucketed", "Packed"]
    assert names(1) == ["Packed", "Packed"]


@pytest.mark.parametrize("backend", ["bucketed", "packed"])
@pytest.mark.parametrize("options", OPTIONS)
def test_gradients(options: dict[str, Any], backend: str) -> None:
    rnn = make(options, backend=backend).double()
    tokens = torch.randn(8, 5, dtype=torch.double, requires_grad=True)
    names = [name for name, _ in rnn.named_parameters()]

    def run(tokens: Tensor, *parameters: Tensor) -> Tensor:
        weights = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(rnn, weights, (tokens, [3, 0, 5]))

    assert torch.autograd.gradcheck(run, (tokens, *rnn.parameters()), fast_mode=True)


LARGE = [60, 3, 40] * 10  # large enough for two threads


@pytest.fixture
def parallel_runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Set two threads, and count the tasks of each parallel run."""
    used: list[int] = []

    def counted(*tasks: Any) -> list[Any]:
        used.append(len(tasks))
        return workers.run_parallel(*tasks)

    monkeypatch.setattr(bucketed, "run_parallel", counted)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield used
    torch.set_num_threads(before)


def test_two_threads_give_the_same_results_as_one(parallel_runs: list[int]) -> None:
    rnn = RNN(96, [64, 64])
    tokens = torch.randn(sum(LARGE), 96, requires_grad=True)
    dY = torch.randn(sum(LARGE), 128) / sum(LARGE)
    two = passes(rnn, tokens, LARGE, dY)
    assert torch.get_num_threads() == 2
    assert parallel_runs == [2] * 4
    torch.set_num_threads(1)
    one = passes(rnn, tokens, LARGE, dY)
    assert parallel_runs == [2] * 4
    for a, b in zip(one, two, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    "mode", [torch.inference_mode, lambda: torch.autocast("cpu", torch.bfloat16)]
)
def test_inference_mode_and_autocast_apply_to_both_directions(
    mode: Any, parallel_runs: list[int]
) -> None:
    rnn, tokens = RNN(96, [64]), torch.randn(sum(LARGE), 96)
    with mode():
        two = rnn(tokens, LARGE)
        torch.set_num_threads(1)
        assert rnn(tokens, LARGE).equal(two)
    assert not parallel_runs


def test_frozen_parameters_have_no_gradient() -> None:
    rnn, tokens = RNN(5, [4]), torch.randn(6, 5)
    for parameter in rnn.layers[0].cells[0].parameters():
        parameter.requires_grad_(False)
    rnn(tokens, [4, 2]).sum().backward()
    frozen, trained = (list(cell.parameters()) for cell in rnn.layers[0].cells)
    assert all(parameter.grad is None for parameter in frozen)
    assert all(parameter.grad is not None for parameter in trained)


@pytest.mark.skipif(
    not hasattr(torch._C._autograd, "_get_current_graph_task_keep_graph"),
    reason="this version of torch doesn't tell whether a graph is retained",
)
def test_freed_graph_raises() -> None:
    total = RNN(5, [4])(torch.randn(6, 5), [4, 2]).sum()
    total.backward()
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        total.backward()


def test_a_backward_pass_can_be_repeated() -> None:
    rnn, tokens = RNN(5, [4]), torch.randn(6, 5, requires_grad=True)
    total = rnn(tokens, [4, 2]).sum()
    first, second = (
        torch.autograd.grad(total, tokens, retain_graph=True)[0] for _ in range(2)
    )
    assert first.equal(second)


def test_agrees_with_packed_sequences_of_torch() -> None:
    rnn = RNN(6, [5])
    reference = nn.LSTM(6, 5, bidirectional=True, batch_first=True)
    with torch.no_grad():
        for suffix, network in (
            ("", rnn.layers[0].cells[0]),
            ("_reverse", rnn.layers[0].cells[1]),
        ):
            for name, weights in network.named_parameters():
                getattr(reference, f"{name}_l0{suffix}").copy_(weights)
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


@pytest.mark.parametrize("where", ["between", "output", "weight", "word"])
@pytest.mark.parametrize(("own", "rate"), [(None, 0.5), (0.5, 0.0)])
def test_rates_of_dropout(where: str, own: float | None, rate: float) -> None:
    tokens = torch.randn(6, 4)
    rates: dict[str, Any] = {"between": 0.0, where: own}
    rnn = RNN(4, [3, 3], dropout=Dropout(**rates))
    assert not rnn(tokens, [6], rate).equal(rnn(tokens, [6]))
    assert rnn(tokens, [6]).equal(rnn(tokens, [6]))
    off: dict[str, Any] = {"between": 0.0, where: 0.0}
    rnn.dropout = Dropout(**off)
    assert rnn(tokens, [6], 0.5).equal(rnn(tokens, [6]))


@pytest.mark.parametrize(
    "penalties", [Penalties(l1=2.0), Penalties(activation=2.0, temporal_activation=3.0)]
)
def test_penalties_apply_in_training_only(penalties: Penalties) -> None:
    rnn = RNN(4, [3], penalties=penalties)
    tokens = torch.randn(6, 4, requires_grad=True)
    lengths, dY = [4, 2], torch.randn(6, 6)
    inputs = [tokens, *rnn.parameters()]

    plain = rnn(tokens, lengths)
    total = (plain * dY).sum()
    cells = rnn.layers[0].cells
    weights = [w for cell in cells for w in (cell.weight_ih, cell.weight_hh)]
    total = total + penalties.l1 * sum(w.abs().sum() for w in weights)
    total = total + penalties.activation * plain.square().mean(1).sum()
    steps = (plain[1:] - plain[:-1])[[0, 1, 2, 4]]
    total = total + penalties.temporal_activation * steps.square().mean(1).sum()
    expected = torch.autograd.grad(total, inputs)

    outputs = rnn(tokens, lengths, 0.0)
    assert outputs.equal(plain)
    found = torch.autograd.grad(outputs, inputs, dY)
    torch.testing.assert_close(found, expected)
    unpenalized = torch.autograd.grad(rnn(tokens, lengths), inputs, dY)
    assert any(not a.allclose(b) for a, b in zip(found, unpenalized, strict=True))


def test_windows() -> None:
    rnn = RNN(5, [4, 4], window=20, overlap=10)
    whole = RNN(5, [4, 4])
    whole.load_state_dict(rnn.state_dict())
    lengths = [20, 0, 95, 3]
    tokens = torch.randn(sum(lengths), 5)
    cut, uncut = rnn(tokens, lengths), whole(tokens, lengths)
    torch.testing.assert_close(cut[:20], uncut[:20])
    torch.testing.assert_close(cut[-3:], uncut[-3:])
    assert not cut.allclose(uncut)
    second_window = whole(tokens[30:50], [20])
    torch.testing.assert_close(cut[35:45], second_window[5:15])
    rnn.window = 95
    torch.testing.assert_close(rnn(tokens, lengths), uncut)


def test_dropout_and_penalties_apply_per_document_not_per_window() -> None:
    tokens, lengths = torch.randn(43, 5), [40, 3]
    rnn = RNN(5, [4], window=10, overlap=8, dropout=Dropout(output=None))
    dropped = rnn(tokens, lengths, 0.5) == 0
    assert dropped[:40].equal(dropped[:1].expand(40, -1))
    rnn = RNN(5, [4], window=10, overlap=8, penalties=Penalties(activation=1.0))
    tokens.requires_grad_()
    outputs = rnn(tokens, lengths)
    expected = torch.autograd.grad(activation_penalty(outputs), tokens)[0]
    outputs = rnn(tokens, lengths, 0.0)
    found = torch.autograd.grad(outputs, tokens, torch.zeros_like(outputs))[0]
    torch.testing.assert_close(found, expected)


def test_windows_of_a_document_share_a_mask_between_layers() -> None:
    seen: list[list[int]] = []

    class Recorded(Dropout):
        def drop(self, tokens: Tensor, lengths: Sequence[int], rate: float) -> Tensor:
            seen.append(list(lengths))
            return tokens

        def resolve(self, rate: float | None) -> Dropout:
            return self

    RNN(5, [4, 4], window=10, overlap=5, dropout=Recorded())(
        torch.randn(23, 5), [20, 3], 0.5
    )
    assert seen == [[30, 3], [20, 3]]


@pytest.mark.skipif(
    not has_bf16(torch.device("cpu")), reason="this processor has no bf16"
)
def test_bf16() -> None:
    rnn = RNN(5, [4, 4])
    tokens = torch.randn(9, 5, requires_grad=True)
    exact = rnn(tokens, [4, 5])
    rnn.precision = "bf16"
    outputs = rnn(tokens, [4, 5])
    assert outputs.dtype == torch.float32
    assert 0 < (outputs - exact).abs().max() < 0.02
    outputs.sum().backward()
    gradients = [tokens.grad, *(p.grad for p in rnn.parameters())]
    assert all(g is not None and g.dtype == torch.float32 for g in gradients)


def test_connections_skip_all_layers_but_the_first() -> None:
    rnn = RNN(5, [4, 4, 4], connection="residual", layer_norm=True)
    assert [layer.connection is None for layer in rnn.layers] == [True, False, False]
    tokens = torch.randn(7, 5)
    first = RNN(5, [4], layer_norm=True)
    first.layers[0].load_state_dict(rnn.layers[0].state_dict())
    for layer in rnn.layers[1:]:
        nn.init.zeros_(layer.norm.weight)
    torch.testing.assert_close(rnn(tokens, [7]), first(tokens, [7]))


def test_trainable_state_is_the_initial_state() -> None:
    rnn = RNN(4, [3], bidirectional=False, trainable_state=True)
    cell = rnn.layers[0].cells[0]
    hidden, state = (nn.init.normal_(state) for state in cell.initial)
    tokens = torch.randn(5, 4)
    expected, _ = torch.lstm(
        tokens.unsqueeze(1),
        (hidden.view(1, 1, 3), state.view(1, 1, 3)),
        cell.weights(),
        True, 1, 0.0, False, False, False,
    )[:2]  # fmt: skip
    torch.testing.assert_close(rnn(tokens, [5]), expected.squeeze(1))
