"""Pooling of token vectors into document vectors."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from .recurrent.dropout import Dropout


class Pooling(nn.Module):
    """Concatenates the results of one or several pooling methods.

    A document without tokens has a vector of zeros.

    width (int): Width of the token vectors.
    kinds (Sequence[str]): Names from `POOLINGS`.
    dropout (float | None): Dropout rate of the result; None for the training dropout
        rate.
    """

    def __init__(
        self, width: int, kinds: Sequence[str], dropout: float | None = None
    ) -> None:
        super().__init__()
        self.dropout = Dropout(output=dropout)
        self.poolings = nn.ModuleList(POOLINGS[kind](width) for kind in kinds)
        self.output_width = width * len(kinds)

    def forward(
        self, tokens: Tensor, lengths: Sequence[int], dropout: float | None = None
    ) -> Tensor:
        """Pool each document of a batch.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
        lengths (Sequence[int]): Number of tokens of each document.
        dropout (float | None): Training dropout rate; None for prediction.
        RETURNS (Tensor): One row per document. *Shape:* (n_docs, output_width)
        """
        counts = torch.as_tensor(lengths, dtype=torch.long, device=tokens.device)
        pooled = [pooling(tokens, counts) for pooling in self.poolings]
        rate = self.dropout.resolve(dropout).output or 0.0
        return functional.dropout(torch.cat(pooled, dim=1), rate)


class MaxPooling(nn.Module):
    """Max pooling."""

    def __init__(self, width: int) -> None:
        super().__init__()

    def forward(self, tokens: Tensor, counts: Tensor) -> Tensor:
        """Pool the flat batch.

        tokens (Tensor): *Shape:* (n_tokens, width)
        counts (Tensor): Number of tokens of each document. *Shape:* (n_docs,)
        RETURNS (Tensor): *Shape:* (n_docs, width)
        """
        return segment_max(tokens, counts)


class MeanPooling(nn.Module):
    """Mean pooling."""

    def __init__(self, width: int) -> None:
        super().__init__()

    def forward(self, tokens: Tensor, counts: Tensor) -> Tensor:
        """Pool the flat batch. See `MaxPooling.forward`."""
        return segment_sum(tokens, counts) / counts.clamp(min=1).unsqueeze(1)


class LastPooling(nn.Module):
    """Selects the vector of the last token."""

    def __init__(self, width: int) -> None:
        super().__init__()

    def forward(self, tokens: Tensor, counts: Tensor) -> Tensor:
        """Pool the flat batch. See `MaxPooling.forward`."""
        has_tokens = counts > 0
        pooled = tokens.new_zeros(len(counts), tokens.shape[1])
        pooled[has_tokens] = tokens[counts.cumsum(0)[has_tokens] - 1]
        return pooled


class AttentionPooling(nn.Module):
    """Attention pooling (Yang et al. 2016, equations 5 to 7).

    The attention score of a token is the dot product of a trained context vector and a
    tanh layer over the token's vector.

    width (int): Width of the token vectors.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, width, dtype=torch.float)
        self.context = nn.Linear(width, 1, bias=False, dtype=torch.float)

    def forward(self, tokens: Tensor, counts: Tensor) -> Tensor:
        """Pool the flat batch. See `MaxPooling.forward`."""
        return segment_sum(self.weights(tokens, counts) * tokens, counts)

    def weights(self, tokens: Tensor, counts: Tensor) -> Tensor:
        """Compute the attention weights of the tokens.

        tokens (Tensor): *Shape:* (n_tokens, width)
        counts (Tensor): Number of tokens of each document. *Shape:* (n_docs,)
        RETURNS (Tensor): Weights that sum to 1 in each document. *Shape:* (n_tokens, 1)
        """
        scores = self.context(torch.tanh(self.hidden(tokens)))
        largest = segment_max(scores.detach(), counts)
        exponentials = torch.exp(scores - largest.repeat_interleave(counts, dim=0))
        totals = segment_sum(exponentials, counts)
        return exponentials / totals.repeat_interleave(counts, dim=0)


POOLINGS: dict[str, type[nn.Module]] = {
    "attention": AttentionPooling,
    "max": MaxPooling,
    "mean": MeanPooling,
    "last": LastPooling,
}


def segment_sum(values: Tensor, counts: Tensor) -> Tensor:
    """Sum the rows of each document.

    values (Tensor): *Shape:* (n_tokens, width)
    counts (Tensor): Number of tokens of each document. *Shape:* (n_docs,)
    RETURNS (Tensor): Zeros for a document without tokens. *Shape:* (n_docs, width)
    """
    sums = values.new_zeros(len(counts), values.shape[1])
    return sums.index_add(0, doc_indices(counts), values)


def segment_max(values: Tensor, counts: Tensor) -> Tensor:
    """Compute the maximum of each column in each document.

    Tied maxima share the gradient. (`torch.segment_reduce` computes a wrong, negative
    gradient for ties.)

    values (Tensor): *Shape:* (n_tokens, width)
    counts (Tensor): Number of tokens of each document. *Shape:* (n_docs,)
    RETURNS (Tensor): Zeros for a document without tokens. *Shape:* (n_docs, width)
    """
    rows = doc_indices(counts)[:, None].expand_as(values)
    largest = values.new_zeros(len(counts), values.shape[1])
    return largest.scatter_reduce(0, rows, values, "amax", include_self=False)


def doc_indices(counts: Tensor) -> Tensor:
    """Compute the index of each token's document.

    counts (Tensor): Number of tokens of each document. *Shape:* (n_docs,)
    RETURNS (Tensor): *Shape:* (n_tokens,)
    """
    indices = torch.arange(len(counts), device=counts.device)
    return indices.repeat_interleave(counts)
