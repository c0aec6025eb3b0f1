"""Connections that lead around a recurrent layer."""

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """Adds what a layer reads to what it says (He et al. 2016).

    width (int): Width of both.
    """

    def __init__(self, width: int) -> None:
        super().__init__()

    def forward(self, inputs: Tensor, outputs: Tensor) -> Tensor:
        """Join the two.

        inputs (Tensor): What the layer reads. *Shape:* (n_tokens, width)
        outputs (Tensor): What it says. *Shape:* (n_tokens, width)
        RETURNS (Tensor): *Shape:* (n_tokens, width)
        """
        return inputs + outputs


class Highway(nn.Module):
    """Lets a gate decide, for each value, how much passes by the layer.

    The gate is open to the layer by a quarter at first, with a bias of -1 (Srivastava
    et al. 2015).

    width (int): Width of what the layer reads and says.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, width, dtype=torch.float)
        nn.init.constant_(self.gate.bias, -1.0)

    def forward(self, inputs: Tensor, outputs: Tensor) -> Tensor:
        """Join the two; arguments and result are those of `Residual`."""
        return torch.lerp(inputs, outputs, torch.sigmoid(self.gate(inputs)))


CONNECTIONS: dict[str, type[nn.Module]] = {"residual": Residual, "highway": Highway}
