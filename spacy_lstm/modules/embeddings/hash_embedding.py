"""Hash embeddings (Svenstrup et al. 2017)."""

import torch
from torch import nn

MAX_INITIAL = 0.1


class HashEmbedding(nn.EmbeddingBag):
    """An embedding table in which a key's vector is the sum of several rows.

    (Svenstrup et al. 2017; as in Thinc's `HashEmbed`.) Takes the row indices of each
    key, *shape* (n_keys, n_hashes), and returns the vectors, *shape* (n_keys, width).

    n_rows (int): Number of rows.
    width (int): Width of the vectors.
    """

    def __init__(self, n_rows: int, width: int) -> None:
        super().__init__(n_rows, width, mode="sum", dtype=torch.float)

    def reset_parameters(self) -> None:
        """Initialize the table from a uniform distribution, as Thinc does."""
        nn.init.uniform_(self.weight, -MAX_INITIAL, MAX_INITIAL)
