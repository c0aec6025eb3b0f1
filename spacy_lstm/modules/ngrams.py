"""Linear classifier over the n-grams of a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class NgramCounts:
    """The n-gram counts of a batch of documents.

    Each document has one or more bags of n-grams, such as one of word n-grams and one
    of character n-grams.

    buckets (Tensor): Hash bucket of each distinct n-gram of a bag.
        *Shape:* (n_entries,)
    counts (Tensor): Count of the n-gram in the bag. *Shape:* (n_entries,)
    bags (Tensor): Index of the bag, in ascending order: `document * n_bags + bag`.
        *Shape:* (n_entries,)
    n_docs (int): Number of documents.
    n_bags (int): Number of bags per document.
    """

    buckets: Tensor
    counts: Tensor
    bags: Tensor
    n_docs: int
    n_bags: int

    @classmethod
    def join(cls, parts: Sequence["NgramCounts"]) -> "NgramCounts":
        """RETURNS (NgramCounts): The n-grams of several batches, joined into one."""
        n_docs = list(accumulate((part.n_docs for part in parts), initial=0))
        bags = [
            part.bags + first * part.n_bags
            for first, part in zip(n_docs[:-1], parts, strict=True)
        ]
        return cls(
            torch.cat([part.buckets for part in parts]),
            torch.cat([part.counts for part in parts]),
            torch.cat(bags),
            n_docs[-1],
            parts[0].n_bags,
        )

    def split(self) -> list["NgramCounts"]:
        """RETURNS (list[NgramCounts]): The n-grams of each document."""
        first_bags = torch.arange(self.n_docs + 1) * self.n_bags
        bounds = torch.searchsorted(self.bags, first_bags).tolist()
        return [
            NgramCounts(
                self.buckets[start:end],
                self.counts[start:end],
                self.bags[start:end] - i * self.n_bags,
                1,
                self.n_bags,
            )
            for i, (start, end) in enumerate(pairwise(bounds))
        ]

    def to(self, device: torch.device) -> "NgramCounts":
        """RETURNS (NgramCounts): A copy on another device."""
        return NgramCounts(
            self.buckets.to(device),
            self.counts.to(device),
            self.bags.to(device),
            self.n_docs,
            self.n_bags,
        )


@dataclass(frozen=True)
class SparseMatrix:
    """A sparse matrix in compressed row (CSR) format.

    Replaces `torch.sparse_csr_tensor`, which torch multiplies on a CPU only if built
    with MKL.

    columns (Tensor): Column of each entry. *Shape:* (n_entries,)
    values (Tensor): Value of each entry. *Shape:* (n_entries,)
    starts (Tensor): Index of the first entry of each row. *Shape:* (n_rows,)
    n_columns (int): Number of columns.
    """

    columns: Tensor
    values: Tensor
    starts: Tensor
    n_columns: int

    @classmethod
    def from_entries(
        cls, rows: Tensor, columns: Tensor, values: Tensor, n_rows: int, n_columns: int
    ) -> "SparseMatrix":
        """Create a matrix from its entries.

        rows (Tensor): Row of each entry, in ascending order. *Shape:* (n_entries,)
        columns (Tensor): Column of each entry. *Shape:* (n_entries,)
        values (Tensor): Value of each entry. *Shape:* (n_entries,)
        RETURNS (SparseMatrix): The matrix.
        """
        starts = torch.searchsorted(rows, torch.arange(n_rows, device=rows.device))
        return cls(columns, values, starts, n_columns)

    @property
    def n_rows(self) -> int:
        """RETURNS (int): Number of rows."""
        return len(self.starts)

    @property
    def rows(self) -> Tensor:
        """RETURNS (Tensor): Row of each entry. *Shape:* (n_entries,)"""
        end = self.starts.new_tensor([len(self.columns)])
        lengths = torch.diff(self.starts, append=end)
        indices = torch.arange(self.n_rows, device=self.starts.device)
        return indices.repeat_interleave(lengths)

    def transpose(self) -> "SparseMatrix":
        """RETURNS (SparseMatrix): The transposed matrix."""
        columns, order = self.columns.sort(stable=True)
        rows, values = self.rows[order], self.values[order]
        return self.from_entries(columns, rows, values, self.n_columns, self.n_rows)

    def select(self, rows: Tensor) -> "SparseMatrix":
        """Select some of the rows.

        rows (Tensor): Mask of the rows. *Shape:* (n_rows,)
        RETURNS (SparseMatrix): The selected rows, in the same order.
        """
        old_rows = self.rows
        is_selected = rows[old_rows]
        new_rows = rows.cumsum(0) - 1
        return self.from_entries(
            new_rows[old_rows[is_selected]],
            self.columns[is_selected],
            self.values[is_selected],
            int(rows.sum()),
            self.n_columns,
        )

    def __matmul__(self, dense: Tensor) -> Tensor:
        """Multiply by a dense matrix.

        dense (Tensor): *Shape:* (n_columns, width)
        RETURNS (Tensor): *Shape:* (n_rows, width)
        """
        if not len(self.columns):
            return dense.new_zeros(self.n_rows, dense.shape[1])
        return functional.embedding_bag(
            self.columns,
            dense,
            self.starts,
            mode="sum",
            per_sample_weights=self.values,
        )


class NgramClassifier(nn.Module):
    """A linear classifier over the TF-IDF weights of a document's n-grams.

    The TF-IDF weight of an n-gram is `(1 + log(count)) * idf`. Each bag is normalized
    to unit length, and so is the whole document. The parameters have no gradient:
    `fit_ngrams` fits them to a whole corpus at once.

    n_buckets (int): Number of hash buckets.
    n_features (int): Number of buckets in use.
    n_labels (int): Number of labels.
    """

    buckets: Tensor
    idf: Tensor
    feature_of_bucket: Tensor

    def __init__(self, n_buckets: int, n_features: int, n_labels: int) -> None:
        super().__init__()
        self.register_buffer("buckets", torch.zeros(n_features, dtype=torch.int64))
        self.register_buffer("idf", torch.ones(n_features, dtype=torch.float))
        weight = torch.zeros(n_features, n_labels, dtype=torch.float)
        bias = torch.zeros(n_labels, dtype=torch.float)
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = nn.Parameter(bias, requires_grad=False)
        table = torch.full((n_buckets,), -1, dtype=torch.int32)
        self.register_buffer("feature_of_bucket", table, persistent=False)
        self.register_load_state_dict_post_hook(index_buckets)

    def forward(self, ngrams: NgramCounts) -> Tensor:
        """Score the labels of documents.

        ngrams (NgramCounts): The n-grams of the documents.
        RETURNS (Tensor): Logits. *Shape:* (n_docs, n_labels)
        """
        return self.tfidf(ngrams) @ self.weight + self.bias

    def tfidf(self, ngrams: NgramCounts) -> SparseMatrix:
        """Compute the TF-IDF features of documents.

        ngrams (NgramCounts): The n-grams of the documents.
        RETURNS (SparseMatrix): *Shape:* (n_docs, n_features)
        """
        features = self.feature_of_bucket[ngrams.buckets].long()
        is_known = features >= 0
        features, bags = features[is_known], ngrams.bags[is_known]
        weights = ngrams.counts[is_known].log().add(1) * self.idf[features]
        n_bags = ngrams.n_docs * ngrams.n_bags
        squares = weights.new_zeros(n_bags).index_add(0, bags, weights.square())
        n_nonempty = (squares > 0).view(ngrams.n_docs, ngrams.n_bags).sum(1)
        docs = bags.div(ngrams.n_bags, rounding_mode="floor")
        values = weights / (squares[bags] * n_nonempty[docs]).sqrt()
        return SparseMatrix.from_entries(
            docs, features, values, ngrams.n_docs, len(self.idf)
        )


def index_buckets(classifier: NgramClassifier, *_: object) -> None:
    """Rebuild the index of features by bucket after loading the weights."""
    table = classifier.feature_of_bucket.fill_(-1)
    features = torch.arange(len(classifier.buckets), dtype=torch.int32)
    table[classifier.buckets] = features.to(table.device)
