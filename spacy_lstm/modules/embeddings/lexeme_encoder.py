"""Vectors of distinct words."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .char_encoder import CHARS
from .hash_embedding import HashEmbedding
from .maxout import Maxout

CHAR_ROWS = 1000
CHAR_WIDTH = 32


@dataclass
class Lexemes:
    """What is known of the distinct words of a batch.

    rows (Tensor): Rows in the table of each attribute. *Shape:* (n_attrs, n_words, 4)
    words (Tensor): What identifies each word where words are counted.
        *Shape:* (n_words,)
    chars (Tensor | None): Rows of the characters, as for `CharCNN`.
    lengths (Sequence[int]): Number of characters of each word.
    vectors (Tensor | None): Static vectors, of zeros for a word that has none.
        *Shape:* (n_words, vector_width)
    """

    rows: Tensor
    words: Tensor
    chars: Tensor | None = None
    lengths: Sequence[int] = ()
    vectors: Tensor | None = None


class LexemeEncoder(nn.Module):
    """Makes a vector of a word's attributes, characters and static vector.

    width (int): Width of a word's vector, and of each table.
    rows (Sequence[int]): Number of rows of each attribute's table.
    identifying (Sequence[bool]): Which attributes are a word's own, rather than shared
        with words that look like it.
    chars (str | None): "cnn", "lstm", or None for no characters.
    char_width (int): Width of what the characters give.
    vector_width (int): Width of the static vectors, or 0 without such.
    n_words (int): Number of words that were counted in the training data.
    unknown_rate (float): Rate at which rare words are taken for unknown in training.
    rare_count (int): Up to how many occurrences a word is rare.
    dropout (float | None): Rate of dropout, or None for that of training.
    """

    def __init__(
        self,
        width: int,
        rows: Sequence[int],
        identifying: Sequence[bool],
        *,
        chars: str | None = None,
        char_width: int = 64,
        vector_width: int = 0,
        n_words: int = 0,
        unknown_rate: float = 0.0,
        rare_count: int = 2,
        dropout: float | None = None,
    ) -> None:
        super().__init__()
        self.tables = nn.ModuleList(HashEmbedding(n, width) for n in rows)
        self.identifying = list(identifying)
        self.unknown = nn.Parameter(
            torch.zeros(sum(identifying), width, dtype=torch.float)
        )
        self.chars = CHARS[chars](CHAR_ROWS, CHAR_WIDTH, char_width) if chars else None
        self.projection = (
            nn.Linear(vector_width, width, bias=False, dtype=torch.float)
            if vector_width
            else None
        )
        joined = width * (len(rows) + bool(vector_width))
        self.mixer = Maxout(joined + (char_width if chars else 0), width)
        self.register_buffer("words", torch.zeros(n_words, dtype=torch.int64))
        self.register_buffer("counts", torch.zeros(n_words, dtype=torch.int32))
        self.unknown_rate = unknown_rate
        self.rare_count = rare_count
        self.dropout = dropout

    def forward(
        self,
        lexemes: Lexemes,
        positions: Tensor | None = None,
        dropout: float | None = None,
    ) -> Tensor:
        """Make the vectors of words, or of the tokens of a batch.

        lexemes (Lexemes): The distinct words.
        positions (Tensor | None): The word of each token, or None for one vector a
            word. *Shape:* (n_tokens,)
        dropout (float | None): The rate of training, or None where nothing is trained.
        RETURNS (Tensor): *Shape:* (n_tokens or n_words, width)
        """
        parts = self._attributes(lexemes, is_train=dropout is not None)
        if self.chars is not None:
            parts.append(self.chars(lexemes.chars, lexemes.lengths))
        if self.projection is not None:
            parts.append(self.projection(lexemes.vectors))
        vectors = self.mixer(torch.cat(parts, dim=1))
        if positions is not None:
            vectors = vectors.index_select(0, positions)
        if dropout is None:
            return vectors
        rate = dropout if self.dropout is None else self.dropout
        return functional.dropout(vectors, rate)

    def set_counts(self, words: Tensor, counts: Tensor) -> None:
        """Say how often each word occurs in the training data.

        words (Tensor): What identifies them, ascending. *Shape:* (n_words,)
        counts (Tensor): *Shape:* (n_words,)
        """
        self.words = words
        self.counts = counts

    def count(self, words: Tensor) -> Tensor:
        """Say how often words occur in the training data.

        words (Tensor): What identifies them. *Shape:* (n_words,)
        RETURNS (Tensor): *Shape:* (n_words,)
        """
        nearest = torch.searchsorted(self.words, words).clamp(max=len(self.words) - 1)
        return self.counts[nearest] * (self.words[nearest] == words)

    def _attributes(self, lexemes: Lexemes, is_train: bool) -> list[Tensor]:
        """Look attributes up; an unknown word's own ones are those of all unknown."""
        unknown = self._find_unknown(lexemes.words, is_train)
        unknown_vectors = iter(self.unknown)
        vectors = []
        attributes = zip(self.tables, lexemes.rows, self.identifying, strict=True)
        for table, rows, is_identifying in attributes:
            vector = table(rows)
            if is_identifying and unknown is not None:
                vector = torch.where(unknown[:, None], next(unknown_vectors), vector)
            vectors.append(vector)
        return vectors

    def _find_unknown(self, words: Tensor, is_train: bool) -> Tensor | None:
        if not self.unknown_rate or not len(self.words):
            return None
        counts = self.count(words)
        if not is_train:
            return counts == 0
        drawn = torch.rand(len(words), dtype=torch.float, device=words.device)
        return (counts <= self.rare_count) & (drawn < self.unknown_rate)
