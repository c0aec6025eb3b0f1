"""Penalties on weights and hidden states during training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Penalties:
    """Factors of the penalties that training adds to the loss.

    l1 (float): L1 penalty on the input and recurrent weights.
    activation (float): Penalty on the squared hidden states of the output, averaged
        over the units and summed over the tokens (AR of Merity et al. 2018).
    temporal_activation (float): The same for the differences between the hidden states
        of adjacent tokens, before dropout (TAR).
    """

    l1: float = 0.0
    activation: float = 0.0
    temporal_activation: float = 0.0


def add_penalty(values: Tensor, penalty: Callable[[Tensor], Tensor]) -> Tensor:
    """Add the gradient of a penalty in the backward pass.

    values (Tensor): The penalized values.
    penalty (Callable[[Tensor], Tensor]): Computes the penalty, a scalar.
    RETURNS (Tensor): The same values, with the penalty in their gradient.
    """
    if not values.requires_grad:
        return values
    detached = values.detach()
    penalized = values.view_as(values)

    def add_gradient(gradient: Tensor) -> Tensor:
        with torch.enable_grad():
            leaf = detached.clone().requires_grad_()
            return gradient + torch.autograd.grad(penalty(leaf), leaf)[0]

    penalized.register_hook(add_gradient)
    return penalized


def activation_penalty(states: Tensor) -> Tensor:
    """RETURNS (Tensor): The squared states, averaged over the width and summed over the
    tokens.
    """
    return states.square().mean(dim=1).sum()


def temporal_activation_penalty(states: Tensor, lengths: Sequence[int]) -> Tensor:
    """Compute the penalty on the differences between adjacent hidden states.

    states (Tensor): The flat batch. *Shape:* (n_tokens, width)
    lengths (Sequence[int]): Number of tokens of each sequence.
    RETURNS (Tensor): The squared differences, averaged over the width and summed over
        the tokens.
    """
    counts = torch.as_tensor(lengths, dtype=torch.long, device=states.device)
    sequences = torch.arange(len(counts), device=states.device)
    sequence = sequences.repeat_interleave(counts)
    same = (sequence[1:] == sequence[:-1]).unsqueeze(1)
    return activation_penalty((states[1:] - states[:-1]) * same)
