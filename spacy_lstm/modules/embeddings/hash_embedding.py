"""Embeddings of more keys than there are rows."""

import torch
from torch import nn

LARGEST = 0.1


class HashEmbedding(nn.EmbeddingBag):
    """A table where a key's vector is the sum of several rows.

    (Svenstrup et al. 2017; the layer is that of Thinc's `HashEmbed`.) Called with the
    numbers of the rows, *shape* (n_keys, n_hashes), it returns the vectors, *shape*
    (n_keys, width).

    n_rows (int): Number of rows.
    width (int): Width of a vector.
    """

    def __init__(self, n_rows: int, width: int) -> None:
        super().__init__(n_rows, width, mode="sum", dtype=torch.float)

    def reset_parameters(self) -> None:
        """Draw the values from a uniform distribution, as Thinc does."""
        nn.init.uniform_(self.weight, -LARGEST, LARGEST)
