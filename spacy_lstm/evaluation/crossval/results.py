"""Scores, and the files they are in."""

import math
import os
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import srsly

FILE_NAME = "crossval.json"
SCORES = "scores.json"
# It says more of the machine than of the model, and differs each time.
SPEED = "speed"

Fingerprint = dict[str, Any]
Scores = dict[str, float]


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file wholly or not at all.

    path (Path): The file.
    content (Mapping[str, Any]): What is in it.
    """
    temporary = path.with_suffix(".tmp")
    srsly.write_json(temporary, content)
    os.replace(temporary, path)


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that `write_json` wrote.

    path (Path): The file.
    RETURNS (dict[str, Any]): What is in it; nothing if there is no such file.
    """
    try:
        content = srsly.read_json(path)
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_scores(
    folder: Path, fingerprint: Fingerprint, scores: Mapping[str, Any]
) -> None:
    """Write the scores of a fold.

    folder (Path): Folder of the fold.
    fingerprint (dict[str, Any]): Tells what they are scores of.
    scores (Mapping[str, Any]): What `nlp.evaluate` says.
    """
    kept = {name: value for name, value in scores.items() if name != SPEED}
    write_json(folder / SCORES, {"fingerprint": fingerprint, "scores": kept})


def read_scores(folder: Path, fingerprint: Fingerprint) -> Scores | None:
    """Read the scores of a fold.

    folder (Path): Folder of the fold.
    fingerprint (dict[str, Any]): Tells what they should be scores of.
    RETURNS (dict[str, float] | None): Those that are numbers; None if there are none,
        or if they are scores of something else.
    """
    content = read_json(folder / SCORES)
    if content.get("fingerprint") != fingerprint:
        return None
    return {name: x for name, x in content["scores"].items() if is_number(x)}


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def summarize(folds: Sequence[Scores]) -> dict[str, dict[str, Any]]:
    """Put the scores of all folds together.

    folds (Sequence[dict[str, float]]): Scores of each fold.
    RETURNS (dict[str, dict[str, Any]]): For each score its `mean` and its standard
        deviation `std` (of a sample, so that the sum is divided by one less), and its
        values in the `folds`. A fold that doesn't have it counts as missing, and there
        is no deviation of one value.
    """
    names = dict.fromkeys(name for scores in folds for name in scores)
    summary = {}
    for name in names:
        values = [scores[name] for scores in folds if name in scores]
        summary[name] = {
            "mean": statistics.fmean(values),
            "std": statistics.stdev(values) if len(values) > 1 else None,
            "folds": [scores.get(name) for scores in folds],
        }
    return summary
