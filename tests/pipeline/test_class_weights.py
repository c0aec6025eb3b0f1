import pytest
import spacy
from spacy.training import Example

from spacy_lstm.pipeline.textcat_targets import (
    ClassWeights,
    check_class_weights,
    make_class_weights,
)

from ..util import make_example

LABELS = ["a", "b", "c"]


def examples() -> list[Example]:
    nlp = spacy.blank("en")
    cats = [{"a": 1, "b": 0}, {"a": 1, "b": 0}, {"a": 0, "b": 1}, {"a": 1, "b": 0}]
    return [make_example(nlp, "text", cat) for cat in cats]


def make(class_weights: ClassWeights, exclusive: bool) -> dict[str, float] | None:
    return make_class_weights(
        class_weights, examples, LABELS, name="pipe", exclusive=exclusive
    )


def test_balanced() -> None:
    assert make("balanced", True) == pytest.approx({"a": 4 / 9, "b": 4 / 3, "c": 1})
    assert make("balanced", False) == pytest.approx({"a": 1 / 3, "b": 3, "c": 1})


def test_a_label_that_is_always_right_keeps_its_loss() -> None:
    nlp = spacy.blank("en")
    always = [make_example(nlp, "text", {"a": 1})] * 3

    def get_examples() -> list[Example]:
        return always

    weights = make_class_weights(
        "balanced", get_examples, ["a"], name="pipe", exclusive=False
    )
    assert weights == {"a": 1.0}


def test_table_and_none() -> None:
    assert make({"a": 2.0}, True) == {"a": 2.0}
    assert make(None, True) is None


def test_table_with_an_unknown_label() -> None:
    with pytest.raises(ValueError, match=r"'pipe'.*entry for 'd'.*'a', 'b', 'c'"):
        make({"d": 2.0}, True)


@pytest.mark.parametrize("class_weights", ["balancd", {"a": 0.0}, {"a": -1.0}])
def test_settings_that_make_no_sense(class_weights: ClassWeights) -> None:
    with pytest.raises(ValueError, match="'pipe': `class_weights` is"):
        check_class_weights("pipe", class_weights)
