"""Encoder of the distinct words of a batch."""

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
    """The features of the distinct words of a batch.

    rows (Tensor): Table rows of each attribute. *Shape:* (n_attrs, n_words, 4)
    words (Tensor): The ID of each word in the word counts. *Shape:* (n_words,)
    chars (Tensor | None): Table rows of the characters, as for `CharCNN`.
    lengths (Sequence[int]): Number of characters of each word.
    vectors (Tensor | None): Static vectors; zeros for words without a vector.
        *Shape:* (n_words, vector_width)
    """

    rows: Tensor
    words: Tensor
    chars: Tensor | None = None
    lengths: Sequence[int] = ()
    vectors: Tensor | None = None


class LexemeEncoder(nn.Module):
    """Encodes words by their attributes, characters and static vectors.

    width (int): Width of the word vectors and of each table.
    rows (Sequence[int]): Number of rows of each attribute's table.
    identifying (Sequence[bool]): Which attributes identify a word, such as ORTH, rather
        than describe its form, such as SHAPE.
    chars (str | None): "cnn", "lstm", or None to ignore characters.
    char_width (int): Width of the character encoding.
    vector_width (int): Width of the static vectors; 0 to ignore them.
    n_words (int): Number of distinct words in the training data.
    unknown_rate (float): Rate at which training replaces rare words by the unknown
        word.
    rare_count (int): Maximum count of a rare word.
    dropout (float | None): Dropout rate; None for the training dropout rate.
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
        """Encode the words or the tokens of a batch.

        lexemes (Lexemes): The distinct words.
        positions (Tensor | None): The index of each token's word; None for one vector
            per word. *Shape:* (n_tokens,)
        dropout (float | None): Training dropout rate; None for prediction.
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
        """Set the word counts of the training data.

        words (Tensor): Word IDs in ascending order. *Shape:* (n_words,)
        counts (Tensor): *Shape:* (n_words,)
        """
        self.words = words
        self.counts = counts

    def count(self, words: Tensor) -> Tensor:
        """Look up how often words occur in the training data.

        words (Tensor): Word IDs. *Shape:* (n_words,)
        RETURNS (Tensor): *Shape:* (n_words,)
        """
        nearest = torch.searchsorted(self.words, words).clamp(max=len(self.words) - 1)
        return self.counts[nearest] * (self.words[nearest] == words)

    def _attributes(self, lexemes: Lexemes, is_train: bool) -> list[Tensor]:
        """Embed the attributes; all unknown words share their identifying ones."""
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
        samples = torch.rand(len(words), dtype=torch.float, device=words.device)
        return (counts <= self.rare_count) & (samples < self.unknown_rate)
