"""What is known of the words of documents."""

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
# spaCy's own embeddings count their seeds from here.
FIRST_SEED = 8
CHAR_SEED = 7
LONGEST = 40
BOUNDARY = "\0"
NO_ROWS = numpy.zeros((0, 0, 4), dtype=numpy.int64)
MULTIPLIER = numpy.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Features:
    """Which features of a word are read.

    attrs (tuple[int, ...]): Attributes, as spaCy numbers them.
    rows (tuple[int, ...]): Number of rows of each attribute's table.
    count_attr (int): The attribute by which words are counted.
    chars (bool): Whether characters are read.
    vectors (bool): Whether static vectors are read.
    """

    attrs: tuple[int, ...]
    rows: tuple[int, ...]
    count_attr: int = ORTH
    chars: bool = False
    vectors: bool = False

    def columns(self, vocab: Vocab) -> list[int]:
        """List the attributes that tell words apart.

        vocab (Vocab): The vocabulary, whose vectors may have a key of their own.
        RETURNS (list[int]): Attributes, each once.
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
        """Read the features of words.

        values (numpy.ndarray): Their attributes. *Shape:* (n_words, n_columns)
        docs (Sequence[Doc]): For each word a document that it is in.
        device (torch.device): Where the features go.
        RETURNS (Lexemes): The features.
        """
        vocab = docs[0].vocab
        columns = {attr: values[:, i] for i, attr in enumerate(self.columns(vocab))}
        rows = [
            hash_rows(columns[attr], FIRST_SEED + i, n_rows)
            for i, (attr, n_rows) in enumerate(zip(self.attrs, self.rows, strict=True))
        ]
        # Where no attribute tells words apart, they are not counted.
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

    docs (Sequence[Doc]): The documents, of which there is at least one.
    columns (Sequence[int]): Attributes.
    RETURNS (numpy.ndarray): *Shape:* (n_tokens, n_columns)
    """
    attrs: list[int | str] = list(columns)
    arrays = [doc.to_array(attrs) for doc in docs]
    return numpy.concatenate(arrays).reshape(-1, len(columns))


def find_distinct(values: numpy.ndarray) -> tuple[list[int], numpy.ndarray, Tensor]:
    """Find the distinct rows of an array, by a 64-bit hash of each.

    values (numpy.ndarray): *Shape:* (n_tokens, n_columns)
    RETURNS (tuple[list[int], numpy.ndarray, Tensor]): The hash of each distinct row;
        its first place, *shape* (n_words,); and which of them each row is, *shape*
        (n_tokens,).
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
    """Find the rows of keys in a table.

    keys (numpy.ndarray): *Shape:* (n_keys,)
    seed (int): Seed of the hash function.
    n_rows (int): Number of rows of the table.
    RETURNS (numpy.ndarray): *Shape:* (n_keys, 4)
    """
    contiguous = numpy.ascontiguousarray(keys, dtype=numpy.uint64)
    hashes = numpy.asarray(OPS.hash(cast(Any, contiguous), seed))
    return (hashes % n_rows).astype(numpy.int64)


def read_chars(strings: Sequence[str]) -> tuple[numpy.ndarray, list[int]]:
    """Read the characters of words, of long ones the first and the last of them.

    strings (Sequence[str]): The words.
    RETURNS (tuple[numpy.ndarray, list[int]]): Rows in the table of characters, with a
        boundary before, between and after the words, *shape*
        (n_characters + n_words + 1, 4); and the length of each word.
    """
    half = LONGEST // 2
    texts = [
        string if len(string) <= LONGEST else string[:half] + string[-half:]
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

    vocab (Vocab): The vocabulary that has them.
    keys (numpy.ndarray): What they are found by. *Shape:* (n_words,)
    RETURNS (numpy.ndarray): Zeros for a word without one.
        *Shape:* (n_words, vector_width)
    """
    vectors = vocab.vectors
    if isinstance(vectors, Vectors) and vectors.mode == Mode.default:
        rows = to_numpy(vectors.find(keys=keys))
        found = to_numpy(vectors.data[get_array_module(vectors.data).asarray(rows)])
        return numpy.where(rows[:, None] < 0, 0, found).astype("f")
    return numpy.ascontiguousarray(to_numpy(vectors.get_batch(keys)), dtype="f")
