"""Tests marked with `UPSTREAM` fail with Thinc's own shim."""

import warnings
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy
import pytest
import srsly
import torch
from numpy.testing import assert_allclose
from safetensors.torch import load, save
from thinc.api import SGD, Adam, Model, PyTorchWrapper_v2, set_dropout_rate
from torch import nn

from spacy_lstm.layers.shim import checksum
from spacy_lstm.layers.torch_layer import torch_layer
from spacy_lstm.modules.recurrent.precision import has_bf16
from spacy_lstm.modules.recurrent.rnn import RNN

X = [numpy.ones((3, 2), dtype="f"), numpy.ones((1, 2), dtype="f")]


def make_module(nI: int) -> nn.Module:
    torch.manual_seed(0)
    return RNN(nI, [3, 3])


def make_bf16_module(nI: int) -> nn.Module:
    return RNN(nI, [3, 3], precision="bf16")


class FlatRNN(nn.Module):
    """The same network on a flat array, for Thinc's wrapper."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = make_module(2)

        self.dropout = nn.Dropout(0.0)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.dropout(self.rnn(tokens, [4]))


def ours() -> Model:
    return torch_layer("rnn", make_module).initialize(X=X)


def thincs() -> Model:
    return PyTorchWrapper_v2(FlatRNN())


def ours_bf16() -> Model:
    if not has_bf16(torch.device("cpu")):
        pytest.skip("this processor has no bf16")
    return torch_layer("rnn", make_bf16_module).initialize(X=X)


def thincs_bf16() -> Model:
    return PyTorchWrapper_v2(FlatRNN(), mixed_precision=True)


UPSTREAM = pytest.mark.parametrize(
    "make",
    [ours, pytest.param(thincs, marks=pytest.mark.xfail(strict=True))],
)


def batch(model: Model) -> list[numpy.ndarray] | numpy.ndarray:
    return X if model.name == "rnn" else numpy.concatenate(X)


def predict(model: Model) -> numpy.ndarray:
    Y = model.predict(batch(model))
    return numpy.concatenate(Y) if isinstance(Y, list) else Y


def step(model: Model, optimizer: Callable) -> None:
    Y, backprop = model.begin_update(batch(model))
    is_list = isinstance(Y, list)
    backprop([numpy.ones_like(y) for y in Y] if is_list else numpy.ones_like(Y))
    model.finish_update(optimizer)


@UPSTREAM
def test_averages_are_used(make: Callable[[], Model]) -> None:
    model, optimizer = make(), Adam(0.01, use_averages=True)
    for _ in range(5):
        step(model, optimizer)
    last = predict(model)
    with model.use_params(optimizer.averages):
        averaged = predict(model)
    assert abs(averaged - last).max() > 1e-4
    assert_allclose(predict(model), last)


def test_use_params_restores_weights_after_an_error() -> None:
    model = ours()
    before = predict(model)
    zeros = {
        (model.shims[0].id, name): numpy.zeros(tuple(weights.shape), dtype="f")
        for name, weights in model.shims[0].module.named_parameters()
    }

    def fail_with_zeros() -> None:
        with model.use_params(zeros):
            assert not predict(model).any()
            raise KeyError

    with pytest.raises(KeyError):
        fail_with_zeros()
    assert_allclose(predict(model), before)


@UPSTREAM
def test_collected_gradients_are_kept(make: Callable[[], Model]) -> None:
    """`nlp.rehearse` collects gradients like this."""
    model, collected = make(), {}
    before = predict(model)

    def collect(key, weights, gradient):
        collected[key] = (weights, gradient)
        return weights, gradient

    step(model, collect)
    optimizer = Adam(0.01)
    for key, (weights, gradient) in collected.items():
        optimizer(key, weights, gradient)
    assert abs(predict(model) - before).max() > 1e-4


@UPSTREAM
def test_dropout_rate_reaches_the_network(make: Callable[[], Model]) -> None:
    model = make()
    set_dropout_rate(model, 0.5)
    Y, _ = model.begin_update(batch(model))
    Y = numpy.concatenate(Y) if isinstance(Y, list) else Y
    assert abs(Y - predict(model)).max() > 1e-4


@UPSTREAM
def test_prediction_changes_no_shared_state(make: Callable[[], Model]) -> None:
    model = make()
    changes = []
    module = model.shims[0]._model
    module.train = lambda mode=True: changes.append(mode)
    predict(model)
    assert not changes


def test_threads_predict_the_same() -> None:
    model = ours()
    expected = predict(model)
    with ThreadPoolExecutor(8) as pool:
        for predicted in pool.map(lambda _: predict(model), range(100)):
            assert (predicted == expected).all()


@pytest.mark.parametrize(
    "make", [ours_bf16, pytest.param(thincs_bf16, marks=pytest.mark.xfail(strict=True))]
)
def test_mixed_precision_on_cpu(make: Callable[[], Model]) -> None:
    Y = predict(make())
    assert Y.dtype == numpy.float32
    assert (torch.from_numpy(Y).bfloat16().float().numpy() == Y).all()


@UPSTREAM
def test_gradients_are_clipped_by_their_global_norm(
    make: Callable[[], Model],
) -> None:
    """With plain SGD and a learning rate of 1, a step has the norm of the gradient."""
    model = make()
    module = model.shims[0]._model
    before = [p.detach().clone() for p in module.parameters()]
    step(model, SGD(1.0, L2=0.0, grad_clip=0.25, use_averages=False))
    steps = [
        (a - b).flatten() for a, b in zip(module.parameters(), before, strict=True)
    ]
    assert torch.cat(steps).norm().item() == pytest.approx(0.25, rel=1e-4)


@UPSTREAM
def test_training_releases_arrays_of_previous_steps(
    make: Callable[[], Model],
) -> None:
    model, arrays = make(), []

    def leave_alone(key, weights, gradient):
        arrays.extend((weakref.ref(weights), weakref.ref(gradient)))
        return weights, gradient

    for _ in range(3):
        step(model, leave_alone)
    assert not any(array() is not None for array in arrays)


def test_optimizer_that_returns_new_arrays() -> None:
    model = ours()
    before = model.shims[0].module.layers[0].cells[0].weight_ih.tolist()
    step(model, lambda key, weights, gradient: (weights + 1, gradient))
    after = model.shims[0].module.layers[0].cells[0].weight_ih.tolist()
    assert_allclose(after, numpy.array(before) + 1, rtol=1e-6)


def test_gradients_below_the_norm_are_not_clipped() -> None:
    steps = []
    for clip in (0.0, 1e6):
        model = ours()
        step(model, SGD(0.1, L2=0.0, grad_clip=clip, use_averages=False))
        steps.append(predict(model))
    assert_allclose(steps[0], steps[1])


@UPSTREAM
def test_weights_are_saved_as_safetensors(make: Callable[[], Model]) -> None:
    model = make()
    message = srsly.msgpack_loads(model.shims[0].to_bytes())
    weights = load(message["weights"])
    assert weights.keys() == model.shims[0]._model.state_dict().keys()


@UPSTREAM
def test_copy_has_its_own_id(make: Callable[[], Model]) -> None:
    model = make()
    assert model.copy().shims[0].id != model.shims[0].id


def test_copy_shares_no_state() -> None:
    model = ours()
    copied = model.copy()
    before = predict(model)
    assert_allclose(predict(copied), before)
    step(copied, Adam(0.01))
    assert_allclose(predict(model), before)


def test_round_trip_through_bytes() -> None:
    model = ours()
    loaded = torch_layer("rnn", make_module).from_bytes(model.to_bytes())
    assert (predict(loaded) == predict(model)).all()
    assert loaded.to_bytes() == model.to_bytes()


def test_saving_before_initialization() -> None:
    empty = torch_layer("rnn", make_module)
    torch_layer("rnn", make_module).from_bytes(empty.to_bytes())


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-10], lambda b: b"", lambda b: b"\x05"]
)
def test_damaged_bytes_change_nothing(damage: Callable[[bytes], bytes]) -> None:
    model = ours()
    before = predict(model)
    with pytest.raises(ValueError, match="rnn: the saved weights don't fit"):
        model.shims[0].from_bytes(damage(model.shims[0].to_bytes()))
    assert_allclose(predict(model), before)


def resaved(model: Model, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Change the saved weights and update the checksum."""
    message = srsly.msgpack_loads(model.shims[0].to_bytes())
    weights = load(message["weights"])
    change(weights)
    message["weights"] = save(weights)
    message["sha256"] = checksum(message["sizes"], message["weights"])
    return srsly.msgpack_dumps(message)


def resized(model: Model, sizes: dict[str, Any], *, hide: bool = True) -> bytes:
    message = srsly.msgpack_loads(model.shims[0].to_bytes())
    message["sizes"] = sizes
    if hide:
        message["sha256"] = checksum(sizes, message["weights"])
    return srsly.msgpack_dumps(message)


def tampered(model: Model) -> bytes:
    saved = bytearray(model.shims[0].to_bytes())
    saved[-120] ^= 1
    return bytes(saved)


NAME = "layers.0.cells.0.bias_hh"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (tampered, "not those that were saved"),
        (
            lambda m: resaved(m, lambda w: w[NAME].fill_(float("nan"))),
            f"{NAME} contains NaN or infinity",
        ),
        (
            lambda m: resaved(m, lambda w: w[NAME].fill_(float("inf"))),
            f"{NAME} contains NaN or infinity",
        ),
        (
            lambda m: resaved(m, lambda w: w.update({NAME: torch.ones(3)})),
            "size mismatch",
        ),
        (lambda m: resized(m, {"nI": 5}, hide=False), "not those that were saved"),
        (lambda m: resized(m, {"nI": 5}), "size mismatch"),
        (lambda m: resized(m, {}), "Unexpected key"),
        (lambda m: resized(m, {"nI": 2, "x": 1}), "unexpected keyword"),
        (lambda m: resized(m, {"nI": "2"}), "their sizes are"),
        (lambda m: resaved(m, lambda w: w.pop(NAME)), "Missing key"),
        (
            lambda m: resaved(m, lambda w: w.update(other=w[NAME].clone())),
            "Unexpected key",
        ),
    ],
)
def test_invalid_weights(damage: Callable[[Model], bytes], message: str) -> None:
    model = ours()
    before = predict(model)
    with pytest.raises(ValueError, match=f"(?s)rnn: the saved weights.*{message}"):
        model.shims[0].from_bytes(damage(model))
    assert_allclose(predict(model), before)


def test_weights_of_another_network_change_nothing() -> None:
    model = ours()
    before = predict(model)
    other = torch_layer("rnn", lambda nI: RNN(nI, [5])).initialize(X=X)
    with pytest.raises(ValueError, match="rnn: the saved weights don't fit"):
        model.shims[0].from_bytes(other.shims[0].to_bytes())
    assert_allclose(predict(model), before)


def nonfinite_step(model: Model, optimizer: Callable, value: float = numpy.nan) -> None:
    Y, backprop = model.begin_update(batch(model))
    is_list = isinstance(Y, list)
    dY = [y * 0 + value for y in Y] if is_list else Y * 0 + value
    backprop(dY)
    model.finish_update(optimizer)


def state(model: Model, optimizer: Any) -> list[Any]:
    tables = (optimizer.mom1, optimizer.mom2, optimizer.averages)
    return [
        {
            name: w.numpy().tobytes()
            for name, w in module_of(model).state_dict().items()
        },
        [{key: a.tobytes() for key, a in table.items()} for table in tables],
        dict(optimizer.nr_update),
    ]


def module_of(model: Model) -> nn.Module:
    return model.shims[0]._model


@UPSTREAM
@pytest.mark.parametrize("grad_clip", [0.0, 1.0])
@pytest.mark.parametrize("value", [numpy.nan, numpy.inf, 1e30])
@pytest.mark.filterwarnings("ignore:.*step of training was skipped")
def test_nonfinite_steps_are_skipped(
    make: Callable[[], Model], grad_clip: float, value: float
) -> None:
    """Includes finite gradients whose norm overflows."""
    model, optimizer = make(), Adam(0.01, L2=0.1, grad_clip=grad_clip)
    step(model, optimizer)
    before = state(model, optimizer)
    nonfinite_step(model, optimizer, value)
    assert state(model, optimizer) == before
    assert all(p.grad is None for p in module_of(model).parameters())
    step(model, optimizer)
    after = state(model, optimizer)
    assert all(a != b for a, b in zip(after, before, strict=True))
    assert all(w.isfinite().all() for w in module_of(model).state_dict().values())


def test_ten_skipped_steps_in_a_row_raise_an_error() -> None:
    model, optimizer = ours(), Adam(0.01)
    with pytest.warns(UserWarning, match="rnn: a step of training was skipped"):
        nonfinite_step(model, optimizer)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n_steps in (8, 9):
            for _ in range(n_steps):
                nonfinite_step(model, optimizer)
            if n_steps == 8:
                step(model, optimizer)
    before = state(model, optimizer)
    with pytest.raises(ValueError, match=r"rnn: 10 steps .*`learn_rate`.*'fp32'"):
        nonfinite_step(model, optimizer)
    assert state(model, optimizer) == before
    assert model.shims[0].skipped_steps.total == 19
    assert model.copy().shims[0].skipped_steps.total == 0
    step(model, optimizer)
    assert state(model, optimizer) != before


def test_previous_layers_get_finite_gradients() -> None:
    model = ours()
    for value, expected in ((numpy.nan, 0), (numpy.inf, 0), (1.0, 1)):
        Y, backprop = model.begin_update(X)
        dX = backprop([y * 0 + value for y in Y])
        assert all(numpy.isfinite(dx).all() for dx in dX)
        assert any(dx.any() for dx in dX) == expected


def test_steps_with_nonfinite_input_gradients_are_skipped() -> None:
    model, optimizer = ours(), Adam(0.01)
    step(model, optimizer)
    before = state(model, optimizer)

    def overflow(module: nn.Module, inputs: Any, outputs: Any) -> tuple:
        return tuple(x * numpy.inf if x is not None else None for x in inputs)

    hook = module_of(model).register_full_backward_hook(overflow)
    with pytest.warns(UserWarning, match="rnn: a step of training was skipped"):
        step(model, optimizer)
    hook.remove()
    assert state(model, optimizer) == before
    step(model, optimizer)
    assert state(model, optimizer) != before


class Scale(nn.Module):
    """Has no weights."""

    output_width = 2

    def forward(self, tokens: torch.Tensor, *_: Any) -> torch.Tensor:
        return tokens * 2


def test_layer_without_weights_counts_skipped_steps() -> None:
    model = torch_layer("rnn", lambda nI: Scale()).initialize(X=X)
    optimizer = Adam(0.01)
    (shim,) = model.shims
    for _ in range(3):
        step(model, optimizer)
        assert shim.finite_inputs == []
    with pytest.warns(UserWarning, match="rnn: a step of training was skipped"):
        nonfinite_step(model, optimizer)
    assert shim.skipped_steps.total == 1
    step(model, optimizer)
    assert shim.skipped_steps.in_a_row == 0
