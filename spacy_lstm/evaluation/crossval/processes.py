"""Tasks in processes of their own."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

import torch

from ...errors import one_line

Task = Callable[[], None]

MOST_OF_AN_ERROR = 2000  # characters


def run_tasks(tasks: Mapping[str, Task], n_jobs: int) -> Iterator[tuple[str, str]]:
    """Run tasks, each in a new process with one thread of torch.

    tasks (Mapping[str, Callable]): The tasks, by name. They can be pickled.
    n_jobs (int): How many run at a time.
    YIELDS (tuple[str, str]): Name of a task that has ended, and what went wrong; empty
        if nothing did.
    """
    waiting = list(tasks)
    running: dict[Any, tuple[str, BaseProcess, Connection]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < n_jobs:
                name = waiting.pop(0)
                process, errors = start(tasks[name])
                running[process.sentinel] = name, process, errors
            for sentinel in wait(list(running)):
                name, process, errors = running.pop(sentinel)
                process.join()
                yield name, read_error(process, errors)
    finally:
        for _, process, _ in running.values():
            process.terminate()
            process.join()


def start(task: Task) -> tuple[BaseProcess, Connection]:
    context = multiprocessing.get_context("spawn")
    errors, own_errors = context.Pipe(duplex=False)
    process = context.Process(target=run, args=(task, own_errors))
    with environment(PYTHONHASHSEED="0"):
        process.start()
    own_errors.close()
    return process, errors


def run(task: Task, errors: Connection) -> None:
    """Run a task in the process that was started for it.

    task (Callable): The task.
    errors (Connection): Where to say what went wrong.
    """
    Thread(target=end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    try:
        task()
    except (Exception, SystemExit) as error:
        # Nobody reads before the process has ended, and a pipe holds but so much.
        errors.send(one_line(error)[:MOST_OF_AN_ERROR])
        raise


def end_with_parent() -> None:
    """Wait until the process that started this one ends, and end too.

    If not, it would go on beside a command that is started anew.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def read_error(process: BaseProcess, errors: Connection) -> str:
    if process.exitcode == 0:
        errors.close()
        return ""
    try:
        with errors:
            return str(errors.recv())
    except EOFError:
        return f"its process ended with exit code {process.exitcode}"


@contextmanager
def environment(**variables: Any) -> Iterator[None]:
    """Set variables for processes that are started meanwhile.

    Sets of strings are in the same order in each process, so that all folds agree.

    variables: Values by name.
    """
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
