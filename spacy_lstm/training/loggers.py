"""Training loggers."""

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
from .schedules import pop_unbound_schedules

FILE_NAME = "progress.jsonl"

LogStep = Callable[[dict[str, Any] | None], None]
Logger = Callable[[Language, IO, IO], tuple[LogStep, Callable[[], None]]]


def progress_logger(
    output_file: str | None = None,
    console_output: bool = True,
    progress_bar: bool = True,
) -> Logger:
    """Create a logger that prints a table with a progress bar, and writes JSONL.

    Each evaluation adds a row with epoch, step, loss of each component, the development
    scores in `[training.score_weights]`, their weighted sum, the best sum so far, words
    per second, and the remaining time if the score doesn't improve any more. The number
    of skipped steps is added as soon as there are any. The bar is only shown in a
    terminal. Schedules that depend on the score, such as `spacy-lstm.Plateau.v1`,
    receive it from this logger.

    output_file (str | None): Path of the JSONL file; null for progress.jsonl in the
        output folder of `spacy train`. An existing file is overwritten.
    console_output (bool): Whether to print the table.
    progress_bar (bool): Whether to show the progress bar in a terminal.
    RETURNS (Callable): The logger for `[training.logger]`.
    """

    def setup(
        nlp: Language, stdout: IO = sys.stdout, stderr: IO = sys.stderr
    ) -> tuple[LogStep, Callable[[], None]]:
        progress = TrainingProgress(nlp)
        schedules = pop_unbound_schedules()
        console = Console(file=stdout, highlight=False, quiet=not console_output)
        rows = RowFile(output_file)
        table = Table(console)
        bar = Bar(console) if progress_bar and console.is_terminal else None

        def log_step(info: dict[str, Any] | None) -> None:
            if info is None:
                progress.advance()
            else:
                row = progress.record_evaluation(info)
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

    path (str | None): Path of the file; None for a file next to the saved model.
    """

    def __init__(self, path: str | None) -> None:
        self.path = Path(path) if path else None
        self.stream: IO | None = None

    def write(self, row: dict[str, Any], model_path: str | None) -> None:
        """Write a row, if there is a path or an output folder.

        row (dict): The row.
        model_path (str | None): Folder that the model was just saved to.
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
    """Prints rows as plain text, below a header.

    console (Console): The console to print to.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.names: list[str] = []
        self.widths: list[int] = []

    def print(self, row: dict[str, Any]) -> None:
        """Print a row, with a new header if the columns have changed.

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
    """Shows steps, speed and remaining time below the table.

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
        """Update the bar.

        progress (TrainingProgress): The current progress.
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
        """Remove the bar."""
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
