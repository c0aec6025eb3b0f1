import numpy
import torch
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm.modules.recurrent.buckets import (
    MAX_PADDING,
    MAX_ROWS,
    MIN_PADDING,
    make_buckets,
    split_steps,
)

LENGTHS = st.lists(st.integers(0, 60), min_size=1, max_size=40).filter(any)


@given(LENGTHS)
def test_positions_and_rows_are_inverse(lengths: list[int]) -> None:
    buckets = make_buckets(lengths, torch.device("cpu"))
    tokens = torch.arange(sum(lengths))
    for positions, rows in zip(buckets.positions, buckets.rows, strict=True):
        assert positions[rows].equal(tokens)
        assert len(positions) == sum(steps * n for steps, n in buckets.shapes)


@given(LENGTHS)
def test_columns_continue_across_buckets(lengths: list[int]) -> None:
    buckets = make_buckets(lengths, torch.device("cpu"))
    order = numpy.argsort([-n for n in lengths], kind="stable")
    starts = numpy.cumsum(lengths) - lengths
    for direction, positions in enumerate(buckets.positions):
        columns: list[list[int]] = [[] for _ in range(sum(n > 0 for n in lengths))]
        sizes = [steps * n for steps, n in buckets.shapes]
        for rows, shape in zip(positions.split(sizes), buckets.shapes, strict=True):
            for column, read in zip(columns, rows.view(shape).T.tolist(), strict=False):
                column.extend(read)
        for i, column in enumerate(columns):
            sequence = order[i]
            expected = list(
                range(starts[sequence], starts[sequence] + lengths[sequence])
            )
            expected = expected[::-1] if direction else expected
            assert column[: len(expected)] == expected
            assert set(column[len(expected) :]) <= {expected[-1]}


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=80))
def test_padding_is_bounded(lengths: list[int]) -> None:
    counts = numpy.array(lengths)
    next_step = 0
    for first, steps, width in split_steps(counts).tolist():
        assert first == next_step
        next_step += steps
        assert width == (counts > first).sum()
        assert steps * width <= max(MAX_ROWS, width)
        tokens = (counts.clip(first, first + steps) - first).sum()
        padding = steps * width - tokens
        assert padding <= max(MIN_PADDING, MAX_PADDING * steps * width)
    assert next_step == counts.max()


def test_buckets_of_known_lengths() -> None:
    def buckets(*lengths: int) -> list[list[int]]:
        return split_steps(numpy.array(lengths)).tolist()

    assert buckets(5) == [[0, 5, 1]]
    assert buckets(0, 5, 0, 5) == [[0, 5, 2]]
    assert buckets(10, 10, 9, 3, 3) == [[0, 10, 5]]  # little padding, kept together
    assert buckets(*[100] * 9, *[5] * 9) == [[0, 5, 18], [5, 95, 9]]
    assert buckets(MAX_ROWS + 7) == [[0, MAX_ROWS, 1], [MAX_ROWS, 7, 1]]
