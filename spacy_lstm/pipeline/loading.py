"""Loading of a saved component, once it is known to be whole."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import srsly
from spacy.pipeline import TrainablePipe
from spacy.util import SimpleFrozenList, ensure_path
from spacy.vocab import Vocab
from thinc.api import Model

from ..errors import Errors
from ..models.checks import is_number
from .exclusivity import is_exclusive

# Where `cfg` holds the checksum of the component.
CHECKSUM = "sha256"
SMALLEST = 1e-6


class CheckedLoading(TrainablePipe):
    """A component that saves a checksum, and tries what it loads on a copy first."""

    cfg: dict[str, Any]

    def _n_outputs(self, labels: Sequence[str]) -> int | None:
        return len(labels)

    def to_bytes(self, *, exclude: Iterable[str] = SimpleFrozenList()) -> bytes:
        """Serialize the component.

        exclude (Iterable[str]): Names of parts to leave out.
        RETURNS (bytes): Its settings, with a checksum of settings and model; the model;
            and the vocabulary.
        """
        saved = srsly.msgpack_loads(super().to_bytes(exclude=exclude))
        if "cfg" in saved and "model" in saved:
            saved["cfg"] = with_checksum(saved["cfg"], saved["model"])
        return srsly.msgpack_dumps(saved)

    def to_disk(
        self, path: str | Path, *, exclude: Iterable[str] = SimpleFrozenList()
    ) -> None:
        """Save the component to disk.

        path (str | Path): Its folder.
        exclude (Iterable[str]): Names of parts to leave out.
        """
        super().to_disk(path, exclude=exclude)
        if "cfg" not in exclude and "model" not in exclude:
            cfg, model = (cast(Path, ensure_path(path)) / n for n in ("cfg", "model"))
            cfg.write_bytes(with_checksum(cfg.read_bytes(), model.read_bytes()))

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
        super().from_bytes(bytes_data, exclude=exclude)
        self.cfg.pop(CHECKSUM, None)
        return self

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
        super().from_disk(path, exclude=exclude)
        self.cfg.pop(CHECKSUM, None)
        return self

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
            settings = json.loads(saved["cfg"])
            labels = read_labels(settings) if pipe.cfg else []
            check_temperature(settings.get("temperature", 1.0))
            if "model" not in exclude:
                check_checksum(settings, saved["model"])
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
            check_parameters(model)
            outputs, expected = model.maybe_get_dim("nO"), pipe._n_outputs(labels)
            if None not in (outputs, expected) and outputs != expected:
                raise ValueError(f"it has {outputs} outputs for the labels {labels}")
            if is_exclusive(model) != is_exclusive(pipe.model):
                raise ValueError("it was made for the other kind of text categorizer")
        if "vocab" in saved and "vocab" not in exclude:
            Vocab().from_bytes(saved["vocab"])
    except Exception as error:
        raise damaged(pipe, source, error) from error


def with_checksum(cfg: bytes, model: bytes) -> bytes:
    settings = json.loads(cfg)
    settings[CHECKSUM] = find_checksum(settings, model)
    return srsly.json_dumps(settings).encode("utf8")


def find_checksum(settings: dict[str, Any], model: bytes) -> str:
    """Hash the settings of a component, its labels in their order, and its model.

    settings (dict[str, Any]): What it saves as `cfg`.
    model (bytes): Its model.
    RETURNS (str): Their SHA-256.
    """
    own = {name: value for name, value in settings.items() if name != CHECKSUM}
    return sha256(json.dumps(own).encode("utf8") + model).hexdigest()


def check_checksum(settings: dict[str, Any], model: bytes) -> None:
    # Version 0.1 saved none.
    expected = settings.get(CHECKSUM)
    if expected is not None and expected != find_checksum(settings, model):
        raise ValueError("settings, labels or weights are not those that were saved")


def check_temperature(temperature: Any) -> None:
    if not is_number(temperature) or not SMALLEST <= temperature <= 1 / SMALLEST:
        raise ValueError(f"its temperature is {temperature!r}")


def check_parameters(model: Model) -> None:
    """Check the parameters that Thinc's own layers hold, as far as they can be checked.

    model (Model): The model that was loaded.
    RAISES (ValueError): If one has numbers that are not finite, or is missing.
    """
    for node in model.walk():
        present = [name for name in node.param_names if node.has_param(name)]
        if present and len(present) < len(node.param_names):
            raise ValueError(f"the layer {node.name} has the parameters {present} only")
        for name in present:
            if not node.ops.xp.isfinite(node.get_param(name)).all():
                raise ValueError(f"{node.name} contains NaN or infinity")


def read_labels(settings: dict[str, Any]) -> list[str]:
    is_table = "labels_morph" in settings
    labels = list(settings["labels_morph"]) if is_table else settings["labels"]
    is_list = isinstance(labels, list)
    if not is_list or not all(isinstance(label, str) for label in labels):
        raise ValueError(f"its labels are {labels!r}, which is no list of strings")
    if len(set(labels)) < len(labels) or "" in labels:
        raise ValueError(f"its labels are {labels!r}, of which some are equal or empty")
    return labels


def damaged(pipe: TrainablePipe, source: str, error: Exception) -> ValueError:
    is_missing = isinstance(error, KeyError)
    reason = f"the part {error} is missing" if is_missing else str(error).rstrip(".")
    return ValueError(Errors.L030.format(name=pipe.name, source=source, reason=reason))
