"""Linear output layer of the token classifiers and of the CRF."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Emission(nn.Linear):
    """A linear layer that scores each label for each token.

    input_width (int): Width of the hidden states.
    n_labels (int): Number of labels.
    first_bias (float): Initial bias of the first label. A high bias makes the other
        labels improbable before training (Lin et al. 2017).
    """

    def __init__(
        self, input_width: int, n_labels: int, first_bias: float = 0.0
    ) -> None:
        super().__init__(input_width, n_labels, dtype=torch.float)
        self.output_width = n_labels
        with torch.no_grad():
            self.bias[0] = first_bias

    def reset_parameters(self) -> None:
        """Initialize the weights (Glorot & Bengio 2010), and the bias with zeros."""
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(  # type: ignore[override]
        self, tokens: Tensor, lengths: Sequence[int], dropout: float | None = None
    ) -> Tensor:
        """Score the tokens of a batch.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, input_width)
        lengths (Sequence[int]): Unused.
        dropout (float | None): Unused.
        RETURNS (Tensor): Logits. *Shape:* (n_tokens, n_labels)
        """
        return super().forward(tokens)
