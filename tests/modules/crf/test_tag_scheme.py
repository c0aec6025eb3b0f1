from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm.modules.crf.tag_scheme import TAG_SCHEMES

BILUO, BIO = TAG_SCHEMES["biluo"], TAG_SCHEMES["bio"]


def test_tags_of_an_entity() -> None:
    assert BILUO.tags(1, 0) == [4]
    assert BILUO.tags(2, 0) == [1, 3]
    assert BILUO.tags(4, 1) == [5, 6, 6, 7]
    assert BIO.tags(1, 0) == [1]
    assert BIO.tags(3, 1) == [3, 4, 4]


def test_entities_of_tags() -> None:
    assert list(BILUO.entities([0, 5, 6, 7, 4, 0, 1, 3])) == [
        (1, 4, 1),
        (4, 5, 0),
        (6, 8, 0),
    ]
    assert list(BIO.entities([3, 4, 3, 0, 1])) == [(0, 2, 1), (2, 3, 1), (4, 5, 0)]
    assert list(BIO.entities([])) == []


@pytest.mark.parametrize("scheme", [BILUO, BIO])
def test_transitions_allow_exactly_the_valid_sequences(scheme) -> None:
    n_labels, length = 2, 3
    n_tags = scheme.n_tags(n_labels)
    starts, ends = scheme.starts(n_labels), scheme.ends(n_labels)
    transitions = scheme.transitions(n_labels)
    for tags in product(range(n_tags), repeat=length):
        is_allowed = bool(
            starts[tags[0]]
            and ends[tags[-1]]
            and all(transitions[i, j] for i, j in pairwise(tags))
        )
        encoded = [0] * length
        for start, end, label in scheme.entities(tags):
            encoded[start:end] = scheme.tags(end - start, label)
        assert is_allowed == (encoded == list(tags))


@given(st.data())
def test_encoding_and_decoding_are_inverse(data) -> None:
    scheme = data.draw(st.sampled_from([BILUO, BIO]))
    entities, tags = [], []
    for gap, length, label in data.draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4), st.integers(0, 3)))
    ):
        tags += [0] * gap
        entities.append((len(tags), len(tags) + length, label))
        tags += scheme.tags(length, label)
    assert list(scheme.entities(tags)) == entities
