import torch
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm.modules.buckets import (
    MAX_PADDING,
    MIN_SEQUENCES,
    SMALL_BUCKET,
    cut,
    make_buckets,
)

LENGTHS = st.lists(st.integers(0, 60), max_size=40)


@given(LENGTHS)
def test_from_left_and_from_right_find_every_token(lengths: list[int]) -> None:
    arrangement = make_buckets(lengths, torch.device("cpu"))
    tokens = torch.arange(sum(lengths))
    if not len(tokens):
        assert not arrangement.buckets
        return
    left = torch.cat([b.left_to_right.flatten() for b in arrangement.buckets])
    right = torch.cat([b.right_to_left.flatten() for b in arrangement.buckets])
    assert left[arrangement.from_left].equal(tokens)
    assert right[arrangement.from_right].equal(tokens)


@given(LENGTHS)
def test_a_column_stays_within_its_sequence(lengths: list[int]) -> None:
    sequence = torch.arange(len(lengths)).repeat_interleave(
        torch.tensor(lengths).long()
    )
    for bucket in make_buckets(lengths, torch.device("cpu")).buckets:
        for positions in (bucket.left_to_right, bucket.right_to_left):
            assert (sequence[positions] == sequence[positions[0]]).all()


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=80))
def test_little_of_a_bucket_is_padding(lengths: list[int]) -> None:
    lengths = sorted(lengths, reverse=True)
    cuts = cut(lengths)
    assert [i for first, end in cuts for i in range(first, end)] == list(
        range(len(lengths))
    )
    for first, end in cuts:
        padded = lengths[first] * (end - first)
        padding = 1 - sum(lengths[first:end]) / padded
        is_small = end - first <= MIN_SEQUENCES and padded <= SMALL_BUCKET
        assert padding <= MAX_PADDING or is_small


def test_buckets_of_known_lengths() -> None:
    assert cut([]) == []
    assert cut([5]) == [(0, 1)]
    assert cut([10, 10, 9, 3, 3]) == [(0, 5)]  # small, so kept together
    assert cut([100] * 9 + [5] * 9) == [(0, 11), (11, 18)]
    assert cut([100_000, 5, 5]) == [(0, 1), (1, 3)]
