"""Embeddings of a word together with the words before it."""

from torch import Tensor, nn
from torch.nn import functional

from .hash_embedding import HashEmbedding


class NgramEmbedding(nn.Module):
    """A hash embedding with dropout of its values.

    n_rows (int): Number of rows of the table.
    width (int): Width of a vector.
    dropout (float | None): Rate of dropout, or None for that of training.
    """

    def __init__(self, n_rows: int, width: int, dropout: float | None) -> None:
        super().__init__()
        self.table = HashEmbedding(n_rows, width)
        self.dropout = dropout

    def forward(self, rows: Tensor, dropout: float | None = None) -> Tensor:
        """Embed n-grams.

        rows (Tensor): Rows of the table for each token. *Shape:* (n_tokens, 4)
        dropout (float | None): The rate of training, or None where nothing is trained.
        RETURNS (Tensor): *Shape:* (n_tokens, width)
        """
        vectors = self.table(rows)
        if dropout is None:
            return vectors
        rate = dropout if self.dropout is None else self.dropout
        return functional.dropout(vectors, rate)
