import threading

import pytest
import torch

from spacy_lstm.modules.workers import WORKER, both, use_threads


@pytest.fixture(autouse=True)
def _two_threads():
    with use_threads(2):
        yield


def test_each_task_has_half_of_the_threads() -> None:
    assert both(torch.get_num_threads, torch.get_num_threads) == [1, 1]
    assert torch.get_num_threads() == 2


def test_tasks_run_side_by_side() -> None:
    meeting = threading.Barrier(2, timeout=10)
    assert sorted(both(meeting.wait, meeting.wait)) == [0, 1]


def test_a_task_that_nobody_has_begun_is_taken_back() -> None:
    blocked, go_on = threading.Event(), threading.Event()

    def block() -> None:
        blocked.set()
        go_on.wait(10)

    future = WORKER.submit(block)
    assert blocked.wait(10)
    names = both(
        lambda: threading.current_thread().name, lambda: threading.current_thread().name
    )
    go_on.set()
    future.result()
    assert names == [threading.current_thread().name] * 2


@pytest.mark.parametrize("first_fails", [True, False])
def test_errors_come_back(first_fails: bool) -> None:
    def fail() -> int:
        raise KeyError

    def succeed() -> int:
        return 1

    tasks = (fail, succeed) if first_fails else (succeed, fail)
    with pytest.raises(KeyError):
        both(*tasks)
    assert torch.get_num_threads() == 2


def test_gradients_are_wanted_where_the_caller_wants_them() -> None:
    with torch.no_grad():
        assert both(torch.is_grad_enabled, torch.is_grad_enabled) == [False] * 2
    assert both(torch.is_grad_enabled, torch.is_grad_enabled) == [True] * 2
