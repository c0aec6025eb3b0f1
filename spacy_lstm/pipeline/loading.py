"""Loading of a saved component, once it is known to be whole."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import srsly
from spacy.pipeline import TrainablePipe
from spacy.util import SimpleFrozenList, ensure_path
from spacy.vocab import Vocab

from ..errors import Errors
from .exclusivity import is_exclusive


class CheckedLoading(TrainablePipe):
    """A component that tries what it loads on a copy first."""

    def _n_outputs(self, labels: Sequence[str]) -> int:
        return len(labels)

    def from_bytes(
        self, bytes_data: bytes, *, exclude: Iterable[str] = SimpleFrozenList()
    ) -> "CheckedLoading":
        """Load the component from bytes; it is left as it was where that fails.

        bytes_data (bytes): What `to_bytes` returned.
        exclude (Iterable[str]): Names of parts to leave out.
        RETURNS (TrainablePipe): The component itself.
        RAISES (ValueError): If the bytes are damaged or were made for other labels.
        """
        check_saved_component(self, "the bytes", read_bytes(self, bytes_data), exclude)
        return super().from_bytes(bytes_data, exclude=exclude)

    def from_disk(
        self, path: str | Path, *, exclude: Iterable[str] = SimpleFrozenList()
    ) -> "CheckedLoading":
        """Load the component from disk; it is left as it was where that fails.

        path (str | Path): Its folder.
        exclude (Iterable[str]): Names of parts to leave out.
        RETURNS (TrainablePipe): The component itself.
        RAISES (ValueError): If files are missing or damaged or were made for other
            labels.
        """
        path = cast(Path, ensure_path(path))
        saved = read_saved_component(self, path, exclude)
        check_saved_component(self, str(path), saved, exclude)
        return super().from_disk(path, exclude=exclude)

    def __setstate__(self, state: Any) -> None:
        """Restore a pickled component.

        state (Any): Its attributes, as TrainablePipe pickles them. Arrays in buffers
            outside of the pickle, which other processes share, may be read-only.
        """
        super().__setstate__(state)  # type: ignore[misc]
        for node in self.model.walk():
            for name in node.param_names:
                if node.has_param(name):
                    node.set_param(name, node.get_param(name).copy())
                if node.has_grad(name):
                    node.set_grad(name, node.get_grad(name).copy())


def read_saved_component(
    pipe: TrainablePipe, path: Path, exclude: Iterable[str]
) -> dict[str, bytes]:
    """Read the files of a component that was saved to disk.

    pipe (TrainablePipe): The component that will load it; it is not changed.
    path (Path): Its folder.
    exclude (Iterable[str]): Names of files to leave out.
    RETURNS (dict[str, bytes]): Contents by name; a file that is missing is left out.
    RAISES (ValueError): If there is a vocabulary that can't be read.
    """
    vocab = path / "vocab"
    if "vocab" not in exclude and vocab.exists():
        try:
            Vocab().from_disk(vocab)
        except Exception as error:
            raise damaged(pipe, str(vocab), error) from error
    names = [name for name in ("cfg", "model") if name not in exclude]
    return {
        name: (path / name).read_bytes() for name in names if (path / name).exists()
    }


def read_bytes(pipe: TrainablePipe, bytes_data: bytes) -> dict[str, bytes]:
    """Read the parts of a component that was saved to bytes.

    pipe (TrainablePipe): The component that will load it; it is not changed.
    bytes_data (bytes): What `to_bytes` returned.
    RETURNS (dict[str, bytes]): Contents by name.
    RAISES (ValueError): If they can't be read.
    """
    try:
        return srsly.msgpack_loads(bytes_data)
    except Exception as error:
        raise damaged(pipe, "the bytes", error) from error


def check_saved_component(
    pipe: CheckedLoading,
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
            labels = read_labels(saved["cfg"])
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
            if outputs not in (None, pipe._n_outputs(labels)):
                raise ValueError(f"it has {outputs} outputs for the labels {labels}")
            if is_exclusive(model) != is_exclusive(pipe.model):
                raise ValueError("it was made for the other kind of text categorizer")
        if "vocab" in saved and "vocab" not in exclude:
            Vocab().from_bytes(saved["vocab"])
    except Exception as error:
        raise damaged(pipe, source, error) from error


def read_labels(cfg: bytes) -> list[str]:
    settings = srsly.json_loads(cfg)
    is_table = "labels_morph" in settings
    labels = list(settings["labels_morph"]) if is_table else settings["labels"]
    is_list = isinstance(labels, list)
    if not is_list or not all(isinstance(label, str) for label in labels):
        raise ValueError(f"its labels are {labels!r}, which is no list of strings")
    return labels


def damaged(pipe: TrainablePipe, source: str, error: Exception) -> ValueError:
    is_missing = isinstance(error, KeyError)
    reason = f"the part {error} is missing" if is_missing else str(error).rstrip(".")
    return ValueError(Errors.L030.format(name=pipe.name, source=source, reason=reason))
