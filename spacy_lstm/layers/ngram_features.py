"""Word and character n-grams of documents."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy
import torch
from spacy.attrs import IS_SPACE, LOWER
from spacy.tokens import Doc

from ..modules.ngrams import NgramCounts
from .lexeme_features import MULTIPLIER, read_attributes

BAGS = WORDS, CHARS = 0, 1


@dataclass(frozen=True)
class NgramSettings:
    """The n-grams to extract.

    max_words (int): Maximum size of word n-grams.
    min_chars (int): Minimum size of character n-grams, which include the space before
        and after the word.
    max_chars (int): Maximum size of character n-grams; 0 for none.
    length (int): Number of hash buckets for word n-grams, and for character n-grams.
    """

    max_words: int
    min_chars: int
    max_chars: int
    length: int

    @property
    def n_buckets(self) -> int:
        """RETURNS (int): Total number of hash buckets."""
        return len(BAGS) * self.length

    def read(self, docs: Sequence[Doc]) -> NgramCounts:
        """Count the n-grams of documents.

        docs (Sequence[Doc]): The documents.
        RETURNS (NgramCounts): The counts.
        """
        occurrences = self.find(docs)
        keys = numpy.sort(occurrences.docs * self.n_buckets + occurrences.buckets)
        first = numpy.flatnonzero(numpy.diff(keys, prepend=-1))
        distinct = keys[first]
        counts = numpy.diff(first, append=len(keys))
        return NgramCounts(
            torch.from_numpy(distinct % self.n_buckets),
            torch.from_numpy(counts.astype("f")),
            torch.from_numpy(distinct // self.length),
            len(docs),
            len(BAGS),
        )

    def find(self, docs: Sequence[Doc]) -> "Occurrences":
        """Find all occurrences of n-grams. Skips whitespace tokens.

        docs (Sequence[Doc]): The documents.
        RETURNS (Occurrences): The occurrences.
        """
        if not docs:
            return Occurrences.join([])
        values = read_attributes(docs, [LOWER, IS_SPACE])
        doc_of_token = numpy.arange(len(docs)).repeat([len(doc) for doc in docs])
        tokens = numpy.flatnonzero(values[:, 1] == 0)
        words, doc_of_token = values[tokens, 0], doc_of_token[tokens]
        parts = [*find_word_ngrams(words, doc_of_token, tokens, self)]
        if self.max_chars:
            parts.append(find_char_ngrams(words, doc_of_token, tokens, docs, self))
        return Occurrences.join(parts)


@dataclass(frozen=True)
class Occurrences:
    """Occurrences of n-grams in a batch of documents.

    buckets (numpy.ndarray): Hash buckets. *Shape:* (n_occurrences,)
    docs (numpy.ndarray): Indices of the documents. *Shape:* (n_occurrences,)
    first_token, last_token (numpy.ndarray): Indices of the first and last tokens in the
        batch. *Shape:* (n_occurrences,)
    """

    buckets: numpy.ndarray
    docs: numpy.ndarray
    first_token: numpy.ndarray
    last_token: numpy.ndarray

    @classmethod
    def join(cls, parts: Sequence["Occurrences"]) -> "Occurrences":
        """RETURNS (Occurrences): The concatenated occurrences."""
        empty = numpy.zeros(0, dtype=numpy.int64)
        columns = [
            numpy.concatenate([empty, *(getattr(part, name) for part in parts)])
            for name in (field.name for field in fields(cls))
        ]
        return cls(*columns)


def find_word_ngrams(
    words: numpy.ndarray,
    docs: numpy.ndarray,
    tokens: numpy.ndarray,
    settings: NgramSettings,
) -> list[Occurrences]:
    """Find word n-grams.

    words (numpy.ndarray): Word IDs. *Shape:* (n_words,)
    docs (numpy.ndarray): Indices of their documents. *Shape:* (n_words,)
    tokens (numpy.ndarray): Indices of their tokens in the batch. *Shape:* (n_words,)
    settings (NgramSettings): The n-grams to extract.
    RETURNS (list[Occurrences]): The occurrences by n-gram size.
    """
    parts = []
    hashes = numpy.zeros(len(words), dtype=numpy.uint64)
    for size in range(1, settings.max_words + 1):
        n = max(0, len(words) - size + 1)
        hashes = mix(hashes[:n], words[size - 1 :])
        inside = docs[:n] == docs[size - 1 :]
        parts.append(
            Occurrences(
                find_buckets(hashes[inside], WORDS, settings.length),
                docs[:n][inside],
                tokens[:n][inside],
                tokens[size - 1 :][inside],
            )
        )
    return parts


def find_char_ngrams(
    words: numpy.ndarray,
    docs: numpy.ndarray,
    tokens: numpy.ndarray,
    batch: Sequence[Doc],
    settings: NgramSettings,
) -> Occurrences:
    """Find character n-grams within words of at least two characters.

    Single-character words are skipped, since their word unigram is enough.

    words (numpy.ndarray): Word IDs. *Shape:* (n_words,)
    docs (numpy.ndarray): Indices of their documents. *Shape:* (n_words,)
    tokens (numpy.ndarray): Indices of their tokens in the batch. *Shape:* (n_words,)
    batch (Sequence[Doc]): The documents.
    settings (NgramSettings): The n-grams to extract.
    RETURNS (Occurrences): The occurrences.
    """
    distinct, first, position = numpy.unique(
        words, return_index=True, return_inverse=True
    )
    strings = [
        batch[doc].vocab.strings[word]
        for doc, word in zip(docs[first].tolist(), distinct.tolist(), strict=True)
    ]
    hashes, counts = hash_chars(strings, settings)
    starts = numpy.cumsum(counts) - counts
    sizes = counts[position]
    # The occurrences of a word are the consecutive hashes of its string.
    offsets = numpy.arange(sizes.sum()) - (numpy.cumsum(sizes) - sizes).repeat(sizes)
    found = hashes[starts[position].repeat(sizes) + offsets]
    return Occurrences(
        find_buckets(found, CHARS, settings.length),
        docs.repeat(sizes),
        tokens.repeat(sizes),
        tokens.repeat(sizes),
    )


def hash_chars(
    strings: Sequence[str], settings: NgramSettings
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Hash the character n-grams of strings.

    strings (Sequence[str]): The strings.
    settings (NgramSettings): The n-grams to extract.
    RETURNS (tuple[numpy.ndarray, numpy.ndarray]): The concatenated hashes of all
        strings, *shape* (n_hashes,), and the number of hashes of each string, *shape*
        (n_strings,).
    """
    lengths = [len(string) + 2 if len(string) > 1 else 0 for string in strings]
    joined = "".join(f" {string} " for string in strings if len(string) > 1)
    codes = numpy.frombuffer(joined.encode("utf-32-le"), dtype=numpy.uint32)
    owner = numpy.arange(len(strings)).repeat(lengths)
    all_hashes, all_owners = [], []
    hashes = numpy.zeros(len(codes), dtype=numpy.uint64)
    for size in range(1, settings.max_chars + 1):
        n = max(0, len(codes) - size + 1)
        hashes = mix(hashes[:n], codes[size - 1 :].astype(numpy.uint64))
        if size >= settings.min_chars:
            inside = owner[:n] == owner[size - 1 :]
            all_hashes.append(hashes[inside])
            all_owners.append(owner[:n][inside])
    owners = numpy.concatenate(all_owners)
    order = numpy.argsort(owners, kind="stable")
    counts = numpy.bincount(owners, minlength=len(strings))
    return numpy.concatenate(all_hashes)[order], counts


def mix(hashes: numpy.ndarray, values: numpy.ndarray) -> numpy.ndarray:
    """Extend each hash of a sequence by one value.

    hashes (numpy.ndarray): *Shape:* (n,)
    values (numpy.ndarray): *Shape:* (n,)
    RETURNS (numpy.ndarray): *Shape:* (n,)
    """
    mixed = (hashes ^ values) * MULTIPLIER
    return mixed ^ (mixed >> numpy.uint64(29))


def find_buckets(hashes: numpy.ndarray, bag: int, length: int) -> numpy.ndarray:
    """Find the hash buckets of n-grams.

    hashes (numpy.ndarray): Their hashes. *Shape:* (n_ngrams,)
    bag (int): `WORDS` or `CHARS`, which have separate buckets.
    length (int): Number of buckets per bag.
    RETURNS (numpy.ndarray): *Shape:* (n_ngrams,)
    """
    return (hashes % numpy.uint64(length)).astype(numpy.int64) + bag * length
