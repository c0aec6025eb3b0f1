"""Vectors of words that were computed before."""

from collections.abc import Sequence
from threading import Lock

import torch
from torch import Tensor


class LexemeCache:
    """A bounded table of words' vectors, which threads can share.

    It is emptied when it is full. A row that was found stays what it is: rows are
    written before their words can be found, and a table that was emptied is a new one.

    size (int): Number of words that it holds.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.lock = Lock()
        self.content: tuple[dict[int, int], Tensor | None] = ({}, None)

    def __reduce__(self) -> tuple[type["LexemeCache"], tuple[int]]:
        return LexemeCache, (self.size,)

    def find(self, words: Sequence[int]) -> tuple[Tensor, Tensor | None]:
        """Look words up.

        words (Sequence[int]): What identifies them.
        RETURNS (tuple[Tensor, Tensor | None]): The row of each word, or -1, *shape*
            (n_words,); and the table, *shape* (size, width), None while it is empty.
        """
        rows, table = self.content
        return torch.tensor([rows.get(word, -1) for word in words]), table

    def add(self, words: Sequence[int], vectors: Tensor) -> None:
        """Keep the vectors of words, unless another thread is just doing so.

        words (Sequence[int]): What identifies them, each once.
        vectors (Tensor): *Shape:* (n_words, width)
        """
        # A process that is forked off inherits the lock as it is, so none waits for it.
        if not self.lock.acquire(blocking=False):
            return
        try:
            self._add(words, vectors)
        finally:
            self.lock.release()

    def _add(self, words: Sequence[int], vectors: Tensor) -> None:
        rows, table = self.content
        if table is None or len(rows) + len(words) > self.size:
            rows, table = {}, vectors.new_empty(self.size, vectors.shape[1])
        # Another thread may have added some of them since they were not found.
        new = [i for i, word in enumerate(words) if word not in rows]
        if len(new) > self.size:
            return
        end = len(rows) + len(new)
        table[len(rows) : end] = vectors[new]
        rows.update(zip([words[i] for i in new], range(len(rows), end), strict=True))
        self.content = rows, table
