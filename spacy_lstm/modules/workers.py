"""Run independent tasks side by side, on the threads that torch was given."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

Result = TypeVar("Result")


class Worker:
    """A thread that takes over half of the work of the threads that call it.

    It is started when it is first needed, and anew after a fork, in which it doesn't
    exist. Python joins it when the process ends.
    """

    def __init__(self) -> None:
        self.pool: ThreadPoolExecutor | None = None

    def submit(self, task: Callable[[], Result]) -> "Future[Result]":
        """Have the thread run a task.

        task (Callable): The task.
        RETURNS (Future): Its result.
        """
        if self.pool is None:
            self.pool = ThreadPoolExecutor(1, "spacy-lstm")
        return self.pool.submit(task)

    def forget(self) -> None:
        """Let go of a thread that a fork has left behind."""
        self.pool = None


WORKER = Worker()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=WORKER.forget)


@contextmanager
def use_threads(n_threads: int) -> Iterator[None]:
    """Set the number of torch's threads within one operation for a block.

    n_threads (int): The number, for the thread that runs the block.
    """
    before = torch.get_num_threads()
    if n_threads == before:
        yield
        return
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def both(first: Callable[[], Result], second: Callable[[], Result]) -> list[Result]:
    """Run two tasks side by side, each with half of torch's threads.

    A caller that would wait for a worker that has not begun takes the task back.

    first (Callable): A task, which the calling thread runs.
    second (Callable): Another task.
    RETURNS (list): Their results.
    """
    n_threads = torch.get_num_threads() // 2
    grad = torch.is_grad_enabled()

    def run_second() -> Result:
        with torch.set_grad_enabled(grad), use_threads(n_threads):
            return second()

    future = WORKER.submit(run_second)
    with use_threads(n_threads):
        try:
            result = first()
        except BaseException:
            future.cancel()
            raise
        return [result, second() if future.cancel() else future.result()]
