import numpy
import pytest
import spacy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.attrs import LOWER, ORTH, SHAPE
from spacy.tokens import Doc
from spacy.vectors import Vectors
from spacy.vocab import Vocab
from thinc.api import HashEmbed

from spacy_lstm.layers.lexeme_features import (
    BOUNDARY,
    Features,
    find_distinct,
    hash_rows,
    read_attributes,
    read_chars,
    read_vectors,
)

values = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2**64 - 1)),
    min_size=1,
    max_size=20,
)


@settings(deadline=None)
@given(rows=values)
def test_find_distinct(rows: list[tuple[int, int, int]]) -> None:
    array = numpy.array(rows, dtype=numpy.uint64)
    words, first, positions = find_distinct(array)
    assert len(words) == len(set(words)) == len(set(rows))
    assert (array[first][positions.numpy()] == array).all()


def test_hashes_do_not_depend_on_other_rows() -> None:
    array = numpy.array([[1, 2], [3, 4], [2, 1]], dtype=numpy.uint64)
    (alone,), _, _ = find_distinct(array[2:])
    words, first, _ = find_distinct(array)
    assert words[first.tolist().index(2)] == alone


def test_hash_rows_match_thinc() -> None:
    keys = numpy.array([0, 5, 2**64 - 1], dtype=numpy.uint64)
    thincs = HashEmbed(3, 50, seed=9)
    thincs.initialize()
    table = thincs.get_param("E")
    expected = thincs.predict(keys)
    assert table[hash_rows(keys, 9, 50)].sum(axis=1) == pytest.approx(expected)


def test_characters() -> None:
    rows, lengths = read_chars(["ab", "", "x" * 19 + "é" + "-" * 50 + "y" * 20])
    assert lengths == [2, 1, 40]
    text = "\0ab\0" + BOUNDARY + "\0" + "x" * 19 + "é" + "y" * 20 + "\0"
    assert len(rows) == len(text)
    inside = [i for i, char in enumerate(text) if char != "\0"]
    assert (rows[inside][:2] == read_chars(["ab"])[0][1:3]).all()
    boundaries = rows[[i for i, char in enumerate(text) if char == "\0"]]
    assert (boundaries == boundaries[0]).all()


def test_missing_vectors_are_zeros() -> None:
    vocab = Vocab()
    vocab.vectors = Vectors(strings=vocab.strings, shape=(2, 3))
    vocab.set_vector("cat", numpy.array([1, 2, 3], dtype="f"))
    keys = numpy.array([vocab.strings.add(word) for word in ("dog", "cat")])
    assert read_vectors(vocab, keys).tolist() == [[0, 0, 0], [1, 2, 3]]


def test_vectors_with_another_key_attribute() -> None:
    vocab = spacy.blank("en").vocab
    data = numpy.array([[1, 2]], dtype="f")
    keys = [vocab.strings.add("cat")]
    vocab.vectors = Vectors(strings=vocab.strings, data=data, keys=keys, attr="LOWER")
    features = Features((SHAPE,), (10,), vectors=True)
    assert features.columns(vocab) == [SHAPE, LOWER]
    doc = Doc(vocab, words=["CAT", "dog"])
    attributes = read_attributes([doc], features.columns(vocab))
    lexemes = features.read(attributes, [doc, doc], torch.device("cpu"))
    assert lexemes.vectors is not None
    assert lexemes.vectors.tolist() == [[1, 2], [0, 0]]


def test_columns_have_no_duplicates() -> None:
    features = Features((ORTH, SHAPE), (5, 5), chars=True, vectors=True)
    assert features.columns(Vocab()) == [ORTH, SHAPE]
