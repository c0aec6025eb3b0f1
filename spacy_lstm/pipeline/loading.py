"""Checks of a saved component before it takes the place of the present one."""

from collections.abc import Iterable
from pathlib import Path

import srsly
from spacy.pipeline import TrainablePipe

from ..errors import Errors


def read_saved_component(path: Path, exclude: Iterable[str]) -> dict[str, bytes]:
    """Read the files of a component that was saved to disk.

    path (Path): Its folder.
    exclude (Iterable[str]): Names of files to leave out.
    RETURNS (dict[str, bytes]): Contents by name; a file that is missing is left out.
    """
    names = [name for name in ("cfg", "model") if name not in exclude]
    return {
        name: (path / name).read_bytes() for name in names if (path / name).exists()
    }


def check_saved_component(
    pipe: TrainablePipe,
    source: str,
    saved: dict[str, bytes],
    exclude: Iterable[str] = (),
) -> None:
    """Load a saved component on trial, into a copy.

    pipe (TrainablePipe): The component that will load it; it is not changed.
    source (str): Where it comes from, for the message.
    saved (dict[str, bytes]): Its parts, "cfg" and "model".
    exclude (Iterable[str]): Parts that are not loaded.
    RAISES (ValueError): If a part is missing or damaged, belongs to another network,
        or was made for other labels.
    """
    labels = list(pipe.labels)
    # Damaged bytes fail in as many ways as there are bytes.
    try:
        if "cfg" not in exclude:
            labels = list(srsly.json_loads(saved["cfg"])["labels"])
    except Exception as error:
        raise damaged(pipe, source, error) from error
    if pipe.labels and set(pipe.labels) != set(labels):
        message = Errors.L031.format(
            name=pipe.name, source=source, saved=labels, labels=list(pipe.labels)
        )
        raise ValueError(message)
    try:
        if "model" not in exclude:
            model = pipe.model.copy().from_bytes(saved["model"])
            outputs = model.maybe_get_dim("nO")
            if outputs not in (None, len(labels)):
                raise ValueError(f"it has {outputs} outputs for the labels {labels}")
    except Exception as error:
        raise damaged(pipe, source, error) from error


def damaged(pipe: TrainablePipe, source: str, error: Exception) -> ValueError:
    is_missing = isinstance(error, KeyError)
    reason = f"the part {error} is missing" if is_missing else error
    return ValueError(Errors.L030.format(name=pipe.name, source=source, reason=reason))
