import os
import subprocess
import sys
import threading
import time

import pytest
import torch

from spacy_lstm.modules.recurrent.workers import WORKERS, run_parallel


@pytest.fixture(autouse=True)
def _two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_each_task_has_half_of_the_threads() -> None:
    meeting = threading.Barrier(2, timeout=10)  # else one worker may run both tasks

    def count() -> int:
        meeting.wait()
        return torch.get_num_threads()

    assert run_parallel(count, count) == [1, 1]
    assert torch.get_num_threads() == 2


def test_tasks_run_in_parallel() -> None:
    meeting = threading.Barrier(2, timeout=10)
    assert sorted(run_parallel(meeting.wait, meeting.wait)) == [0, 1]


def test_caller_runs_a_task_that_no_worker_started() -> None:
    go_on = threading.Event()
    blocked = threading.Barrier(2, timeout=10)

    def block() -> None:
        blocked.wait()
        go_on.wait(10)

    future = WORKERS.submit(block)  # one of the two workers is busy
    blocked.wait()
    names = run_parallel(
        lambda: threading.current_thread().name, lambda: threading.current_thread().name
    )
    go_on.set()
    future.result()
    assert "spacy-lstm" in names[0]
    assert "spacy-lstm" in names[1] or names[1] == threading.current_thread().name


def test_new_threads_keep_the_number_of_threads() -> None:
    run_parallel(torch.get_num_threads, torch.get_num_threads)
    counts: list[int] = []
    thread = threading.Thread(target=lambda: counts.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert counts == [2]


def test_one_thread_is_enough() -> None:
    torch.set_num_threads(1)
    assert run_parallel(torch.get_num_threads, torch.get_num_threads) == [1, 1]


def test_errors_are_raised_after_the_other_task_ends() -> None:
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
        run_parallel(begin(fail), begin(finish))
    assert done == [1]


FORK = """
import os, sys, torch
from spacy_lstm.modules.recurrent.workers import run_parallel
torch.set_num_threads(2)
run_parallel(int, int)
child = os.fork()
if not child:
    torch.set_num_threads(2)
    os._exit(run_parallel(lambda: 3, lambda: 4) != [3, 4])
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
LATE = """
import threading, time, torch
from spacy_lstm.modules.recurrent.workers import run_parallel
def run():
    time.sleep(0.5)
    print(run_parallel(lambda: 3, lambda: 4))
threading.Thread(target=run).start()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_workers_restart_after_a_fork() -> None:
    subprocess.run([sys.executable, "-c", FORK], check=True, timeout=30)


def test_thread_that_outlives_the_main_thread() -> None:
    command = [sys.executable, "-c", LATE]
    run = subprocess.run(
        command, check=True, timeout=30, capture_output=True, text=True
    )
    assert run.stdout.strip() == "[3, 4]"


@pytest.mark.parametrize("first_fails", [True, False])
def test_errors_are_raised(first_fails: bool) -> None:
    def fail() -> int:
        raise KeyError

    def succeed() -> int:
        return 1

    tasks = (fail, succeed) if first_fails else (succeed, fail)
    with pytest.raises(KeyError):
        run_parallel(*tasks)
    assert torch.get_num_threads() == 2


def test_workers_inherit_the_grad_mode() -> None:
    with torch.no_grad():
        assert run_parallel(torch.is_grad_enabled, torch.is_grad_enabled) == [False] * 2
    assert run_parallel(torch.is_grad_enabled, torch.is_grad_enabled) == [True] * 2
