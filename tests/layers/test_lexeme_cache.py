import pickle
from threading import Thread

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from spacy_lstm.layers.lexeme_cache import LexemeCache


def make_vectors(words: list[int]) -> Tensor:
    return torch.tensor([[float(word), -float(word)] for word in words])


def test_find_added_words() -> None:
    cache = LexemeCache(10)
    cache.add([5, 3], make_vectors([5, 3]))
    rows, table = cache.find([3, 4, 5])
    assert table is not None
    assert rows[1] == -1
    assert table[rows[[0, 2]]].tolist() == [[3, -3], [5, -5]]


def test_empty_cache() -> None:
    rows, table = LexemeCache(10).find([1, 2])
    assert rows.tolist() == [-1, -1]
    assert table is None


@given(
    size=st.integers(0, 8),
    batches=st.lists(st.sets(st.integers(0, 20), max_size=10), max_size=10),
)
def test_size_is_bounded(size: int, batches: list[set[int]]) -> None:
    cache = LexemeCache(size)
    for batch in batches:
        words = sorted(batch)
        rows, table = cache.find(words)
        found = rows >= 0
        known = [word for word, is_known in zip(words, found, strict=True) if is_known]
        if known:
            assert table is not None
            assert torch.equal(table[rows[found]], make_vectors(known))
        new = [word for word in words if word not in known]
        cache.add(new, make_vectors(new).reshape(-1, 2))
        assert len(cache.content[0]) <= size


def test_added_words_keep_their_rows() -> None:
    cache = LexemeCache(5)
    cache.add([1, 2], make_vectors([1, 2]))
    cache.add([2, 3], make_vectors([2, 3]))
    cache.add([4], make_vectors([4]))
    rows, table = cache.find([1, 2, 3, 4])
    assert table is not None
    assert torch.equal(table[rows], make_vectors([1, 2, 3, 4]))


def test_found_rows_survive_clearing() -> None:
    cache = LexemeCache(2)
    cache.add([1, 2], make_vectors([1, 2]))
    rows, table = cache.find([1, 2])
    cache.add([3], make_vectors([3]))
    assert cache.find([1])[0].tolist() == [-1]
    assert table is not None
    assert torch.equal(table[rows], make_vectors([1, 2]))


def test_add_does_not_wait_for_the_lock() -> None:
    cache = LexemeCache(2)
    cache.lock.acquire()
    thread = Thread(target=cache.add, args=([1], make_vectors([1])))
    thread.start()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert cache.find([1])[0].tolist() == [-1]


def test_pickled_cache_is_empty() -> None:
    cache = LexemeCache(3)
    cache.add([1], make_vectors([1]))
    copied = pickle.loads(pickle.dumps(cache))
    assert copied.size == 3
    assert copied.find([1])[1] is None
