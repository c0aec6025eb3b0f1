"""Training curves, drawn from the logs of training runs."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ..errors import Errors

N_COLUMNS = 3
SPEED, LEARN_RATE = "words per second", "learning rate"

Row = dict[str, Any]
Curve = list[tuple[int, float]]


def read_log(path: Path) -> list[Row]:
    """Read a training log written by `spacy-lstm.ProgressLogger.v1` or spaCy's own
    logger.

    path (Path): A JSONL file.
    RETURNS (list[dict]): The rows.
    RAISES (ValueError): If the file can't be read, a line is invalid, or there are no
        rows.
    """
    try:
        text = path.read_text("utf8", errors="replace")
    except OSError as error:
        message = Errors.L083.format(path=path, reason=error.strerror)
        raise ValueError(message) from None
    text = text.rstrip("\n")
    rows: list[Row] = []
    for number, line in enumerate(text.split("\n") if text else [], start=1):
        row = parse(line)
        if not is_row(row, after=rows[-1]["step"] if rows else -1):
            raise ValueError(Errors.L084.format(path=path, number=number))
        rows.append(row)
    if not read_curves(rows):
        raise ValueError(Errors.L085.format(path=path))
    return rows


def parse(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def is_row(value: Any, after: int) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("step"), int)
        and value["step"] > after
        and isinstance(value.get("losses"), dict)
        and isinstance(value.get("scores"), dict)
    )


def name_runs(paths: Sequence[Path]) -> list[str]:
    """Name training runs after the folders of their logs.

    paths (Sequence[Path]): The paths of the logs, without duplicates.
    RETURNS (list[str]): Names of the folders if they are unique. Otherwise, names of
        folder and file, or the full paths.
    """
    absolute = [path.absolute() for path in paths]
    folders = [path.parent.name for path in absolute]
    files = [f"{path.parent.name}/{path.name}" for path in absolute]
    for names in (folders, files):
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in absolute]


def read_curves(rows: Sequence[Row]) -> dict[tuple[str, str], Curve]:
    """Collect the values of each quantity in a log.

    rows (Sequence[dict]): The rows of a log.
    RETURNS (dict[tuple[str, str], list[tuple[int, float]]]): Pairs of step and value,
        by kind and name of the quantity. Losses are averaged per step, since logs
        contain the sum since the previous row.
    """
    curves: dict[tuple[str, str], Curve] = {}
    steps = [-1, *(row["step"] for row in rows)]
    for row, (before, step) in zip(rows, pairwise(steps), strict=True):
        values = {
            **{("loss", k): divide(v, step - before) for k, v in row["losses"].items()},
            **{("score", name): value for name, value in row["scores"].items()},
            ("total", "score"): row.get("score"),
            ("speed", SPEED): row.get("words_per_second"),
            ("rate", LEARN_RATE): row.get("learn_rate"),
        }
        for key, value in values.items():
            if isinstance(value, int | float) and math.isfinite(value):
                curves.setdefault(key, []).append((step, float(value)))
    return curves


def divide(loss: Any, n_steps: int) -> float | None:
    return loss / n_steps if isinstance(loss, int | float) else None


@rc_context({"text.parse_math": False})
def draw_curves(runs: Mapping[str, Sequence[Row]]) -> Figure:
    """Draw losses, scores, speed and learning rate of training runs.

    runs (Mapping[str, Sequence[dict]]): The rows of each run, by name.
    RETURNS (Figure): A figure with a panel for each quantity that occurs in any run.
    """
    curves = [read_curves(rows) for rows in runs.values()]
    kinds = ("loss", "score", "total", "speed", "rate")
    found = dict.fromkeys(key for run in curves for key in run)
    keys = sorted(found, key=lambda key: kinds.index(key[0]))
    n_columns = min(N_COLUMNS, len(keys))
    n_rows = math.ceil(len(keys) / n_columns)
    figure = Figure(figsize=(4.2 * n_columns, 2.8 * n_rows + 0.5), layout="constrained")
    colors = pick_colors(len(curves))
    for number, key in enumerate(keys, start=1):
        axes = figure.add_subplot(n_rows, n_columns, number)
        draw_panel(axes, key, [run.get(key, []) for run in curves], colors)
    names = list(runs)
    handles = [Line2D([], [], color=color) for color in colors]
    figure.legend(handles, names, loc="outside lower center", ncols=4, frameon=False)
    return figure


def draw_panel(
    axes: Axes,
    key: tuple[str, str],
    curves: Iterable[Curve],
    colors: Sequence[Any],
) -> None:
    """Draw one quantity of all runs.

    axes (Axes): The axes to draw on.
    key (tuple[str, str]): Kind and name of the quantity.
    curves (Iterable[list[tuple[int, float]]]): Pairs of step and value of each run.
    colors (Sequence): Color of each run.
    """
    kind, name = key
    drawn = [(c, color) for c, color in zip(curves, colors, strict=True) if c]
    for curve, color in drawn:
        steps, values = zip(*curve, strict=True)
        axes.plot(steps, values, color=color, marker=".", markersize=3, linewidth=1.2)
        if kind == "total":
            best = max(range(len(values)), key=values.__getitem__)
            axes.plot(steps[best], values[best], color=color, marker="o")
    axes.ticklabel_format(useOffset=False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if kind == "loss" and any(value > 0 for curve, _ in drawn for _, value in curve):
        axes.set_yscale("log")
    elif kind in ("score", "total"):
        set_score_limits(axes, [curve for curve, _ in drawn])
    elif kind in ("speed", "rate"):
        axes.set_ylim(bottom=0)
    titles = {"loss": f"loss of {name} per step", "total": "score (dot: best)"}
    axes.set_title(titles.get(kind, name), fontsize=10)
    axes.set_xlabel("step", fontsize=8)
    axes.tick_params(labelsize=8, which="both")
    axes.grid(alpha=0.3)


def set_score_limits(axes: Axes, curves: Iterable[Curve]) -> None:
    """Set the limits of the y-axis, ignoring scores before training.

    axes (Axes): Axes with scores.
    curves (Iterable[list[tuple[int, float]]]): Pairs of step and score of each run.
    """
    trained = [value for curve in curves for step, value in curve if step > 0]
    if trained:
        low, high = min(trained), max(trained)
        margin = 0.05 * (high - low) or 0.01
        axes.set_ylim(low - margin, high + margin)


def pick_colors(n: int) -> list[Any]:
    """Pick distinguishable colors.

    n (int): Number of colors.
    RETURNS (list): The colors.
    """
    few = colormaps["tab10"]
    if n <= few.N:
        return [few(i) for i in range(n)]
    return [colormaps["turbo"](i / (n - 1)) for i in range(n)]
