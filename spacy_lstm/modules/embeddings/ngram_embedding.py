"""Embeddings of word n-grams."""

from torch import Tensor, nn
from torch.nn import functional

from .hash_embedding import HashEmbedding


class NgramEmbedding(nn.Module):
    """A hash embedding with dropout.

    n_rows (int): Number of rows of the table.
    width (int): Width of the vectors.
    dropout (float | None): Dropout rate; None for the training dropout rate.
    """

    def __init__(self, n_rows: int, width: int, dropout: float | None) -> None:
        super().__init__()
        self.table = HashEmbedding(n_rows, width)
        self.dropout = dropout

    def forward(self, rows: Tensor, dropout: float | None = None) -> Tensor:
        """Embed n-grams.

        rows (Tensor): Table rows of each token. *Shape:* (n_tokens, 4)
        dropout (float | None): Training dropout rate; None for prediction.
        RETURNS (Tensor): *Shape:* (n_tokens, width)
        """
        vectors = self.table(rows)
        if dropout is None:
            return vectors
        rate = dropout if self.dropout is None else self.dropout
        return functional.dropout(vectors, rate)
