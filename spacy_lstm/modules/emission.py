"""Scores of labels by token."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Emission(nn.Linear):
    """Scores each label for each token, by a linear function of the hidden state.

    input_width (int): Width of a hidden state.
    n_labels (int): Number of labels.
    """

    def __init__(self, input_width: int, n_labels: int) -> None:
        super().__init__(input_width, n_labels, dtype=torch.float)
        self.output_width = n_labels

    def reset_parameters(self) -> None:
        """Draw Glorot's weights, and no bias."""
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(  # type: ignore[override]
        self, tokens: Tensor, lengths: Sequence[int], dropout: float | None = None
    ) -> Tensor:
        """Score the tokens of a batch.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, input_width)
        lengths (Sequence[int]): Not used; there is no context.
        dropout (float | None): Not used.
        RETURNS (Tensor): Logits. *Shape:* (n_tokens, n_labels)
        """
        return super().forward(tokens)
