"""Dropout for recurrent networks."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Dropout:
    """Rates of dropout. None stands for the rate that training gives.

    between (float | None): Of values between two layers.
    output (float | None): Of values that go out.
    weight (float | None): Of hidden-to-hidden weights (Merity et al. 2018).
    word (float | None): Of whole tokens that come in.
    locked (bool): Whether one mask holds for a whole sequence, between layers and at
        the output (variational dropout, Gal & Ghahramani 2016), or each token has its
        own.
    """

    between: float | None = None
    output: float | None = 0.0
    weight: float | None = 0.0
    word: float | None = 0.0
    locked: bool = True

    def at(self, rate: float | None) -> "Dropout":
        """Fill in what training gives.

        rate (float | None): The rate of training, or None where nothing is trained:
            then nothing is dropped.
        RETURNS (Dropout): The rates that hold for a batch.
        """
        if rate is None:
            return Dropout(0.0)
        own = (self.between, self.output, self.weight, self.word)
        between, output, weight, word = (rate if r is None else r for r in own)
        return Dropout(between, output, weight, word, self.locked)

    def drop(self, tokens: Tensor, lengths: Sequence[int], rate: float) -> Tensor:
        """Drop values of the tokens of a batch.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
        lengths (Sequence[int]): Number of tokens of each sequence.
        rate (float): The rate.
        RETURNS (Tensor): What is left, scaled up to the same mean.
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
    rate (float): Rate from 0 up to, but not including, 1.
    RETURNS (Tensor): What is left, scaled up to the same mean.
        *Shape:* (n_tokens, width)
    """
    counts = torch.as_tensor(lengths, dtype=torch.long, device=tokens.device)
    mask = functional.dropout(tokens.new_ones(len(counts), tokens.shape[1]), rate)
    return tokens * mask.repeat_interleave(counts, dim=0)


def word_dropout(tokens: Tensor, rate: float) -> Tensor:
    """Drop whole tokens.

    tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
    rate (float): Rate from 0 up to, but not including, 1.
    RETURNS (Tensor): What is left, scaled up to the same mean.
        *Shape:* (n_tokens, width)
    """
    return tokens * functional.dropout(tokens.new_ones(len(tokens), 1), rate)
