"""What a user sees while `spacy train` runs."""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import srsly
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from spacy.language import Language

from .progress import TrainingProgress
from .schedules import take_waiting

FILE_NAME = "progress.jsonl"

LogStep = Callable[[dict[str, Any] | None], None]
Logger = Callable[[Language, IO, IO], tuple[LogStep, Callable[[], None]]]


def progress_logger(
    output_file: str | None = None,
    console_output: bool = True,
    progress_bar: bool = True,
) -> Logger:
    """Make a logger that prints a table with a bar below it, and writes JSONL.

    There is a row for each evaluation: epoch, step, loss of each component, scores on
    the development data as `[training.score_weights]` chooses them, their weighted sum,
    the best one so far, words per second, and the time left if nothing improves any
    more; steps that were skipped are counted once there are any. Where the output is no
    terminal, there is no bar. Schedules that follow the score, such as
    `spacy-lstm.Plateau.v1`, are told it.

    output_file (str | None): Where the rows are written as JSONL; null for
        progress.jsonl in the output folder of `spacy train`. A file that is there
        already is written anew.
    console_output (bool): Whether to print the table.
    progress_bar (bool): Whether to show the bar in a terminal.
    RETURNS (Callable): The logger, as `[training.logger]` asks for it.
    """

    def setup(
        nlp: Language, stdout: IO = sys.stdout, stderr: IO = sys.stderr
    ) -> tuple[LogStep, Callable[[], None]]:
        progress = TrainingProgress(nlp)
        schedules = take_waiting()
        console = Console(file=stdout, highlight=False, quiet=not console_output)
        rows = RowFile(output_file)
        table = Table(console)
        bar = Bar(console) if progress_bar and console.is_terminal else None

        def log_step(info: dict[str, Any] | None) -> None:
            if info is None:
                progress.advance()
            else:
                row = progress.evaluated(info)
                rows.write(row, info.get("output_path"))
                table.print(row)
                for schedule in schedules:
                    schedule.report(row["score"])
            if bar is not None:
                bar.update(progress)

        def finalize() -> None:
            rows.close()
            if bar is not None:
                bar.close()

        return log_step, finalize

    return setup


class RowFile:
    """Writes rows as JSONL.

    path (str | None): Where to; None for a file beside the saved model.
    """

    def __init__(self, path: str | None) -> None:
        self.path = Path(path) if path else None
        self.stream: IO | None = None

    def write(self, row: dict[str, Any], model_path: str | None) -> None:
        """Write a row, unless there is neither a path nor an output folder.

        row (dict): The row.
        model_path (str | None): Folder that the model was just saved in.
        """
        if self.path is None and model_path is not None:
            self.path = Path(model_path).parent / FILE_NAME
        if self.path is None:
            return
        if self.stream is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.stream = self.path.open("w", encoding="utf8")
        self.stream.write(srsly.json_dumps(row) + "\n")
        self.stream.flush()

    def close(self) -> None:
        """Close the file."""
        if self.stream is not None:
            self.stream.close()


class Table:
    """Prints rows as plain lines, under a header.

    console (Console): Where to.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.names: list[str] = []
        self.widths: list[int] = []

    def print(self, row: dict[str, Any]) -> None:
        """Print a row, and a header where its columns are others than before.

        row (dict): The row.
        """
        cells = format_row(row)
        if list(cells) != self.names:
            self.names = list(cells)
            self.widths = [max(len(name), 6) for name in cells]
            self._print_line(self.names)
            self._print_line(["-" * width for width in self.widths])
        self._print_line(list(cells.values()))

    def _print_line(self, cells: list[str]) -> None:
        aligned = [
            cell.rjust(width) for cell, width in zip(cells, self.widths, strict=True)
        ]
        self.console.print(
            "  ".join(aligned), markup=False, emoji=False, soft_wrap=True
        )


class Bar:
    """Shows steps, speed and time left below the table.

    console (Console): A terminal.
    """

    def __init__(self, console: Console) -> None:
        columns = ("epoch", "speed", "left")
        epoch, speed, left = (TextColumn(f"{{task.fields[{c}]}}") for c in columns)
        steps = TextColumn("{task.completed:.0f} steps")
        self.progress = Progress(
            epoch, BarColumn(), steps, speed, left, console=console, transient=True
        )
        self.task = self.progress.add_task("", total=None, epoch="", speed="", left="")
        self.progress.start()

    def update(self, progress: TrainingProgress) -> None:
        """Move the bar.

        progress (TrainingProgress): How far training is.
        """
        self.progress.update(
            self.task,
            completed=progress.step,
            total=progress.last_step(),
            epoch=f"epoch {progress.epoch + 1}",
            speed=f"{progress.words_per_second:,.0f} words/s",
            left=f"{format_seconds(progress.seconds_left())} left",
        )

    def close(self) -> None:
        """Take the bar away."""
        self.progress.stop()


def format_row(row: dict[str, Any]) -> dict[str, str]:
    cells = {"EPOCH": str(row["epoch"]), "STEP": str(row["step"])}
    for name, loss in row["losses"].items():
        cells[f"LOSS {name.upper()}"] = f"{loss:.2f}"
    for name, score in row["scores"].items():
        cells[name.upper()] = f"{score:.2f}"
    cells["SCORE"] = f"{100 * row['score']:.2f}"
    cells["BEST"] = f"{100 * row['best_score']:.2f}"
    if "skipped" in row:
        cells["SKIPPED"] = str(row["skipped"])
    cells["WORDS/S"] = f"{row['words_per_second']:,.0f}"
    cells["LEFT"] = format_seconds(row["seconds_left"])
    return cells


def format_seconds(seconds: float | None) -> str:
    return "?" if seconds is None else str(timedelta(seconds=round(seconds)))
