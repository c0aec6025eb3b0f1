"""Training configs of cross-validations."""

import traceback
from configparser import Error as ConfigParserError
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.util import (
    import_file,
    load_config,
    load_model_from_config,
    registry,
)
from thinc.api import Config

from ...errors import Errors, one_line

CORPORA = {"train": "train_corpus", "dev": "dev_corpus"}


def load_code(path: Path | None) -> None:
    """Import a Python file with registered functions.

    path (Path | None): The file, if there is one.
    RAISES (ValueError): If the file doesn't exist or raises an error.
    """
    if path is None:
        return
    if not path.is_file():
        expected = "a Python file with registered functions that the config uses"
        raise ValueError(Errors.L065.format(path=path, expected=expected))
    if path.suffix != ".py":
        reason = "its name doesn't end in .py"
        raise ValueError(Errors.L107.format(path=path, reason=reason))
    try:
        import_file("python_code", path.absolute())
    # Custom code can raise any exception.
    except Exception as error:
        reason = one_line(error) + find_line(error, path)
        raise ValueError(Errors.L107.format(path=path, reason=reason)) from None


def find_line(error: Exception, path: Path) -> str:
    """RETURNS (str): The line of the file that raised an error, or ""."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path.absolute())]
    return f", in line {lines[-1]}" if lines else ""


def read_config(path: Path, overrides: dict[str, Any]) -> Config:
    """Read a training config.

    path (Path): The config file.
    overrides (dict[str, Any]): Settings to override, as in `spacy train`.
    RETURNS (Config): The config, not interpolated.
    RAISES (ValueError): If the file doesn't exist or is not a valid config.
    """
    if not path.is_file():
        expected = "a config, as written by `spacy lstm init-config`"
        raise ValueError(Errors.L065.format(path=path, expected=expected))
    try:
        return load_config(path, overrides=overrides)
    except (ConfigParserError, OSError, ValueError) as error:
        message = Errors.L070.format(name=path, reason=one_line(error))
        raise ValueError(message) from None


def with_corpora(config: Config, train: Path, dev: Path) -> Config:
    """Set the paths of the corpora in a config.

    config (Config): The config, not interpolated.
    train (Path): The .spacy file for training.
    dev (Path): The .spacy file for selecting the best step.
    RETURNS (Config): A modified copy.
    RAISES (ValueError): If a corpus reader has no path.
    """
    config = config.copy()
    for name, path in {"train": train, "dev": dev}.items():
        config.setdefault("paths", {})[name] = str(path)
        # By default, spaCy reads the corpora from [paths].
        if "corpora" not in config:
            continue
        key = config.get("training", {}).get(CORPORA[name], f"corpora.{name}")
        reader: Any = config
        for part in key.split("."):
            reader = reader.get(part, {})
        if "path" not in reader:
            raise ValueError(f"[{key}] has no path")
        reader["path"] = str(path)
    return config


def make_pipeline(config: Config, path: Path, data: Path) -> Language:
    """Create the pipeline of a config and validate the config.

    config (Config): The config.
    path (Path): Path that the config was loaded from.
    data (Path): Annotated documents.
    RETURNS (Language): The pipeline, before initialization.
    RAISES (ValueError): If the pipeline can't be created.
    """
    try:
        nlp = load_model_from_config(with_corpora(config, data, data), auto_fill=True)
        training = nlp.config.interpolate()["training"]
        registry.resolve(training, schema=ConfigSchemaTraining)
    # Registered functions of the config can raise any exception.
    except Exception as error:
        message = Errors.L070.format(name=path, reason=one_line(error))
        raise ValueError(message) from None
    return nlp
