from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm.modules.crf.tag_scheme import TAG_SCHEMES

BILUO, BIO = TAG_SCHEMES["biluo"], TAG_SCHEMES["bio"]


def test_how_entities_are_spelled() -> None:
    assert BILUO.tags(1, 0) == [4]
    assert BILUO.tags(2, 0) == [1, 3]
    assert BILUO.tags(4, 1) == [5, 6, 6, 7]
    assert BIO.tags(1, 0) == [1]
    assert BIO.tags(3, 1) == [3, 4, 4]


def test_how_entities_are_read() -> None:
    assert list(BILUO.read([0, 5, 6, 7, 4, 0, 1, 3])) == [
        (1, 4, 1),
        (4, 5, 0),
        (6, 8, 0),
    ]
    assert list(BIO.read([3, 4, 3, 0, 1])) == [(0, 2, 1), (2, 3, 1), (4, 5, 0)]
    assert list(BIO.read([])) == []


@pytest.mark.parametrize("scheme", [BILUO, BIO])
def test_that_transitions_allow_what_entities_can_spell(scheme) -> None:
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
        spelled = [0] * length
        for start, end, label in scheme.read(tags):
            spelled[start:end] = scheme.tags(end - start, label)
        assert is_allowed == (spelled == list(tags))


@given(st.data())
def test_that_spelling_and_reading_are_inverse(data) -> None:
    scheme = data.draw(st.sampled_from([BILUO, BIO]))
    entities, tags = [], []
    for gap, length, label in data.draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4), st.integers(0, 3)))
    ):
        tags += [0] * gap
        entities.append((len(tags), len(tags) + length, label))
        tags += scheme.tags(length, label)
    assert list(scheme.read(tags)) == entities
