"""A linear classifier over the n-grams of documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class NgramCounts:
    """The n-grams of a batch of documents.

    Each document has one bag of n-grams or more, such as one of words and one of
    characters.

    buckets (Tensor): Hash bucket of each distinct n-gram of a bag.
        *Shape:* (n_entries,)
    counts (Tensor): How often it occurs in the bag. *Shape:* (n_entries,)
    bags (Tensor): The bag that it is in, ascending: `document * n_bags + bag`.
        *Shape:* (n_entries,)
    n_docs (int): Number of documents.
    n_bags (int): Number of bags of each document.
    """

    buckets: Tensor
    counts: Tensor
    bags: Tensor
    n_docs: int
    n_bags: int

    @classmethod
    def join(cls, parts: Sequence["NgramCounts"]) -> "NgramCounts":
        """RETURNS (NgramCounts): The n-grams of several batches as one."""
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
        numbers = torch.arange(self.n_docs + 1) * self.n_bags
        bounds = torch.searchsorted(self.bags, numbers).tolist()
        return [
            NgramCounts(
                self.buckets[start:end],
                self.counts[start:end],
                self.bags[start:end] - number * self.n_bags,
                1,
                self.n_bags,
            )
            for number, (start, end) in enumerate(pairwise(bounds))
        ]

    def to(self, device: torch.device) -> "NgramCounts":
        """RETURNS (NgramCounts): The same on another device."""
        return NgramCounts(
            self.buckets.to(device),
            self.counts.to(device),
            self.bags.to(device),
            self.n_docs,
            self.n_bags,
        )


@dataclass(frozen=True)
class SparseMatrix:
    """A matrix of mostly zeros, in compressed rows.

    torch multiplies its own `sparse_csr_tensor` on a CPU only if built with MKL.

    columns (Tensor): Column of each entry. *Shape:* (n_entries,)
    values (Tensor): Its value. *Shape:* (n_entries,)
    starts (Tensor): The first entry of each row. *Shape:* (n_rows,)
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
        """Make a matrix of its entries.

        rows (Tensor): Row of each entry, ascending. *Shape:* (n_entries,)
        columns (Tensor): Its column. *Shape:* (n_entries,)
        values (Tensor): Its value. *Shape:* (n_entries,)
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
        numbers = torch.arange(self.n_rows, device=self.starts.device)
        return numbers.repeat_interleave(lengths)

    def transpose(self) -> "SparseMatrix":
        """RETURNS (SparseMatrix): The transposed matrix."""
        columns, order = self.columns.sort(stable=True)
        rows, values = self.rows[order], self.values[order]
        return self.from_entries(columns, rows, values, self.n_columns, self.n_rows)

    def select(self, rows: Tensor) -> "SparseMatrix":
        """Take some of the rows.

        rows (Tensor): Whether a row is taken. *Shape:* (n_rows,)
        RETURNS (SparseMatrix): Those that are, in the same order.
        """
        old_rows = self.rows
        taken = rows[old_rows]
        numbers = rows.cumsum(0) - 1
        return self.from_entries(
            numbers[old_rows[taken]],
            self.columns[taken],
            self.values[taken],
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
    """Scores labels by the n-grams of a document, weighted by TF-IDF.

    An n-gram weighs `(1 + log(count)) * idf`. Each bag of a document is normalized to a
    length of 1, and so are all of them together. The weights are fitted to a whole
    corpus at once, by `fit_ngrams`; no gradient reaches them.

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
        return self.weigh(ngrams) @ self.weight + self.bias

    def weigh(self, ngrams: NgramCounts) -> SparseMatrix:
        """Weigh the n-grams of documents.

        ngrams (NgramCounts): The n-grams of the documents.
        RETURNS (SparseMatrix): *Shape:* (n_docs, n_features)
        """
        features = self.feature_of_bucket[ngrams.buckets].long()
        is_known = features >= 0
        features, bags = features[is_known], ngrams.bags[is_known]
        weights = ngrams.counts[is_known].log().add(1) * self.idf[features]
        n_bags = ngrams.n_docs * ngrams.n_bags
        squares = weights.new_zeros(n_bags).index_add(0, bags, weights.square())
        filled = (squares > 0).view(ngrams.n_docs, ngrams.n_bags).sum(1)
        docs = bags.div(ngrams.n_bags, rounding_mode="floor")
        values = weights / (squares[bags] * filled[docs]).sqrt()
        return SparseMatrix.from_entries(
            docs, features, values, ngrams.n_docs, len(self.idf)
        )


def index_buckets(classifier: NgramClassifier, *_: object) -> None:
    """Number the features of all buckets, after weights were loaded."""
    table = classifier.feature_of_bucket.fill_(-1)
    numbers = torch.arange(len(classifier.buckets), dtype=torch.int32)
    table[classifier.buckets] = numbers.to(table.device)
