"""Residual and highway connections."""

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """Adds a layer's input to its output (He et al. 2016).

    width (int): Width of the input and the output.
    """

    def __init__(self, width: int) -> None:
        super().__init__()

    def forward(self, inputs: Tensor, outputs: Tensor) -> Tensor:
        """Combine the input and the output of a layer.

        inputs (Tensor): Input of the layer. *Shape:* (n_tokens, width)
        outputs (Tensor): Output of the layer. *Shape:* (n_tokens, width)
        RETURNS (Tensor): *Shape:* (n_tokens, width)
        """
        return inputs + outputs


class Highway(nn.Module):
    """Interpolates between a layer's input and output (Srivastava et al. 2015).

    A gate computes the weight of the output for each value. Its bias is initialized to
    -1, for a weight of about a quarter.

    width (int): Width of the input and the output.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, width, dtype=torch.float)
        nn.init.constant_(self.gate.bias, -1.0)

    def forward(self, inputs: Tensor, outputs: Tensor) -> Tensor:
        """Combine the input and the output. See `Residual.forward`."""
        return torch.lerp(inputs, outputs, torch.sigmoid(self.gate(inputs)))


CONNECTIONS: dict[str, type[nn.Module]] = {"residual": Residual, "highway": Highway}
