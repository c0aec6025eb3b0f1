"""Recurrent encoders."""

from collections.abc import Sequence
from functools import partial
from math import inf
from typing import Any

from thinc.api import Model, get_torch_default_device
from thinc.types import Floats2d

from ..errors import Errors
from ..layers.torch_layer import torch_layer
from ..modules.recurrent.cells import N_GATES
from ..modules.recurrent.connections import CONNECTIONS
from ..modules.recurrent.dropout import Dropout
from ..modules.recurrent.precision import PRECISIONS, has_bf16
from ..modules.recurrent.regularization import Penalties
from ..modules.recurrent.rnn import BACKENDS, RNN
from .checks import (
    MAX_LAYERS,
    MAX_WIDTH,
    check_choice,
    check_rates,
    is_count,
    is_number,
)

RNN_ENCODER = "spacy-lstm.RNNEncoder.v1"
BILSTM_ENCODER = "spacy-lstm.BiLSTMEncoder.v1"


def build_rnn_encoder(
    hidden: int | list[int],
    depth: int | None = None,
    cell: str = "lstm",
    bidirectional: bool = True,
    dropout: float | None = None,
    output_dropout: float | None = None,
    weight_dropout: float | None = 0.0,
    word_dropout: float | None = 0.0,
    locked_dropout: bool = True,
    connection: str | None = None,
    layer_norm: bool = False,
    trainable_state: bool = False,
    l1: float = 0.0,
    activation_penalty: float = 0.0,
    temporal_activation_penalty: float = 0.0,
    window: int | None = None,
    overlap: int = 0,
    backend: str = "auto",
    precision: str = "fp32",
) -> Model[list[Floats2d], list[Floats2d]]:
    """Make an LSTM or GRU encoder, for the `encode` block of a `spacy.Tok2Vec.v2`.

    Token vectors never depend on batching. Each dropout rate may be null, for the rate
    in [training].

    hidden (int | list[int]): Number of hidden units per direction, for all layers or
        for each layer.
    depth (int | None): Number of layers if `hidden` is one number. Defaults to 1.
    cell (str): "lstm" or "gru".
    bidirectional (bool): Whether layers are bidirectional. If so, the output is twice
        as wide as `hidden`.
    dropout (float | None): Dropout rate between layers.
    output_dropout (float | None): Dropout rate of the output.
    weight_dropout (float | None): Dropout rate of hidden-to-hidden weights (Merity et
        al. 2018).
    word_dropout (float | None): Dropout rate of whole tokens.
    locked_dropout (bool): Whether to use the same dropout mask for all tokens of a
        document, between layers and at the output (Gal & Ghahramani 2016).
    connection (str | None): Connection around each layer but the first: "residual" (He
        et al. 2016), "highway" (Srivastava et al. 2015), or null for none.
    layer_norm (bool): Whether to normalize the output of each layer.
    trainable_state (bool): Whether to train the initial states.
    l1 (float): Factor of the L1 regularization of the weights.
    activation_penalty (float): Factor of the activation regularization (AR of Merity et
        al. 2018).
    temporal_activation_penalty (float): Factor of the temporal activation
        regularization (TAR), which penalizes differences between neighboring tokens.
    window (int | None): Number of tokens per window. Longer documents are split into
        overlapping windows. Null to disable.
    overlap (int): Minimum number of tokens that adjacent windows share.
    backend (str): "bucketed", "packed", or "auto" for "packed" on a GPU or for a single
        document, and "bucketed" otherwise. All backends give the same results.
    precision (str): "fp32", "bf16", or "auto" for bf16 if the device supports it.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The encoder. *Shape* of each
        document: (n_tokens, width) in, (n_tokens, hidden or 2 * hidden) out.
    RAISES (ValueError): If an argument is invalid, or arguments are inconsistent.
    """
    units = units_per_layer(hidden, depth)
    check_choice(RNN_ENCODER, "cell", cell, list(N_GATES))
    check_choice(RNN_ENCODER, "connection", connection, [None, *CONNECTIONS])
    check_choice(RNN_ENCODER, "backend", backend, ["auto", *BACKENDS])
    check_choice(RNN_ENCODER, "precision", precision, list(PRECISIONS))
    check_rates(
        RNN_ENCODER,
        dropout=dropout,
        output_dropout=output_dropout,
        weight_dropout=weight_dropout,
        word_dropout=word_dropout,
    )
    check_factors(
        l1=l1,
        activation_penalty=activation_penalty,
        temporal_activation_penalty=temporal_activation_penalty,
    )
    check_window(window, overlap)
    if connection is not None and len(set(units)) > 1:
        raise ValueError(
            Errors.L011.format(name=RNN_ENCODER, connection=connection, hidden=hidden)
        )
    if precision == "bf16" and not has_bf16(get_torch_default_device()):
        device = get_torch_default_device().type
        raise ValueError(Errors.L012.format(name=RNN_ENCODER, device=device))
    return encoder(
        units,
        cell=cell,
        bidirectional=bidirectional,
        connection=connection,
        layer_norm=layer_norm,
        trainable_state=trainable_state,
        dropout=Dropout(
            dropout, output_dropout, weight_dropout, word_dropout, locked_dropout
        ),
        penalties=Penalties(l1, activation_penalty, temporal_activation_penalty),
        backend=backend,
        precision=precision,
        window=window,
        overlap=overlap,
    )


def build_bilstm_encoder(
    width: int, depth: int, dropout: float | None = None
) -> Model[list[Floats2d], list[Floats2d]]:
    """Make an encoder with the arguments of `spacy.TorchBiLSTMEncoder.v1`.

    width (int): Width of the input and the output. Each direction has half of it.
    depth (int): Number of layers.
    dropout (float | None): Dropout rate between layers, or null for the rate in
        [training].
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The encoder. *Shape* of each
        document: (n_tokens, width) in and out.
    RAISES (ValueError): If an argument is invalid.
    """
    if not is_count(width, MAX_WIDTH) or width % 2:
        raise ValueError(Errors.L013.format(name=BILSTM_ENCODER, width=width))
    if not is_count(depth, MAX_LAYERS):
        raise ValueError(Errors.L014.format(name=BILSTM_ENCODER, depth=depth))
    check_rates(BILSTM_ENCODER, dropout=dropout)
    units = [width // 2] * depth
    return encoder(units, nI=width, dropout=Dropout(dropout))


def encoder(
    units: Sequence[int],
    *,
    nI: int | None = None,
    bidirectional: bool = True,
    **settings: Any,
) -> Model[list[Floats2d], list[Floats2d]]:
    return torch_layer(
        "rnn_encoder",
        partial(make_rnn, units=units, bidirectional=bidirectional, **settings),
        nI=nI,
        nO=units[-1] * (2 if bidirectional else 1),
    )


def make_rnn(nI: int, *, units: Sequence[int], **settings: Any) -> RNN:
    return RNN(nI, units, **settings)


def units_per_layer(hidden: int | list[int], depth: int | None) -> list[int]:
    is_list = isinstance(hidden, list | tuple)
    layers: list[int] = list(hidden) if is_list else [hidden]  # type: ignore
    if not layers or not all(is_count(units, MAX_WIDTH) for units in layers):
        raise ValueError(Errors.L002.format(name=RNN_ENCODER, hidden=hidden))
    if depth is None:
        return layers
    if not is_count(depth, MAX_LAYERS) or (is_list and depth != len(layers)):
        raise ValueError(
            Errors.L003.format(name=RNN_ENCODER, depth=depth, hidden=hidden)
        )
    return layers if is_list else layers * depth


def check_factors(**factors: float) -> None:
    for argument, factor in factors.items():
        if not is_number(factor) or not 0 <= factor < inf:
            raise ValueError(
                Errors.L015.format(name=RNN_ENCODER, argument=argument, factor=factor)
            )


def check_window(window: int | None, overlap: int) -> None:
    if window is not None and not is_count(window):
        raise ValueError(Errors.L016.format(name=RNN_ENCODER, window=window))
    if overlap != 0 and (not is_count(overlap) or overlap >= (window or 0)):
        raise ValueError(
            Errors.L017.format(name=RNN_ENCODER, overlap=overlap, window=window)
        )
