"""Dropout for recurrent layers."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Dropout:
    """Dropout rates. None stands for the training dropout rate.

    between (float | None): Rate between two layers.
    output (float | None): Rate of the output.
    weight (float | None): Rate of the hidden-to-hidden weights (Merity et al. 2018).
    word (float | None): Rate of whole input tokens.
    locked (bool): Whether all tokens of a sequence share a mask, between layers and at
        the output (variational dropout, Gal & Ghahramani 2016).
    """

    between: float | None = None
    output: float | None = 0.0
    weight: float | None = 0.0
    word: float | None = 0.0
    locked: bool = True

    def resolve(self, rate: float | None) -> "Dropout":
        """Fill in the training dropout rate.

        rate (float | None): Training dropout rate; None for prediction, which drops
            nothing.
        RETURNS (Dropout): The rates for a batch.
        """
        if rate is None:
            return Dropout(0.0)
        own = (self.between, self.output, self.weight, self.word)
        between, output, weight, word = (rate if r is None else r for r in own)
        return Dropout(between, output, weight, word, self.locked)

    def drop(self, tokens: Tensor, lengths: Sequence[int], rate: float) -> Tensor:
        """Apply dropout to the tokens of a batch.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
        lengths (Sequence[int]): Number of tokens of each sequence.
        rate (float): Dropout rate.
        RETURNS (Tensor): The kept values, scaled by `1 / (1 - rate)`.
            *Shape:* (n_tokens, width)
        """
        if not rate:
            return tokens
        if self.locked:
            return locked_dropout(tokens, lengths, rate)
        return functional.dropout(tokens, rate)


def locked_dropout(tokens: Tensor, lengths: Sequence[int], rate: float) -> Tensor:
    """Drop the same columns for all tokens of a sequence (Gal & Ghahramani 2016).

    tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
    lengths (Sequence[int]): Number of tokens of each sequence.
    rate (float): Dropout rate from 0 to 1, exclusive.
    RETURNS (Tensor): The kept values, scaled by `1 / (1 - rate)`.
        *Shape:* (n_tokens, width)
    """
    counts = torch.as_tensor(lengths, dtype=torch.long, device=tokens.device)
    mask = functional.dropout(tokens.new_ones(len(counts), tokens.shape[1]), rate)
    return tokens * mask.repeat_interleave(counts, dim=0)


def word_dropout(tokens: Tensor, rate: float) -> Tensor:
    """Drop whole tokens.

    tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
    rate (float): Dropout rate from 0 to 1, exclusive.
    RETURNS (Tensor): The kept values, scaled by `1 / (1 - rate)`.
        *Shape:* (n_tokens, width)
    """
    return tokens * functional.dropout(tokens.new_ones(len(tokens), 1), rate)
