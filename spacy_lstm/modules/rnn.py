"""LSTM and GRU over a batch of sequences, exact for each of them."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from .buckets import Bucket, Buckets, make_buckets

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}


class RNN(nn.Module):
    """A stack of recurrent layers that reads each sequence as if it were alone.

    Bidirectional layers are two networks of one direction, of which the second
    reads every sequence reversed within its own length.

    input_width (int): Width of a token's vector.
    hidden (Sequence[int]): Units per direction of each layer.
    cell (str): "lstm" (Hochreiter & Schmidhuber 1997, with the forget gate of Gers
        et al. 2000) or "gru" (Cho et al. 2014).
    bidirectional (bool): Whether each layer reads in both directions (Schuster &
        Paliwal 1997).
    """

    def __init__(
        self,
        input_width: int,
        hidden: Sequence[int],
        *,
        cell: str = "lstm",
        bidirectional: bool = True,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        width = input_width
        for units in hidden:
            layer = RNNLayer(width, units, cell=cell, bidirectional=bidirectional)
            self.layers.append(layer)
            width = layer.output_width
        self.output_width = width

    def forward(
        self, tokens: Tensor, lengths: Sequence[int], dropout: float = 0.0
    ) -> Tensor:
        """Encode the tokens of a batch.

        tokens (Tensor): The sequences, one after the other.
            *Shape:* (n_tokens, input_width)
        lengths (Sequence[int]): Number of tokens of each sequence.
        dropout (float): Rate at which the values between two layers are dropped.
        RETURNS (Tensor): The hidden states of the last layer, those of the two
            directions side by side. *Shape:* (n_tokens, output_width)
        """
        if not len(tokens):
            return tokens.new_zeros(0, self.output_width)
        buckets = make_buckets(lengths, tokens.device)
        for i, layer in enumerate(self.layers):
            if i > 0 and dropout:
                tokens = functional.dropout(tokens, dropout)
            tokens = layer(tokens, buckets)
        return tokens


class RNNLayer(nn.Module):
    """One recurrent layer, of one direction or two.

    input_width (int): Width of a token's vector.
    units (int): Width of the hidden state of each direction.
    cell (str): "lstm" or "gru".
    bidirectional (bool): Whether it also reads from right to left.
    """

    def __init__(
        self, input_width: int, units: int, *, cell: str, bidirectional: bool
    ) -> None:
        super().__init__()
        self.left_to_right = make_cell(cell, input_width, units)
        self.right_to_left = (
            make_cell(cell, input_width, units) if bidirectional else None
        )
        self.output_width = units * (2 if bidirectional else 1)

    def forward(self, tokens: Tensor, buckets: Buckets) -> Tensor:
        """Read a batch.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, input_width)
        buckets (Buckets): The arrangement of its sequences.
        RETURNS (Tensor): Hidden states. *Shape:* (n_tokens, output_width)
        """

        def from_left(bucket: Bucket) -> Tensor:
            return read(self.left_to_right, tokens, bucket.left_to_right)

        forward = torch.cat([from_left(bucket) for bucket in buckets.buckets])
        forward = forward.index_select(0, buckets.from_left)
        if self.right_to_left is None:
            return forward
        right_to_left = self.right_to_left

        def from_right(bucket: Bucket) -> Tensor:
            return read(right_to_left, tokens, bucket.right_to_left)

        backward = torch.cat([from_right(bucket) for bucket in buckets.buckets])
        backward = backward.index_select(0, buckets.from_right)
        return torch.cat((forward, backward), dim=1)


def make_cell(cell: str, input_width: int, units: int) -> nn.RNNBase:
    """Make a network of one layer and one direction, ready to be trained.

    Input weights are drawn after Glorot & Bengio (2010), recurrent ones are
    orthogonal (Saxe et al. 2014), and an LSTM's forget gate starts open, with a bias
    of 1 (Jozefowicz et al. 2015).

    cell (str): "lstm" or "gru".
    input_width (int): Width of what it reads.
    units (int): Width of its hidden state.
    RETURNS (nn.RNNBase): The torch module that holds the weights.
    """
    network = CELLS[cell](input_width, units)
    for weights in network.weight_ih_l0.chunk(len(network.weight_ih_l0) // units):
        nn.init.xavier_uniform_(weights)
    for weights in network.weight_hh_l0.chunk(len(network.weight_hh_l0) // units):
        nn.init.orthogonal_(weights)
    nn.init.zeros_(network.bias_ih_l0)
    nn.init.zeros_(network.bias_hh_l0)
    if cell == "lstm":
        nn.init.ones_(network.bias_ih_l0[units : 2 * units])
    return network


def read(network: nn.RNNBase, tokens: Tensor, positions: Tensor) -> Tensor:
    """Run one network over one bucket.

    torch.lstm and torch.gru are called rather than the module, since these take
    whether to keep what training needs as an argument, not as a state of the module.

    network (nn.RNNBase): Weights of one layer and direction.
    tokens (Tensor): The flat batch. *Shape:* (n_tokens, input_width)
    positions (Tensor): Which token is read when. *Shape:* (longest, n_sequences)
    RETURNS (Tensor): Hidden states, flattened in the order of the positions.
        *Shape:* (longest * n_sequences, units)
    """
    inputs = tokens.index_select(0, positions.flatten()).view(*positions.shape, -1)
    state = tokens.new_zeros(1, positions.shape[1], network.hidden_size)
    weights: list[Tensor] = list(network.parameters())
    # has_biases, num_layers, dropout, train, bidirectional, batch_first
    options = (True, 1, 0.0, torch.is_grad_enabled(), False, False)
    if isinstance(network, nn.LSTM):
        outputs = torch.lstm(inputs, (state, state), weights, *options)[0]
    else:
        outputs = torch.gru(inputs, state, weights, *options)[0]
    return outputs.flatten(0, 1)
