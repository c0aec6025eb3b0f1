"""Features of the words of documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy
import torch
from spacy.attrs import ORTH
from spacy.tokens import Doc
from spacy.vectors import Mode, Vectors
from spacy.vocab import Vocab
from thinc.api import NumpyOps, get_array_module, to_numpy
from torch import Tensor

from ..modules.embeddings.lexeme_encoder import CHAR_ROWS, Lexemes

OPS = NumpyOps()
# The first seed of spaCy's `MultiHashEmbed`.
FIRST_SEED = 8
CHAR_SEED = 7
MAX_LENGTH = 40
BOUNDARY = "\0"
NO_ROWS = numpy.zeros((0, 0, 4), dtype=numpy.int64)
MULTIPLIER = numpy.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Features:
    """The features of a word to extract.

    attrs (tuple[int, ...]): IDs of token attributes.
    rows (tuple[int, ...]): Number of rows of each attribute's table.
    count_attr (int): ID of the attribute to count words by.
    chars (bool): Whether to extract characters.
    vectors (bool): Whether to extract static vectors.
    """

    attrs: tuple[int, ...]
    rows: tuple[int, ...]
    count_attr: int = ORTH
    chars: bool = False
    vectors: bool = False

    def columns(self, vocab: Vocab) -> list[int]:
        """List the attributes that distinguish words.

        vocab (Vocab): The vocabulary, which defines the key attribute of its vectors.
        RETURNS (list[int]): IDs of attributes without duplicates.
        """
        columns = list(self.attrs)
        if self.chars:
            columns.append(ORTH)
        if self.vectors:
            columns.append(vector_key(vocab))
        return list(dict.fromkeys(columns))

    def read(
        self, values: numpy.ndarray, docs: Sequence[Doc], device: torch.device
    ) -> Lexemes:
        """Extract the features of words.

        values (numpy.ndarray): Their attributes. *Shape:* (n_words, n_columns)
        docs (Sequence[Doc]): A document that contains the word, for each word.
        device (torch.device): The device of the features.
        RETURNS (Lexemes): The features.
        """
        vocab = docs[0].vocab
        columns = {attr: values[:, i] for i, attr in enumerate(self.columns(vocab))}
        rows = [
            hash_rows(columns[attr], FIRST_SEED + i, n_rows)
            for i, (attr, n_rows) in enumerate(zip(self.attrs, self.rows, strict=True))
        ]
        # Words are not counted unless an attribute identifies them.
        words = columns.get(self.count_attr, values[:, 0]).astype(numpy.int64)
        lexemes = Lexemes(
            torch.from_numpy(numpy.stack(rows) if rows else NO_ROWS).to(device),
            torch.from_numpy(words).to(device),
        )
        if self.chars:
            strings = [
                doc.vocab.strings[word]
                for doc, word in zip(docs, columns[ORTH].tolist(), strict=True)
            ]
            chars, lexemes.lengths = read_chars(strings)
            lexemes.chars = torch.from_numpy(chars).to(device)
        if self.vectors:
            vectors = read_vectors(vocab, columns[vector_key(vocab)])
            lexemes.vectors = torch.from_numpy(vectors).to(device)
        return lexemes


def read_attributes(docs: Sequence[Doc], columns: Sequence[int]) -> numpy.ndarray:
    """Read attributes of all tokens.

    docs (Sequence[Doc]): The documents, at least one.
    columns (Sequence[int]): IDs of attributes.
    RETURNS (numpy.ndarray): *Shape:* (n_tokens, n_columns)
    """
    attrs: list[int | str] = list(columns)
    arrays = [doc.to_array(attrs) for doc in docs]
    return numpy.concatenate(arrays).reshape(-1, len(columns))


def find_distinct(values: numpy.ndarray) -> tuple[list[int], numpy.ndarray, Tensor]:
    """Find the distinct rows of an array by 64-bit hashes.

    values (numpy.ndarray): *Shape:* (n_tokens, n_columns)
    RETURNS (tuple[list[int], numpy.ndarray, Tensor]): The hash of each distinct row;
        the index of its first occurrence, *shape* (n_words,); and for each row the
        index of its distinct row, *shape* (n_tokens,).
    """
    hashes = numpy.zeros(len(values), dtype=numpy.uint64)
    for column in values.T:
        hashes = (hashes ^ column) * MULTIPLIER
        hashes ^= hashes >> numpy.uint64(32)
    words, first, positions = numpy.unique(
        hashes, return_index=True, return_inverse=True
    )
    return words.tolist(), first, torch.from_numpy(positions)


def hash_rows(keys: numpy.ndarray, seed: int, n_rows: int) -> numpy.ndarray:
    """Compute the rows of keys in a hash embedding, as Thinc's `HashEmbed`.

    keys (numpy.ndarray): *Shape:* (n_keys,)
    seed (int): Seed of the hash function.
    n_rows (int): Number of rows of the table.
    RETURNS (numpy.ndarray): *Shape:* (n_keys, 4)
    """
    contiguous = numpy.ascontiguousarray(keys, dtype=numpy.uint64)
    hashes = numpy.asarray(OPS.hash(cast(Any, contiguous), seed))
    return (hashes % n_rows).astype(numpy.int64)


def read_chars(strings: Sequence[str]) -> tuple[numpy.ndarray, list[int]]:
    """Read the characters of words.

    strings (Sequence[str]): The words. Long words are cut in the middle.
    RETURNS (tuple[numpy.ndarray, list[int]]): Rows in the table of characters, with a
        boundary before, between and after the words, *shape*
        (n_characters + n_words + 1, 4); and the length of each word.
    """
    half = MAX_LENGTH // 2
    texts = [
        string if len(string) <= MAX_LENGTH else string[:half] + string[-half:]
        for string in strings
    ]
    texts = [text or BOUNDARY for text in texts]
    joined = BOUNDARY + BOUNDARY.join(texts) + BOUNDARY
    codes = numpy.frombuffer(joined.encode("utf-32-le"), dtype=numpy.uint32)
    return hash_rows(codes, CHAR_SEED, CHAR_ROWS), [len(text) for text in texts]


def vector_key(vocab: Vocab) -> int:
    return getattr(vocab.vectors, "attr", ORTH)


def read_vectors(vocab: Vocab, keys: numpy.ndarray) -> numpy.ndarray:
    """Read static vectors.

    vocab (Vocab): The vocabulary with the vectors.
    keys (numpy.ndarray): The keys of the vectors. *Shape:* (n_words,)
    RETURNS (numpy.ndarray): Zeros for words without a vector.
        *Shape:* (n_words, vector_width)
    """
    vectors = vocab.vectors
    if isinstance(vectors, Vectors) and vectors.mode == Mode.default:
        rows = to_numpy(vectors.find(keys=keys))
        found = to_numpy(vectors.data[get_array_module(vectors.data).asarray(rows)])
        return numpy.where(rows[:, None] < 0, 0, found).astype("f")
    return numpy.ascontiguousarray(to_numpy(vectors.get_batch(keys)), dtype="f")
