"""Recurrent encoders: from vectors of words to vectors of words in their context."""

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
    LARGEST_WIDTH,
    MOST_LAYERS,
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
    output_dropout: float | None = 0.0,
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
    """Make the `encode` block of a `spacy.Tok2Vec.v2` of LSTM or GRU layers.

    A document's vectors do not depend on the other documents of its batch. Each rate of
    dropout may be null, for that of [training].

    hidden (int | list[int]): Units per direction, one number for all layers, or one
        for each of them.
    depth (int | None): Number of layers where `hidden` is one number; 1 if not given.
    cell (str): "lstm" or "gru".
    bidirectional (bool): Whether the layers read in both directions. The output is
        then twice as wide as `hidden`.
    dropout (float | None): Rate of dropout between layers.
    output_dropout (float | None): Rate of dropout of the output.
    weight_dropout (float | None): Rate of dropout of hidden-to-hidden weights (Merity
        et al. 2018).
    word_dropout (float | None): Rate at which whole tokens are dropped.
    locked_dropout (bool): Whether one mask holds for a whole document, between layers
        and at the output (Gal & Ghahramani 2016).
    connection (str | None): What leads around each layer but the first: "residual"
        (He et al. 2016), "highway" (Srivastava et al. 2015), or null for nothing.
    layer_norm (bool): Whether the output of each layer is normalized.
    trainable_state (bool): Whether the states before the first token are learned.
    l1 (float): Factor of the absolute weights that are added to the loss.
    activation_penalty (float): Factor of the squared outputs that are added to the
        loss (AR of Merity et al. 2018).
    temporal_activation_penalty (float): Factor of the squared differences between the
        outputs of neighbouring tokens that are added to the loss (TAR).
    window (int | None): Number of tokens above which a document is cut into windows, or
        null to read it whole.
    overlap (int): Tokens that a window has in common with the next one.
    backend (str): "bucketed", "packed", or "auto" for packed sequences on a GPU and
        of one document alone, and buckets elsewhere. All give the same numbers.
    precision (str): "fp32", "bf16", or "auto" for bf16 where the device has it.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The encoder. *Shape* of each
        document: (n_tokens, width) in, (n_tokens, hidden or twice that) out.
    RAISES (ValueError): If an argument is invalid or two don't agree.
    """
    units = units_of_layers(hidden, depth)
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

    width (int): Width of the input and of the output; half of it is that of each
        direction.
    depth (int): Number of layers.
    dropout (float | None): Rate of dropout between layers, or null for that of
        [training].
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The encoder. *Shape* of each
        document: (n_tokens, width) in and out.
    RAISES (ValueError): If an argument is invalid.
    """
    if not is_count(width, LARGEST_WIDTH) or width % 2:
        raise ValueError(Errors.L013.format(name=BILSTM_ENCODER, width=width))
    if not is_count(depth, MOST_LAYERS):
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


def units_of_layers(hidden: int | list[int], depth: int | None) -> list[int]:
    is_list = isinstance(hidden, list | tuple)
    layers: list[int] = list(hidden) if is_list else [hidden]  # type: ignore
    if not layers or not all(is_count(units, LARGEST_WIDTH) for units in layers):
        raise ValueError(Errors.L002.format(name=RNN_ENCODER, hidden=hidden))
    if depth is None:
        return layers
    if not is_count(depth, MOST_LAYERS) or (is_list and depth != len(layers)):
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
