"""Vectors of words that were computed before."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import torch
from torch import Tensor

FIRST_SIZE = 1024


class LexemeCache:
    """A bounded table of words' vectors, which threads can share.

    It is emptied when it is full. A row that was found stays what it is: rows are
    written before their words can be found, and a table that was emptied or outgrown is
    left to those who have it.

    size (int): Number of words that it holds at most.
    source (Any): What else the vectors were made of, besides weights and words.
    """

    def __init__(self, size: int, source: Any = None) -> None:
        self.size = size
        self.source = source
        self.lock = Lock()
        self.content: tuple[dict[int, int], Tensor | None] = ({}, None)

    def __reduce__(self) -> tuple[type["LexemeCache"], tuple[int]]:
        return LexemeCache, (self.size,)

    def find(self, words: Sequence[int]) -> tuple[Tensor, Tensor | None]:
        """Look words up.

        words (Sequence[int]): What identifies them.
        RETURNS (tuple[Tensor, Tensor | None]): The row of each word, or -1, *shape*
            (n_words,); and the table, *shape* (n_rows, width), None while it is empty.
        """
        rows, table = self.content
        found = torch.tensor([rows.get(word, -1) for word in words], dtype=torch.long)
        if table is not None:
            # Another thread may have put them into a larger table since.
            found[found >= len(table)] = -1
        return found, table

    def add(self, words: Sequence[int], vectors: Tensor) -> None:
        """Keep the vectors of words, unless another thread is just doing so.

        words (Sequence[int]): What identifies them, each once.
        vectors (Tensor): *Shape:* (n_words, width)
        """
        # A process that is forked off inherits the lock as it is, so none waits for it.
        if not self.lock.acquire(blocking=False):
            return
        try:
            # A table that was made in inference mode couldn't be written out of it.
            with torch.inference_mode(False), torch.no_grad():
                self._add(words, vectors)
        finally:
            self.lock.release()

    def _add(self, words: Sequence[int], vectors: Tensor) -> None:
        rows, table = self.content
        if len(rows) + len(words) > self.size:
            rows, table = {}, None
        # Another thread may have added some of them since they were not found.
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
        n_rows = min(max(2 * n_rows, FIRST_SIZE), self.size)
        grown = vectors.new_empty(n_rows, vectors.shape[1])
        if table is not None:
            grown[: len(table)] = table
        return grown
