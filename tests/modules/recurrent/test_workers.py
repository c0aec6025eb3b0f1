import os
import subprocess
import sys
import threading
import time

import pytest
import torch

from spacy_lstm.modules.recurrent.workers import WORKERS, both


@pytest.fixture(autouse=True)
def _two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_each_task_has_half_of_the_threads() -> None:
    meeting = threading.Barrier(2, timeout=10)  # else one may do the work of both

    def count() -> int:
        meeting.wait()
        return torch.get_num_threads()

    assert both(count, count) == [1, 1]
    assert torch.get_num_threads() == 2


def test_tasks_run_side_by_side() -> None:
    meeting = threading.Barrier(2, timeout=10)
    assert sorted(both(meeting.wait, meeting.wait)) == [0, 1]


def test_a_task_that_nobody_has_begun_is_taken_over() -> None:
    go_on = threading.Event()
    blocked = threading.Barrier(2, timeout=10)

    def block() -> None:
        blocked.wait()
        go_on.wait(10)

    future = WORKERS.submit(block)  # one of the two workers is busy
    blocked.wait()
    names = both(
        lambda: threading.current_thread().name, lambda: threading.current_thread().name
    )
    go_on.set()
    future.result()
    assert "spacy-lstm" in names[0]
    assert "spacy-lstm" in names[1] or names[1] == threading.current_thread().name


def test_a_new_thread_begins_with_all_threads() -> None:
    both(torch.get_num_threads, torch.get_num_threads)
    counts: list[int] = []
    thread = threading.Thread(target=lambda: counts.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert counts == [2]


def test_one_thread_is_enough() -> None:
    torch.set_num_threads(1)
    assert both(torch.get_num_threads, torch.get_num_threads) == [1, 1]


def test_an_error_waits_for_the_other_task() -> None:
    done = []

    def fail() -> None:
        raise KeyError

    def finish() -> None:
        time.sleep(0.1)
        done.append(1)

    meeting = threading.Barrier(2, timeout=10)

    def begin(task):
        def run() -> None:
            meeting.wait()
            task()

        return run

    with pytest.raises(KeyError):
        both(begin(fail), begin(finish))
    assert done == [1]


FORK = """
import os, sys, torch
from spacy_lstm.modules.recurrent.workers import both
torch.set_num_threads(2)
both(int, int)
child = os.fork()
if not child:
    torch.set_num_threads(2)
    os._exit(both(lambda: 3, lambda: 4) != [3, 4])
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
LATE = """
import threading, time, torch
from spacy_lstm.modules.recurrent.workers import both
def run():
    time.sleep(0.5)
    print(both(lambda: 3, lambda: 4))
threading.Thread(target=run).start()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_workers_are_started_anew_after_a_fork() -> None:
    subprocess.run([sys.executable, "-c", FORK], check=True, timeout=30)


def test_a_thread_that_outlives_the_main_one() -> None:
    command = [sys.executable, "-c", LATE]
    run = subprocess.run(
        command, check=True, timeout=30, capture_output=True, text=True
    )
    assert run.stdout.strip() == "[3, 4]"


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
