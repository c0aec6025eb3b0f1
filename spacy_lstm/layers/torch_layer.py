"""Thinc layers with a torch module."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from thinc.api import Model, torch2xp, xp2torch
from thinc.types import Floats2d
from thinc.util import get_width
from torch import nn

from ..errors import Errors
from .doc_views import DocViews, flatten
from .shim import TorchShim


def torch_layer(
    name: str,
    build: Callable[..., nn.Module],
    *,
    nO: int | None = None,
    nI: int | None = None,
    sizes: Sequence[str] = ("nI",),
    per_token: bool = True,
) -> Model[Any, Any]:
    """Make a layer that applies a torch module to the tokens of a batch of documents.

    The module's `forward` takes the flat batch, *shape* (n_tokens, nI), the lengths of
    the documents and, in training, the dropout rate set by `set_dropout_rate`. Its
    `output_width` is the width of the output.

    name (str): Name of the layer, for error messages.
    build (Callable[..., nn.Module]): Makes the module from its sizes.
    nO (int | None): Width of the output, if known beforehand.
    nI (int | None): Width of the input, if known beforehand.
    sizes (Sequence[str]): Arguments of `build`: "nI", "nO" or both.
    per_token (bool): Whether the output has one row per token, or one per document.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The layer; with `per_token` off,
        a Model[List[Floats2d], Floats2d].
    """
    return Model(
        name,
        forward,
        init=init,
        dims={"nO": nO, "nI": nI},
        attrs={"per_token": per_token, "sizes": list(sizes), "dropout_rate": 0.0},
        shims=[TorchShim(build, name)],
    )


def init(model: Model, X: Sequence[Floats2d] | None = None, Y: Any = None) -> None:
    if X:
        check_width(model, X[0])
        model.set_dim("nI", X[0].shape[1])
    if Y is not None and "nO" in model.attrs["sizes"] and not model.has_dim("nO"):
        model.set_dim("nO", get_width(Y))
    sizes = {dim: model.maybe_get_dim(dim) for dim in model.attrs["sizes"]}
    if None not in sizes.values():
        shim = cast(TorchShim, model.shims[0])
        module = shim.make_module(**cast(dict[str, int], sizes))
        model.set_dim("nO", cast(int, module.output_width))


def forward(
    model: Model, Xs: Sequence[Floats2d], is_train: bool
) -> tuple[Any, Callable[[Any], list[Floats2d]]]:
    shim = cast(TorchShim, model.shims[0])
    lengths = [len(X) for X in Xs]
    for X in Xs:
        check_width(model, X)
    inputs = xp2torch(flatten(model, Xs), device=shim.device)
    if is_train:
        if shim.perturbation is not None:
            inputs = inputs + shim.perturbation
        inputs.requires_grad_()
        dropout = model.attrs["dropout_rate"]
        outputs, backprop_module = shim.begin_update(inputs, lengths, dropout)
    else:
        outputs = shim.predict(inputs, lengths)
    Y = torch2xp(outputs, ops=model.ops)

    def backprop(dY: Any) -> list[Floats2d]:
        gradient = flatten(model, dY) if model.attrs["per_token"] else dY
        backprop_module(xp2torch(gradient, device=shim.device))
        d_inputs = torch.zeros_like(inputs) if inputs.grad is None else inputs.grad
        if shim.keeps_input_gradient:
            shim.input_gradient = d_inputs
        return DocViews(torch2xp(d_inputs, ops=model.ops), lengths)

    return (DocViews(Y, lengths) if model.attrs["per_token"] else Y), backprop


def check_width(model: Model, X: Floats2d) -> None:
    expected, found = model.maybe_get_dim("nI"), X.shape[1]
    if expected not in (None, found):
        raise ValueError(
            Errors.L007.format(name=model.name, expected=expected, found=found)
        )
