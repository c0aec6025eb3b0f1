"""Pipelines that were saved before the package was laid out anew."""

import pytest
import spacy
import srsly

from ..util import TEXTS
from .make_golden import GOLDEN, read_predictions


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.iterdir()))
def test_old_pipelines_predict_the_same(name: str) -> None:
    nlp = spacy.load(GOLDEN / name, exclude=["tokenizer"])
    expected = srsly.read_json(GOLDEN / name / "expected.json")
    for doc, own in zip(nlp.pipe(TEXTS), expected, strict=True):
        found = read_predictions(doc)
        for key in ("cats", "probabilities"):
            assert found.pop(key) == pytest.approx(own.pop(key), abs=1e-5)
        assert found == own


def test_all_components_are_there() -> None:
    assert len(list(GOLDEN.iterdir())) == 6
