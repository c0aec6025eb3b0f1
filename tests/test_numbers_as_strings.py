"""Numbers that a config gives as strings, such as "0.1", to anything registered."""

import inspect
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from typing import Any

import pytest
import spacy
from spacy.util import registry

from spacy_lstm.pipeline.tok2vec import DEFAULT_TOK2VEC

KINDS = {
    "spacy_architectures": "architectures",
    "spacy_augmenters": "augmenters",
    "spacy_callbacks": "callbacks",
    "thinc_schedules": "schedules",
}
# What functions need, besides the argument that is a string.
NEEDED: dict[str, Any] = {
    "attrs": ["NORM"],
    "corpus": {
        "@readers": "spacy.Corpus.v1",
        "path": "corpus.spacy",
        "gold_preproc": False,
        "max_length": 0,
        "limit": 0,
        "augmenter": None,
    },
    "depth": 1,
    "embed": DEFAULT_TOK2VEC["embed"],
    "exclusive_classes": True,
    "hidden": 8,
    "level": 0.5,
    "rate": 0.1,
    "rows": [10],
    "synonyms": {"big": ["large"]},
    "tok2vec": DEFAULT_TOK2VEC,
    "width": 8,
}


def find_numbers(function: Callable) -> Iterator[str]:
    for parameter in inspect.signature(function).parameters.values():
        if any(kind in str(parameter.annotation) for kind in ("int", "float")):
            yield parameter.name


def find_registered() -> Iterator[tuple[str, str, str]]:
    for entry in distribution("spacy-lstm").entry_points:
        if entry.group in KINDS:
            kind = KINDS[entry.group]
            for argument in find_numbers(registry.get(kind, entry.name)):
                yield kind, entry.name, argument


def find_component_settings() -> Iterator[tuple[str, str]]:
    for entry in distribution("spacy-lstm").entry_points:
        if entry.group == "spacy_factories":
            # Loading it registers the factory.
            for argument in find_numbers(entry.load()):
                yield entry.name, argument


@pytest.mark.parametrize("value", ["0.1", "1"])
@pytest.mark.parametrize(("kind", "name", "argument"), list(find_registered()))
def test_arguments(kind: str, name: str, argument: str, value: str) -> None:
    signature = inspect.signature(registry.get(kind, name)).parameters
    settings = {
        key: NEEDED[key]
        for key, parameter in signature.items()
        if parameter.default is parameter.empty and key in NEEDED
    }
    block = {f"@{kind}": name, **settings, argument: value}
    with pytest.raises(ValueError, match=argument) as raised:
        registry.resolve({"block": block})
    assert value in str(raised.value)


@pytest.mark.parametrize("value", ["0.1", "1"])
@pytest.mark.parametrize(("factory", "setting"), list(find_component_settings()))
def test_settings_of_components(factory: str, setting: str, value: str) -> None:
    with pytest.raises(ValueError, match=setting) as raised:
        spacy.blank("en").add_pipe(factory, config={setting: value})
    assert value in str(raised.value)


def test_numbers_within_lists_and_tables() -> None:
    nlp = spacy.blank("en")
    embed = {**DEFAULT_TOK2VEC["embed"], "rows": ["10"]}
    encode = {**DEFAULT_TOK2VEC["encode"], "hidden": ["8"]}
    for block, argument in ((embed, "rows"), (encode, "hidden")):
        with pytest.raises(ValueError, match=argument):
            registry.resolve({"block": block})
    with pytest.raises(ValueError, match="class_weights"):
        nlp.add_pipe("lstm_textcat", config={"class_weights": {"good": "2.0"}})
