"""Recurrent layers over torch's packed sequences, for cuDNN."""

from collections.abc import Sequence

import numpy
import torch
from torch import Tensor

from .cells import Cell, initial_states


class Packed:
    """Runs recurrent layers over a packed batch.

    lengths (Sequence[int]): Number of tokens of each sequence, not all of them 0.
    device (torch.device): Device of the tokens.
    """

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        counts = numpy.asarray(lengths, dtype=numpy.int64)
        step = numpy.arange(counts.sum()) - (counts.cumsum() - counts).repeat(counts)
        order = numpy.lexsort((counts.repeat(counts) * -1, step))
        self.positions = torch.from_numpy(order).to(device)
        self.rows = torch.from_numpy(numpy.argsort(order)).to(device)
        # torch expects these on the CPU
        self.n_active = torch.from_numpy(numpy.bincount(step))

    def run_layer(
        self, tokens: Tensor, cells: Sequence[Cell], weights: list[list[Tensor]]
    ) -> Tensor:
        """Run one layer. See `Bucketed.run_layer`."""
        inputs = tokens.index_select(0, self.positions)
        states = initial_states(cells, int(self.n_active[0]))
        states = [state.to(tokens.dtype) for state in states]
        parameters = [parameter for matrices in weights for parameter in matrices]
        # has_biases, num_layers, dropout, train, bidirectional
        options = (True, 1, 0.0, torch.is_grad_enabled(), len(cells) == 2)
        if cells[0].kind == "lstm":
            outputs, *_ = torch.lstm(
                inputs, self.n_active, states, parameters, *options
            )
        else:
            outputs, *_ = torch.gru(
                inputs, self.n_active, states[0], parameters, *options
            )
        return outputs.index_select(0, self.rows)
