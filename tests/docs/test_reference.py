"""docs/reference.md against the code."""

import inspect
import re
import typing
from collections.abc import Callable
from pathlib import Path
from types import UnionType
from typing import Any

import pytest
import spacy
import srsly
from spacy.language import Language
from spacy.util import registry
from thinc.api import Model

from ..test_package import registered

ROOT = Path(__file__).parents[2]
GIVEN_BY_SPACY = ("nlp", "name")


def describe_type(annotation: Any) -> str:
    if typing.get_origin(annotation) in (UnionType, typing.Union):
        return " or ".join(map(describe_type, typing.get_args(annotation)))
    if annotation is type(None):
        return "`null`"
    origin = typing.get_origin(annotation)
    if origin not in (list, Model, dict):
        return f"`{(origin or annotation).__name__}`"
    names = {list: "List", Model: "Model", dict: "Dict"}
    arguments = ", ".join(
        describe_type(part).replace("`", "") for part in typing.get_args(annotation)
    )
    return f"`{names[origin]}[{arguments}]`"


def arguments_of(group: str, name: str) -> dict[str, tuple[str, str]]:
    """Type and default of each argument, as the tables have them."""
    function: Callable = registry.get(group, name)
    meta = Language.get_factory_meta(name) if group == "factories" else None
    rows = {}
    for argument in inspect.signature(function).parameters.values():
        if argument.name in GIVEN_BY_SPACY and meta is not None:
            continue
        default = argument.default
        if meta is not None:
            default = meta.default_config.get(argument.name, default)
        is_plain = not isinstance(default, dict) and default is not argument.empty
        cell = f"`{srsly.json_dumps(default)}`" if is_plain else ""
        rows[argument.name] = (describe_type(argument.annotation), cell)
    return rows


def documented(name: str) -> dict[str, tuple[str, str]]:
    text = (ROOT / "docs" / "reference.md").read_text("utf8")
    (section,) = (
        part
        for part in re.split(r"(?m)^## ", text)[1:]
        if f"`{name}`" in part.splitlines()[0]
    )
    rows = re.findall(r"(?m)^\| `(\w+)` \| (.*?) \| (.*?) ?\| .* \|$", section)
    return {argument: (kind, default) for argument, kind, default in rows}


@pytest.mark.parametrize(("group", "name"), registered())
def test_that_the_reference_is_that_of_the_code(group: str, name: str) -> None:
    spacy.blank("en")  # finds the factories
    assert documented(name) == arguments_of(group, name)
