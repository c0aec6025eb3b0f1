"""Penalties that training adds to the loss."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Penalties:
    """Factors of what training adds to the loss; 0 for what it doesn't.

    l1 (float): Of the absolute values of input and recurrent weights.
    activation (float): Of the squared hidden states that go out, the mean over the
        units and the sum over the tokens (AR of Merity et al. 2018).
    temporal_activation (float): The same of the differences between the hidden states
        of neighbouring tokens, before dropout (TAR).
    """

    l1: float = 0.0
    activation: float = 0.0
    temporal_activation: float = 0.0


def add_penalty(values: Tensor, penalty: Callable[[Tensor], Tensor]) -> Tensor:
    """Let a penalty take part in a backward pass, though no output shows it.

    values (Tensor): What is penalized.
    penalty (Callable[[Tensor], Tensor]): Computes the penalty, a scalar.
    RETURNS (Tensor): The same values, whose gradient includes that of the penalty.
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
    """RETURNS (Tensor): The squared states of *shape* (n_tokens, width), averaged over
    the width and added up over the tokens.
    """
    return states.square().mean(dim=1).sum()


def temporal_activation_penalty(states: Tensor, lengths: Sequence[int]) -> Tensor:
    """Square the steps from each token to the next.

    states (Tensor): The flat batch. *Shape:* (n_tokens, width)
    lengths (Sequence[int]): Number of tokens of each sequence.
    RETURNS (Tensor): The sum over the tokens of the mean over the width.
    """
    counts = torch.as_tensor(lengths, dtype=torch.long, device=states.device)
    sequences = torch.arange(len(counts), device=states.device)
    sequence = sequences.repeat_interleave(counts)
    same = (sequence[1:] == sequence[:-1]).unsqueeze(1)
    return activation_penalty((states[1:] - states[:-1]) * same)
