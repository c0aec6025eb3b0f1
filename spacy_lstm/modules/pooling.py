"""From the vectors of a document's tokens to one vector of the document."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from .recurrent.dropout import Dropout


class Pooling(nn.Module):
    """One or several ways of pooling, their results side by side.

    A document without tokens is a vector of zeros.

    width (int): Width of a token's vector.
    kinds (Sequence[str]): Names out of `POOLINGS`.
    dropout (float | None): Rate at which values of the result are dropped, or None for
        the one of training.
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

        tokens (Tensor): The documents' tokens, one after the other.
            *Shape:* (n_tokens, width)
        lengths (Sequence[int]): Number of tokens of each document.
        dropout (float | None): The rate of training, or None where nothing is trained.
        RETURNS (Tensor): One row a document. *Shape:* (n_docs, output_width)
        """
        counts = torch.as_tensor(lengths, dtype=torch.long, device=tokens.device)
        pooled = [pooling(tokens, counts) for pooling in self.poolings]
        rate = self.dropout.at(dropout).output or 0.0
        return functional.dropout(torch.cat(pooled, dim=1), rate)


class MaxPooling(nn.Module):
    """The largest value of each column."""

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
    """The mean of each column."""

    def __init__(self, width: int) -> None:
        super().__init__()

    def forward(self, tokens: Tensor, counts: Tensor) -> Tensor:
        """Pool the flat batch; arguments and result as in `MaxPooling`."""
        return segment_sum(tokens, counts) / counts.clamp(min=1).unsqueeze(1)


class LastPooling(nn.Module):
    """The vector of the last token."""

    def __init__(self, width: int) -> None:
        super().__init__()

    def forward(self, tokens: Tensor, counts: Tensor) -> Tensor:
        """Pool the flat batch; arguments and result as in `MaxPooling`."""
        has_tokens = counts > 0
        pooled = tokens.new_zeros(len(counts), tokens.shape[1])
        pooled[has_tokens] = tokens[counts.cumsum(0)[has_tokens] - 1]
        return pooled


class AttentionPooling(nn.Module):
    """A mean of the tokens, weighted by a softmax over scores that are learned.

    The score of a token is the product of a trained vector with a hidden layer of
    tanh units over the token's own vector (Yang et al. 2016, equations 5 to 7).

    width (int): Width of a token's vector.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, width, dtype=torch.float)
        self.context = nn.Linear(width, 1, bias=False, dtype=torch.float)

    def forward(self, tokens: Tensor, counts: Tensor) -> Tensor:
        """Pool the flat batch; arguments and result as in `MaxPooling`."""
        return segment_sum(self.weights(tokens, counts) * tokens, counts)

    def weights(self, tokens: Tensor, counts: Tensor) -> Tensor:
        """Say how much each token counts within its document.

        tokens (Tensor): *Shape:* (n_tokens, width)
        counts (Tensor): Number of tokens of each document. *Shape:* (n_docs,)
        RETURNS (Tensor): Weights that add up to 1 in each document.
            *Shape:* (n_tokens, 1)
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
    """Add up the rows of each document.

    values (Tensor): *Shape:* (n_tokens, width)
    counts (Tensor): Number of tokens of each document. *Shape:* (n_docs,)
    RETURNS (Tensor): Zeros for a document without tokens. *Shape:* (n_docs, width)
    """
    sums = values.new_zeros(len(counts), values.shape[1])
    return sums.index_add(0, documents(counts), values)


def segment_max(values: Tensor, counts: Tensor) -> Tensor:
    """Find the largest value of each column in each document.

    Where several are the largest, they share the gradient (`torch.segment_reduce` gives
    a negative one to each of them).

    values (Tensor): *Shape:* (n_tokens, width)
    counts (Tensor): Number of tokens of each document. *Shape:* (n_docs,)
    RETURNS (Tensor): Zeros for a document without tokens. *Shape:* (n_docs, width)
    """
    rows = documents(counts)[:, None].expand_as(values)
    largest = values.new_zeros(len(counts), values.shape[1])
    return largest.scatter_reduce(0, rows, values, "amax", include_self=False)


def documents(counts: Tensor) -> Tensor:
    """Number the document of each token.

    counts (Tensor): Number of tokens of each document. *Shape:* (n_docs,)
    RETURNS (Tensor): *Shape:* (n_tokens,)
    """
    numbers = torch.arange(len(counts), device=counts.device)
    return numbers.repeat_interleave(counts)
