"""Stacked LSTM and GRU layers."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from .bucketed import Bucketed
from .cells import Cell
from .connections import CONNECTIONS
from .dropout import Dropout, word_dropout
from .packed import Packed
from .precision import dtype_of
from .regularization import (
    Penalties,
    activation_penalty,
    add_penalty,
    temporal_activation_penalty,
)
from .windows import make_windows

BACKENDS: dict[str, type[Bucketed] | type[Packed]] = {
    "bucketed": Bucketed,
    "packed": Packed,
}


class RNN(nn.Module):
    """A stack of recurrent layers whose results don't depend on batching.

    A bidirectional layer has two cells. The second one reads every sequence from right
    to left, without padding. Second derivatives are not supported.

    input_width (int): Width of the token vectors.
    hidden (Sequence[int]): Units per direction of each layer.
    cell (str): "lstm" or "gru".
    bidirectional (bool): Whether the layers are bidirectional (Schuster & Paliwal
        1997).
    connection (str | None): Connection around each layer but the first: "residual" or
        "highway". Requires layers of equal width.
    layer_norm (bool): Whether to normalize the hidden states of each layer (Ba et al.
        2016).
    trainable_state (bool): Whether to learn the initial states; zeros otherwise.
    dropout (Dropout): Dropout rates.
    penalties (Penalties): Penalties that training adds to the loss.
    backend (str): "bucketed", "packed", or "auto". "auto" uses packed sequences on a
        GPU or for a single sequence, and buckets otherwise. The results are the same.
    precision (str): "fp32", "bf16", or "auto" for bf16 if the device supports it.
        Weights and results are always fp32.
    window (int | None): Split sequences with more tokens than this into windows.
    overlap (int): Number of tokens that adjacent windows share.
    """

    def __init__(
        self,
        input_width: int,
        hidden: Sequence[int],
        *,
        cell: str = "lstm",
        bidirectional: bool = True,
        connection: str | None = None,
        layer_norm: bool = False,
        trainable_state: bool = False,
        dropout: Dropout = Dropout(),  # noqa: B008
        penalties: Penalties = Penalties(),  # noqa: B008
        backend: str = "auto",
        precision: str = "fp32",
        window: int | None = None,
        overlap: int = 0,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        width = input_width
        for i, units in enumerate(hidden):
            layer = RNNLayer(
                width,
                units,
                cell=cell,
                bidirectional=bidirectional,
                connection=connection if i > 0 else None,
                layer_norm=layer_norm,
                trainable_state=trainable_state,
            )
            self.layers.append(layer)
            width = layer.output_width
        self.output_width = width
        self.dropout = dropout
        self.penalties = penalties
        self.backend = backend
        self.precision = precision
        self.window = window
        self.overlap = overlap

    def forward(
        self, tokens: Tensor, lengths: Sequence[int], dropout: float | None = None
    ) -> Tensor:
        """Encode the tokens of a batch.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, input_width)
        lengths (Sequence[int]): Number of tokens of each sequence.
        dropout (float | None): Training dropout rate; None for prediction.
        RETURNS (Tensor): The hidden states of the last layer, concatenated over the
            directions. *Shape:* (n_tokens, output_width)
        """
        if not len(tokens):
            return tokens.new_zeros(0, self.output_width) + 0 * tokens.sum()
        rates = self.dropout.resolve(dropout)
        if rates.word:
            tokens = word_dropout(tokens, rates.word)
        if self.window is None or max(lengths) <= self.window:
            tokens = self._encode(tokens, lengths, lengths, dropout)
        else:
            windows = make_windows(lengths, self.window, self.overlap, tokens.device)
            tokens = tokens.index_select(0, windows.positions)
            tokens = self._encode(tokens, windows.lengths, windows.totals, dropout)
            tokens = tokens.index_select(0, windows.rows)
        if dropout is None:
            return tokens
        if self.penalties.temporal_activation:
            tokens = add_penalty(tokens, partial(self._temporal, lengths=lengths))
        tokens = rates.drop(tokens, lengths, rates.output or 0.0)
        if self.penalties.activation:
            tokens = add_penalty(tokens, self._activation)
        return tokens

    def _encode(
        self,
        tokens: Tensor,
        lengths: Sequence[int],
        totals: Sequence[int],
        dropout: float | None,
    ) -> Tensor:
        """Run the layers over sequences or their windows.

        lengths (Sequence[int]): Number of tokens of each window.
        totals (Sequence[int]): Total number of tokens of each sequence's windows.
        """
        rates = self.dropout.resolve(dropout)
        l1 = 0.0 if dropout is None else self.penalties.l1
        backend = self._backend(tokens.device, len(lengths))
        batch = backend(lengths, tokens.device)
        dtype = dtype_of(self.precision, tokens.device)
        for i, layer in enumerate(self.layers):
            if i > 0:
                tokens = rates.drop(tokens, totals, rates.between or 0.0)
            tokens = layer(tokens, batch, rates.weight or 0.0, l1, dtype)
        return tokens

    def _backend(
        self, device: torch.device, n_sequences: int
    ) -> type[Bucketed] | type[Packed]:
        if self.backend == "auto":
            # A single sequence has no padding.
            is_packed = device.type == "cuda" or n_sequences == 1
            return Packed if is_packed else Bucketed
        return BACKENDS[self.backend]

    def _activation(self, states: Tensor) -> Tensor:
        return self.penalties.activation * activation_penalty(states)

    def _temporal(self, states: Tensor, lengths: Sequence[int]) -> Tensor:
        penalty = temporal_activation_penalty(states, lengths)
        return self.penalties.temporal_activation * penalty


class RNNLayer(nn.Module):
    """One recurrent layer with one or two directions.

    input_width (int): Width of the token vectors.
    units (int): Width of the hidden state of each direction.
    cell (str): "lstm" or "gru".
    bidirectional (bool): Whether to add a right-to-left direction.
    connection (str | None): Connection around the layer: "residual" or "highway".
    layer_norm (bool): Whether to normalize the hidden states.
    trainable_state (bool): Whether to learn the initial states.
    """

    def __init__(
        self,
        input_width: int,
        units: int,
        *,
        cell: str,
        bidirectional: bool,
        connection: str | None = None,
        layer_norm: bool = False,
        trainable_state: bool = False,
    ) -> None:
        super().__init__()
        self.cells = nn.ModuleList(
            Cell(cell, input_width, units, trainable_state=trainable_state)
            for _ in range(2 if bidirectional else 1)
        )
        self.output_width = units * len(self.cells)
        self.norm = (
            nn.LayerNorm(self.output_width, dtype=torch.float) if layer_norm else None
        )
        self.connection = (
            CONNECTIONS[connection](self.output_width) if connection else None
        )

    def forward(
        self,
        tokens: Tensor,
        batch: Bucketed | Packed,
        weight_dropout: float = 0.0,
        l1: float = 0.0,
        dtype: torch.dtype | None = None,
    ) -> Tensor:
        """Run the layer.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, input_width)
        batch (Bucketed | Packed): The arrangement of the sequences.
        weight_dropout (float): Dropout rate of the hidden-to-hidden weights.
        l1 (float): Factor of the L1 penalty on the weights.
        dtype (torch.dtype | None): Dtype of the cells; None for that of the weights.
        RETURNS (Tensor): Hidden states. *Shape:* (n_tokens, output_width)
        """
        cells: list[Cell] = list(self.cells)  # type: ignore[arg-type]
        weights = [
            [parameter.to(dtype or parameter.dtype) for parameter in cell_weights]
            for cell_weights in (cell.weights(weight_dropout, l1) for cell in cells)
        ]
        inputs = tokens.to(dtype or tokens.dtype)
        outputs = batch.run_layer(inputs, cells, weights).to(tokens.dtype)
        if self.norm is not None:
            outputs = self.norm(outputs)
        if self.connection is not None:
            outputs = self.connection(tokens, outputs)
        return outputs
