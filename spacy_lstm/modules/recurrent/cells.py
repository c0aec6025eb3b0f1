"""LSTM and GRU cells."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from .regularization import add_penalty

N_GATES = {"lstm": 4, "gru": 3}
N_STATES = {"lstm": 2, "gru": 1}


class Cell(nn.Module):
    """The parameters of one direction of a recurrent layer.

    Input weights are initialized after Glorot & Bengio (2010), recurrent weights are
    orthogonal (Saxe et al. 2014), and the bias of an LSTM's forget gate is 1
    (Jozefowicz et al. 2015). The layout of the weights is that of `torch.nn.LSTM` and
    `torch.nn.GRU`.

    kind (str): "lstm" (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et
        al. 2000) or "gru" (Cho et al. 2014).
    input_width (int): Width of the inputs.
    units (int): Width of the hidden state.
    trainable_state (bool): Whether to learn the initial states; zeros otherwise.
    """

    def __init__(
        self, kind: str, input_width: int, units: int, *, trainable_state: bool = False
    ) -> None:
        super().__init__()
        self.kind = kind
        self.units = units
        rows = N_GATES[kind] * units
        self.weight_ih = nn.Parameter(torch.empty(rows, input_width, dtype=torch.float))
        self.weight_hh = nn.Parameter(torch.empty(rows, units, dtype=torch.float))
        self.bias_ih = nn.Parameter(torch.zeros(rows, dtype=torch.float))
        self.bias_hh = nn.Parameter(torch.zeros(rows, dtype=torch.float))
        n_states = N_STATES[kind] if trainable_state else 0
        self.initial = nn.ParameterList(
            torch.zeros(units, dtype=torch.float) for _ in range(n_states)
        )
        self._initialize()

    def _initialize(self) -> None:
        for weights in self.weight_ih.split(self.units):
            nn.init.xavier_uniform_(weights)
        for weights in self.weight_hh.split(self.units):
            nn.init.orthogonal_(weights)
        if self.kind == "lstm":
            nn.init.ones_(self.bias_ih[self.units : 2 * self.units])

    def weights(self, weight_dropout: float = 0.0, l1: float = 0.0) -> list[Tensor]:
        """Get the weights for one batch.

        weight_dropout (float): Dropout rate of the hidden-to-hidden weights, with the
            same mask for all steps (Merity et al. 2018).
        l1 (float): Factor of the L1 penalty on the weights.
        RETURNS (list[Tensor]): Input and recurrent weights, *shape*
            (n_gates * units, width), and their biases, *shape* (n_gates * units,).
        """
        matrices: list[Tensor] = [self.weight_ih, self.weight_hh]
        if l1:
            matrices = [add_penalty(w, lambda w: l1 * w.abs().sum()) for w in matrices]
        if weight_dropout:
            matrices[1] = functional.dropout(matrices[1], weight_dropout)
        return [*matrices, self.bias_ih, self.bias_hh]

    def states(self) -> list[Tensor]:
        """RETURNS (list[Tensor]): The initial hidden state and, for an LSTM, the cell
        state. *Shape* of each: (units,)
        """
        if len(self.initial):
            return list(self.initial)
        return [self.bias_ih.new_zeros(self.units) for _ in range(N_STATES[self.kind])]


def initial_states(cells: Sequence[Cell], n_sequences: int) -> list[Tensor]:
    """Repeat the initial states for each sequence of a batch.

    cells (Sequence[Cell]): One or two directions.
    n_sequences (int): Number of sequences.
    RETURNS (list[Tensor]): The hidden states and, for an LSTM, the cell states.
        *Shape* of each: (n_cells, n_sequences, units)
    """
    return [
        torch.stack(states).unsqueeze(1).expand(-1, n_sequences, -1).contiguous()
        for states in zip(*(cell.states() for cell in cells), strict=True)
    ]


def run_cell(
    kind: str, inputs: Tensor, states: list[Tensor], weights: list[Tensor]
) -> tuple[Tensor, list[Tensor]]:
    """Run a cell over sequences of equal length.

    Calls `torch.lstm` and `torch.gru` rather than torch's modules, because they take
    the training mode as an argument.

    kind (str): "lstm" or "gru".
    inputs (Tensor): *Shape:* (n_steps, n_sequences, width)
    states (list[Tensor]): Initial states.
        *Shape* of each: (1, n_sequences, units)
    weights (list[Tensor]): From `Cell.weights`.
    RETURNS (tuple[Tensor, list[Tensor]]): The hidden states of all steps, *shape*
        (n_steps, n_sequences, units), and the states after the last step.
    """
    # has_biases, num_layers, dropout, train, bidirectional, batch_first
    options = (True, 1, 0.0, torch.is_grad_enabled(), False, False)
    if kind == "lstm":
        outputs, *states = torch.lstm(inputs, states, weights, *options)
    else:
        outputs, *states = torch.gru(inputs, states[0], weights, *options)
    return outputs, states
