"""Configs that are trained on other documents than they name."""

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
    """Make the functions known that a config names.

    path (Path | None): A Python file, if there is one.
    RAISES (ValueError): If it can't be run.
    """
    if path is None:
        return
    if not path.is_file():
        expected = "a Python file with functions that the config names"
        raise ValueError(Errors.L065.format(path=path, expected=expected))
    if path.suffix != ".py":
        reason = "its name doesn't end in .py"
        raise ValueError(Errors.L107.format(path=path, reason=reason))
    try:
        import_file("python_code", path.absolute())
    # A user's code can raise whatever it likes.
    except Exception as error:
        reason = one_line(error) + find_line(error, path)
        raise ValueError(Errors.L107.format(path=path, reason=reason)) from None


def find_line(error: Exception, path: Path) -> str:
    """RETURNS (str): Which line of a file an error comes from, if it is one."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path.absolute())]
    return f", in line {lines[-1]}" if lines else ""


def read_config(path: Path, overrides: dict[str, Any]) -> Config:
    """Read a config for training.

    path (Path): The file.
    overrides (dict[str, Any]): Settings to change, as by `spacy train`.
    RETURNS (Config): The config, with variables as they are.
    RAISES (ValueError): If there is no such file, or it is no config.
    """
    if not path.is_file():
        expected = "a config, as `spacy lstm init-config` writes it"
        raise ValueError(Errors.L065.format(path=path, expected=expected))
    try:
        return load_config(path, overrides=overrides)
    except (ConfigParserError, OSError, ValueError) as error:
        message = Errors.L070.format(name=path, reason=one_line(error))
        raise ValueError(message) from None


def with_corpora(config: Config, train: Path, dev: Path) -> Config:
    """Have a config read other documents.

    config (Config): The config, with variables as they are.
    train (Path): The .spacy file to learn from.
    dev (Path): The .spacy file to choose the best step by.
    RETURNS (Config): A changed copy.
    RAISES (ValueError): If the reader of its documents has no path.
    """
    config = config.copy()
    for name, path in {"train": train, "dev": dev}.items():
        config.setdefault("paths", {})[name] = str(path)
        # Without a section of its own, spaCy's default reads this path.
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
    """Make the pipeline of a config, which checks the config.

    config (Config): The config.
    path (Path): Where it comes from.
    data (Path): Annotated documents.
    RETURNS (Language): The pipeline, before it is initialized.
    RAISES (ValueError): If it can't be made.
    """
    try:
        nlp = load_model_from_config(with_corpora(config, data, data), auto_fill=True)
        training = nlp.config.interpolate()["training"]
        registry.resolve(training, schema=ConfigSchemaTraining)
    # Whatever a config names can raise whatever it likes.
    except Exception as error:
        message = Errors.L070.format(name=path, reason=one_line(error))
        raise ValueError(message) from None
    return nlp
