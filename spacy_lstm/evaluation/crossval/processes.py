"""Run tasks in separate processes."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

import torch

from ...errors import one_line

Task = Callable[[], None]


class FailedCommand(Exception):  # noqa: N818
    """A command that ended with an error, which is the message."""


MAX_ERROR_LENGTH = 2000  # characters


def run_tasks(tasks: Mapping[str, Task], n_jobs: int) -> Iterator[tuple[str, str]]:
    """Run each task in a new process with one torch thread.

    tasks (Mapping[str, Callable]): The tasks by name. They must be picklable.
    n_jobs (int): Number of tasks to run in parallel.
    YIELDS (tuple[str, str]): Name of a finished task, and the error message if it
        failed, otherwise "".
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
    """Run a task in its process.

    task (Callable): The task.
    errors (Connection): Connection for the error message.
    """
    Thread(target=exit_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    try:
        task()
    except FailedCommand as error:
        errors.send(str(error)[:MAX_ERROR_LENGTH])
        raise
    except (Exception, SystemExit) as error:
        # The parent only reads after this process has ended, and pipes are small.
        errors.send(one_line(error)[:MAX_ERROR_LENGTH])
        raise


def exit_with_parent() -> None:
    """Wait for the parent process to end, then exit.

    Otherwise the task would keep running when the command is started again.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


SPACY = """
import os, sys, threading

def exit_with_parent():
    sys.stdin.read()
    os._exit(1)

threading.Thread(target=exit_with_parent, daemon=True).start()
from spacy.cli import setup_cli
setup_cli()
"""


def run_spacy(*arguments: str) -> int:
    """Run a command of spaCy in a process that ends with this one.

    arguments (str): The command, such as "train", and its arguments.
    RETURNS (int): Its exit code.
    """
    variables = {"OMP_NUM_THREADS": "1", "_TYPER_STANDARD_TRACEBACK": "1"}
    # The config of the fold already contains these overrides.
    variables["SPACY_CONFIG_OVERRIDES"] = ""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SPACY, *arguments],
        # The pipe is closed when this process ends, however that happens.
        stdin=subprocess.PIPE,
        env={**os.environ, **variables},
    )
    return process.wait()


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
    """Set environment variables for processes started in this context.

    A fixed PYTHONHASHSEED gives sets of strings the same order in every process, so
    that results are reproducible.

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
