"""Worker threads that share torch's threads between two parallel tasks."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

import torch

Result = TypeVar("Result")


class Workers:
    """Two worker threads for all callers of a process.

    They start on first use, and again in a forked process, which doesn't inherit them.
    Python joins them when the process ends.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Replace the pool, for example after a fork."""
        self.pool = ThreadPoolExecutor(2, "spacy-lstm")

    def submit(self, task: Callable[[], Result]) -> "Future[Result]":
        """Run a task in a worker thread.

        task (Callable): The task.
        RETURNS (Future): The future result.
        RAISES (RuntimeError): If the process is ending.
        """
        return self.pool.submit(task)


WORKERS = Workers()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=WORKERS.reset)


def run_parallel(
    first: Callable[[], Result], second: Callable[[], Result]
) -> list[Result]:
    """Run two tasks in parallel, each with half of torch's threads.

    The calling thread waits for the first task. If no worker has started the second one
    by then, it runs that task itself.

    first (Callable): The first task.
    second (Callable): The second task.
    RETURNS (list): The results of both.
    """
    n_threads = torch.get_num_threads()
    half = max(1, n_threads // 2)
    grad = torch.is_grad_enabled()

    def with_half_threads(task: Callable[[], Result]) -> Callable[[], Result]:
        def run() -> Result:
            if torch.get_num_threads() != half:
                torch.set_num_threads(half)
            with torch.set_grad_enabled(grad):
                return task()

        return run

    try:
        futures = [WORKERS.submit(with_half_threads(task)) for task in (first, second)]
    except RuntimeError:  # the process is ending
        return [first(), second()]
    try:
        result = futures[0].result()
        is_cancelled = futures[1].cancel()
        return [result, second() if is_cancelled else futures[1].result()]
    finally:
        wait([future for future in futures if not future.cancel()])
        # The setting of a worker is also the default for new threads.
        torch.set_num_threads(n_threads)
