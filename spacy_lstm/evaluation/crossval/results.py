"""Scores of cross-validations, and the files that contain them."""

import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import srsly

from ...atomic import write_files

FILE_NAME = "crossval.json"
SCORES = "scores.json"
# Excluded, since the speed depends on the machine and differs between runs.
SPEED = "speed"

Fingerprint = dict[str, Any]
Scores = dict[str, float]


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file atomically.

    path (Path): The file.
    content (Mapping[str, Any]): The content.
    """
    write_files({path: srsly.json_dumps(content, indent=2).encode("utf8")})


def read_json(path: Path) -> dict[str, Any]:
    """Read a file written by `write_json`.

    path (Path): The file.
    RETURNS (dict[str, Any]): The content, empty if the file is missing or invalid.
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
    fingerprint (dict[str, Any]): Identifies the settings that the scores belong to.
    scores (Mapping[str, Any]): The result of `nlp.evaluate`.
    """
    kept = {name: value for name, value in scores.items() if name != SPEED}
    write_json(folder / SCORES, {"fingerprint": fingerprint, "scores": kept})


def read_scores(folder: Path, fingerprint: Fingerprint) -> Scores | None:
    """Read the scores of a fold.

    folder (Path): Folder of the fold.
    fingerprint (dict[str, Any]): The expected fingerprint.
    RETURNS (dict[str, float] | None): The numeric scores, or None if there are no
        scores with this fingerprint.
    """
    content = read_json(folder / SCORES)
    if content.get("fingerprint") != fingerprint:
        return None
    return {name: x for name, x in content["scores"].items() if is_number(x)}


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def summarize(folds: Sequence[Scores]) -> dict[str, dict[str, Any]]:
    """Summarize the scores of all folds.

    folds (Sequence[dict[str, float]]): Scores of each fold.
    RETURNS (dict[str, dict[str, Any]]): The `mean`, the sample standard deviation `std`
        and the values of all `folds`, by score. Values are None for folds without the
        score, and `std` is None if there is only one value.
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
