"""Saving with a checksum, and loading that checks everything first."""

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

# Key of the checksum in `cfg`.
CHECKSUM = "sha256"
SMALLEST = 1e-6


class CheckedLoading(TrainablePipe):
    """A component that saves a checksum and loads into a copy of the model first."""

    cfg: dict[str, Any]

    def _n_outputs(self, labels: Sequence[str]) -> int | None:
        return len(labels)

    def _check_model(self, model: Model) -> None:
        """Refuse a saved model that was made for another component, if there is any."""

    def to_bytes(self, *, exclude: Iterable[str] = SimpleFrozenList()) -> bytes:
        """Serialize the component.

        exclude (Iterable[str]): Names of fields to exclude.
        RETURNS (bytes): Its settings with a checksum, its model and the vocabulary.
        """
        saved = srsly.msgpack_loads(super().to_bytes(exclude=exclude))
        if "cfg" in saved and "model" in saved:
            saved["cfg"] = with_checksum(saved["cfg"], saved["model"])
        return srsly.msgpack_dumps(saved)

    def to_disk(
        self, path: str | Path, *, exclude: Iterable[str] = SimpleFrozenList()
    ) -> None:
        """Save the component to disk.

        path (str | Path): A path to a directory.
        exclude (Iterable[str]): Names of fields to exclude.
        """
        super().to_disk(path, exclude=exclude)
        if "cfg" not in exclude and "model" not in exclude:
            cfg, model = (cast(Path, ensure_path(path)) / n for n in ("cfg", "model"))
            cfg.write_bytes(with_checksum(cfg.read_bytes(), model.read_bytes()))

    def from_bytes(
        self, bytes_data: bytes, *, exclude: Iterable[str] = SimpleFrozenList()
    ) -> "CheckedLoading":
        """Load the component from bytes. If that fails, the component doesn't change.

        bytes_data (bytes): The return value of `to_bytes`.
        exclude (Iterable[str]): Names of fields to exclude.
        RETURNS (TrainablePipe): The component itself.
        RAISES (ValueError): If the bytes are damaged or belong to other labels.
        """
        check_saved_component(self, "the bytes", read_bytes(self, bytes_data), exclude)
        super().from_bytes(bytes_data, exclude=exclude)
        self.cfg.pop(CHECKSUM, None)
        return self

    def from_disk(
        self, path: str | Path, *, exclude: Iterable[str] = SimpleFrozenList()
    ) -> "CheckedLoading":
        """Load the component from disk. If that fails, the component doesn't change.

        path (str | Path): A path to a directory.
        exclude (Iterable[str]): Names of fields to exclude.
        RETURNS (TrainablePipe): The component itself.
        RAISES (ValueError): If files are missing or damaged, or belong to other labels.
        """
        path = cast(Path, ensure_path(path))
        saved = read_saved_component(self, path, exclude)
        check_saved_component(self, str(path), saved, exclude)
        super().from_disk(path, exclude=exclude)
        self.cfg.pop(CHECKSUM, None)
        return self

    def __setstate__(self, state: Any) -> None:
        """Restore a pickled component.

        state (Any): Its attributes, as pickled by TrainablePipe. Arrays in out-of-band
            buffers, as used by Ray and joblib, may be read-only, and are copied.
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

    pipe (TrainablePipe): The component that will load it.
    path (Path): A path to a directory.
    exclude (Iterable[str]): Names of files to exclude.
    RETURNS (dict[str, bytes]): Contents by name, without missing files.
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
    """Read the fields of a component that was saved to bytes.

    pipe (TrainablePipe): The component that will load it.
    bytes_data (bytes): The return value of `to_bytes`.
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
    """Check a saved component by loading it into a copy.

    pipe (TrainablePipe): The component that will load it.
    source (str): Where it comes from, for error messages.
    saved (dict[str, bytes]): Its fields "cfg" and "model".
    exclude (Iterable[str]): Fields that will not be loaded.
    RAISES (ValueError): If a field is missing or damaged, or belongs to another network
        or other labels.
    """
    labels = list(pipe.labels)
    # Damaged bytes can raise any error.
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
            pipe._check_model(model)
        if "vocab" in saved and "vocab" not in exclude:
            Vocab().from_bytes(saved["vocab"])
    except Exception as error:
        raise damaged(pipe, source, error) from error


def with_checksum(cfg: bytes, model: bytes) -> bytes:
    settings = json.loads(cfg)
    settings[CHECKSUM] = find_checksum(settings, model)
    return srsly.json_dumps(settings).encode("utf8")


def find_checksum(settings: dict[str, Any], model: bytes) -> str:
    """Hash the settings of a component, with its ordered labels, and its model.

    settings (dict[str, Any]): The saved `cfg`.
    model (bytes): The saved model.
    RETURNS (str): The SHA-256 digest in hexadecimal.
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
    """Check the parameters of Thinc's own layers.

    model (Model): The loaded model.
    RAISES (ValueError): If a parameter is missing, or contains NaN or infinity.
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
        raise ValueError(f"its labels are {labels!r}, not a list of strings")
    if len(set(labels)) < len(labels) or "" in labels:
        raise ValueError(f"its labels are {labels!r}, some of which are equal or empty")
    return labels


def damaged(pipe: TrainablePipe, source: str, error: Exception) -> ValueError:
    is_missing = isinstance(error, KeyError)
    reason = f"the part {error} is missing" if is_missing else str(error).rstrip(".")
    return ValueError(Errors.L030.format(name=pipe.name, source=source, reason=reason))
