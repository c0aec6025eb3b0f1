import torch
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm.modules.recurrent.windows import make_windows

CPU = torch.device("cpu")


def test_windows_of_known_lengths() -> None:
    windows = make_windows([3, 9], 5, 2, CPU)
    assert windows.lengths == [3, 5, 5, 5]
    assert windows.totals == [3, 15]
    assert windows.positions.tolist() == [
        *[0, 1, 2],
        *[3, 4, 5, 6, 7],
        *[6, 7, 8, 9, 10],
        *[7, 8, 9, 10, 11],
    ]
    # the second half of the overlap is read from the later window
    assert windows.rows.tolist() == [0, 1, 2, 3, 4, 5, 6, 9, 10, 15, 16, 17]


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(1, 20), st.data())
def test_each_token_is_read_once(lengths: list[int], window: int, data) -> None:
    overlap = data.draw(st.integers(0, window - 1))
    windows = make_windows(lengths, window, overlap, CPU)
    assert windows.positions[windows.rows].tolist() == list(range(sum(lengths)))
    assert max(windows.lengths, default=0) <= window
    assert all(
        window in windows.lengths or total == length
        for total, length in zip(windows.totals, lengths, strict=True)
    )
    assert sum(windows.lengths) == len(windows.positions)
