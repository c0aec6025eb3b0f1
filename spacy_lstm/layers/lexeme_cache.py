"""Cache of word vectors."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import torch
from torch import Tensor

INITIAL_SIZE = 1024


class LexemeCache:
    """A thread-safe cache of word vectors with a maximum size.

    The cache is cleared when it is full. Rows that a thread has found never change:
    rows are written before their words are added to the index, and clearing or growing
    the cache replaces the table.

    size (int): Maximum number of words.
    source (Any): The static vectors that the cached vectors were computed from.
    """

    def __init__(self, size: int, source: Any = None) -> None:
        self.size = size
        self.source = source
        self.lock = Lock()
        self.content: tuple[dict[int, int], Tensor | None] = ({}, None)

    def __reduce__(self) -> tuple[type["LexemeCache"], tuple[int]]:
        return LexemeCache, (self.size,)

    def find(self, words: Sequence[int]) -> tuple[Tensor, Tensor | None]:
        """Look up words.

        words (Sequence[int]): Word hashes.
        RETURNS (tuple[Tensor, Tensor | None]): The row of each word, -1 if it is not
            cached, *shape* (n_words,); and the table, *shape* (n_rows, width), None if
            the cache is empty.
        """
        rows, table = self.content
        found = torch.tensor([rows.get(word, -1) for word in words], dtype=torch.long)
        if table is not None:
            # Another thread may have added them to a larger table in the meantime.
            found[found >= len(table)] = -1
        return found, table

    def add(self, words: Sequence[int], vectors: Tensor) -> None:
        """Add the vectors of words, unless another thread is adding some now.

        words (Sequence[int]): Word hashes without duplicates.
        vectors (Tensor): *Shape:* (n_words, width)
        """
        # A forked process may inherit a locked lock, so never wait for it.
        if not self.lock.acquire(blocking=False):
            return
        try:
            # A table created in inference mode is read-only outside of it.
            with torch.inference_mode(False), torch.no_grad():
                self._add(words, vectors)
        finally:
            self.lock.release()

    def _add(self, words: Sequence[int], vectors: Tensor) -> None:
        rows, table = self.content
        if len(rows) + len(words) > self.size:
            rows, table = {}, None
        # Another thread may have added some of them in the meantime.
        new = [i for i, word in enumerate(words) if word not in rows]
        if not new or len(new) > self.size:
            return
        start, end = len(rows), len(rows) + len(new)
        if table is None or end > len(table):
            table = self._grow(table, end, vectors)
        table[start:end] = vectors[new]
        rows.update(zip([words[i] for i in new], range(start, end), strict=True))
        self.content = rows, table

    def _grow(self, table: Tensor | None, n_rows: int, vectors: Tensor) -> Tensor:
        n_rows = min(max(2 * n_rows, INITIAL_SIZE), self.size)
        grown = vectors.new_empty(n_rows, vectors.shape[1])
        if table is not None:
            grown[: len(table)] = table
        return grown
