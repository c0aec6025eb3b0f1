"""Recurrent encoders: from vectors of words to vectors of words in their context."""

from functools import partial

from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors
from ..layers.torch_layer import torch_layer
from ..modules.rnn import CELLS, RNN

NAME = "spacy-lstm.RNNEncoder.v1"


def build_rnn_encoder(
    hidden: int | list[int],
    depth: int | None = None,
    cell: str = "lstm",
    bidirectional: bool = True,
    dropout: float | None = None,
) -> Model[list[Floats2d], list[Floats2d]]:
    """Make the `encode` block of a `spacy.Tok2Vec.v2` of LSTM or GRU layers.

    A document's vectors do not depend on the other documents of its batch.

    hidden (int | list[int]): Units per direction, one number for all layers, or one
        for each of them.
    depth (int | None): Number of layers where `hidden` is one number; 1 if not given.
    cell (str): "lstm" or "gru".
    bidirectional (bool): Whether the layers read in both directions. The output is
        then twice as wide as `hidden`.
    dropout (float | None): Rate of dropout between layers, or null for that of
        [training].
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The encoder. *Shape* of each
        document: (n_tokens, width) in, (n_tokens, hidden or twice that) out.
    RAISES (ValueError): If an argument makes no sense or two don't agree.
    """
    if cell not in CELLS:
        raise ValueError(Errors.L001.format(name=NAME, cell=cell, known=list(CELLS)))
    check_dropout(NAME, dropout)
    units = units_of_layers(hidden, depth)
    return torch_layer(
        "rnn_encoder",
        partial(make_rnn, hidden=units, cell=cell, bidirectional=bidirectional),
        nO=units[-1] * (2 if bidirectional else 1),
        dropout=dropout,
    )


def make_rnn(nI: int, *, hidden: list[int], cell: str, bidirectional: bool) -> RNN:
    return RNN(nI, hidden, cell=cell, bidirectional=bidirectional)


def units_of_layers(hidden: int | list[int], depth: int | None) -> list[int]:
    layers = [hidden] if isinstance(hidden, int) else list(hidden)
    if not layers or not all(isinstance(n, int) and n > 0 for n in layers):
        raise ValueError(Errors.L002.format(name=NAME, hidden=hidden))
    if depth is None:
        return layers
    if depth < 1 or (not isinstance(hidden, int) and depth != len(layers)):
        raise ValueError(Errors.L003.format(name=NAME, depth=depth, hidden=hidden))
    return layers * depth if isinstance(hidden, int) else layers


def check_dropout(name: str, dropout: float | None) -> None:
    if dropout is not None and not 0 <= dropout < 1:
        raise ValueError(Errors.L005.format(name=name, dropout=dropout))
