"""Run independent tasks side by side, on the threads that torch was given."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

import torch

Result = TypeVar("Result")


class Workers:
    """Two threads that share the work of those that call them.

    They are started when they are first needed, and anew after a fork, in which they
    don't exist. Python joins them when the process ends.
    """

    def __init__(self) -> None:
        self.start_anew()

    def start_anew(self) -> None:
        """Let go of threads that a fork has left behind."""
        self.pool = ThreadPoolExecutor(2, "spacy-lstm")

    def submit(self, task: Callable[[], Result]) -> "Future[Result]":
        """Have one of them run a task.

        task (Callable): The task.
        RETURNS (Future): Its result.
        RAISES (RuntimeError): If the process is ending.
        """
        return self.pool.submit(task)


WORKERS = Workers()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=WORKERS.start_anew)


def both(first: Callable[[], Result], second: Callable[[], Result]) -> list[Result]:
    """Run two tasks side by side, each with half of torch's threads.

    The calling thread waits, and takes over a task that nobody has begun when the other
    one is done.

    first (Callable): A task.
    second (Callable): Another task.
    RETURNS (list): Their results.
    """
    n_threads = torch.get_num_threads()
    half = max(1, n_threads // 2)
    grad = torch.is_grad_enabled()

    def with_half(task: Callable[[], Result]) -> Callable[[], Result]:
        def run() -> Result:
            if torch.get_num_threads() != half:
                torch.set_num_threads(half)
            with torch.set_grad_enabled(grad):
                return task()

        return run

    try:
        futures = [WORKERS.submit(with_half(task)) for task in (first, second)]
    except RuntimeError:  # a process that is ending takes no new tasks
        return [first(), second()]
    try:
        result = futures[0].result()
        taken_back = futures[1].cancel()
        return [result, second() if taken_back else futures[1].result()]
    finally:
        wait([future for future in futures if not future.cancel()])
        # What a worker sets for itself is also what a new thread would begin with.
        torch.set_num_threads(n_threads)
