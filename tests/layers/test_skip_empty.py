import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Adam, Model

from spacy_lstm.layers.skip_empty import skip_empty


def bag_of_words() -> Model:
    build = registry.architectures.get("spacy.TextCatBOW.v3")
    return build(
        exclusive_classes=True, ngram_size=2, no_output_layer=True, length=64, nO=2
    )


def wrapped() -> Model:
    return skip_empty(bag_of_words())


@pytest.fixture
def docs() -> list[Doc]:
    nlp = spacy.blank("en")
    return [nlp.make_doc(text) for text in ("a b", "", "c", "")]


@pytest.mark.parametrize(
    "make", [wrapped, pytest.param(bag_of_words, marks=pytest.mark.xfail(strict=True))]
)
def test_documents_without_tokens_are_zeros(make, docs: list[Doc]) -> None:
    model = make()
    model.initialize(X=[docs[0]], Y=numpy.zeros((1, 2), dtype="f"))
    for _ in range(3):
        _, backprop = model.begin_update(docs)
        assert backprop(numpy.ones((4, 2), dtype="f")) == []
        model.finish_update(Adam(0.1))
    Y = model.predict(docs)
    assert not Y[[1, 3]].any()
    assert Y[[0, 2]].all()
    assert_allclose(Y[[0]], model.layers[0].predict([docs[0]]))


def test_no_document_with_tokens(docs: list[Doc]) -> None:
    model = wrapped().initialize(X=docs, Y=numpy.zeros((4, 2), dtype="f"))
    Y, backprop = model.begin_update([docs[1]])
    assert Y.shape == (1, 2)
    assert backprop(Y) == []
