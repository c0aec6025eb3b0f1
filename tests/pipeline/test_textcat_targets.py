import pytest
import spacy

from spacy_lstm.pipeline.textcat_targets import (
    check_gold_cats,
    read_gold_cats,
    round_gold_cats,
)

from ..util import make_example


@pytest.mark.parametrize(
    ("cats", "exclusive", "expected"),
    [
        ({"a": 0.4, "b": 0.3, "c": 0.3}, True, {"a": 1, "b": 0, "c": 0}),
        ({"a": 0.7}, True, {"a": 1}),
        ({"a": 0.3}, True, {"a": 0}),
        ({"a": 0.0, "b": 0.3}, True, {"a": 0, "b": 0, "c": 1}),
        ({"a": 1.0}, True, {"a": 1, "b": 0, "c": 0}),
        ({}, True, {}),
        ({"a": 0.5, "b": 0.4, "c": 0.9}, False, {"a": 1, "b": 0, "c": 1}),
    ],
)
def test_soft_truths(
    cats: dict[str, float], exclusive: bool, expected: dict[str, float]
) -> None:
    example = make_example(spacy.blank("en"), "text", cats)
    assert round_gold_cats(example, exclusive, "abc").reference.cats == expected
    assert example.reference.cats == cats


def test_others_stay_as_they_are() -> None:
    example = make_example(spacy.blank("en"), "text", {"a": 1.0, "b": 0.0})
    assert round_gold_cats(example, True, "ab") is example


def test_truths_of_other_components() -> None:
    cats = {"a": 0.6, "b": 0.4, "other": 0.9, "more": 2.0}
    example = make_example(spacy.blank("en"), "text", cats)
    rounded = round_gold_cats(example, True, ["a", "b"]).reference.cats
    assert rounded == {"a": 1, "b": 0, "other": 0.9, "more": 2.0}
    check_gold_cats("name", [example], True, ["a", "b"])
    for labels in (None, ["a", "other"], ["more"]):
        with pytest.raises(ValueError, match="name"):
            check_gold_cats("name", [example], True, labels)


@pytest.mark.parametrize(
    ("cats", "exclusive", "expected"),
    [
        ({"b": 1.0}, True, {"a": 0, "b": 1, "c": 0}),
        ({"b": 0.7, "a": 0.3}, True, {"a": 0.3, "b": 0.7, "c": 0}),
        ({"b": 0.5, "a": 0.0}, True, {"a": 0, "b": 0.5, "c": 0.5}),
        ({"b": 0.5}, True, {"b": 0.5}),
        ({"b": 0.0}, True, {"b": 0}),
        ({"b": 0.0, "a": 0.0, "c": 0.0}, True, {"a": 0, "b": 0, "c": 0}),
        ({"other": 1.0}, True, {}),
        ({"b": 1.0, "a": 0.0}, False, {"a": 0, "b": 1}),
    ],
)
def test_truths_that_follow_from_others(
    cats: dict[str, float], exclusive: bool, expected: dict[str, float]
) -> None:
    doc = make_example(spacy.blank("en"), "text", cats).reference
    assert read_gold_cats(doc, ["a", "b", "c"], exclusive) == expected
