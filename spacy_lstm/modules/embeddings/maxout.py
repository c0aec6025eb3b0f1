"""Maxout layer."""

import torch
from torch import Tensor, nn

N_PIECES = 3


class Maxout(nn.Module):
    """Maxout with layer normalization (Goodfellow et al. 2013).

    input_width (int): Width of the input.
    width (int): Width of the output.
    """

    def __init__(self, input_width: int, width: int) -> None:
        super().__init__()
        self.pieces = nn.Linear(input_width, width * N_PIECES, dtype=torch.float)
        self.norm = nn.LayerNorm(width, dtype=torch.float)
        nn.init.xavier_uniform_(self.pieces.weight)
        nn.init.zeros_(self.pieces.bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply the layer.

        inputs (Tensor): *Shape:* (n, input_width)
        RETURNS (Tensor): *Shape:* (n, width)
        """
        pieces = self.pieces(inputs).unflatten(1, (-1, N_PIECES))
        return self.norm(pieces.amax(dim=2))
