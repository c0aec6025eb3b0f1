from typing import Any

import numpy
import pytest
import safetensors.torch
import spacy
import srsly
from numpy.testing import assert_allclose
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Adam, Config, Model

from spacy_lstm.models.textcat import build_textcat_rnn_v1

from .test_encoder import TOK2VEC

TEXTS = ["good", "a good book that is not short", "", "bad , bad"]
POOLINGS = ["attention", "max", "mean", "last", ["last", "mean", "max", "attention"]]


@pytest.fixture
def docs() -> list[Doc]:
    nlp = spacy.blank("en")
    return [nlp.make_doc(text) for text in TEXTS]


def make(docs: list[Doc], n_labels: int = 3, **settings: Any) -> Model:
    tok2vec = registry.resolve(Config().from_str(TOK2VEC))["model"]
    settings = {"exclusive_classes": True, **settings}
    model = build_textcat_rnn_v1(tok2vec, **settings)
    return model.initialize(X=docs, Y=numpy.zeros((4, n_labels), dtype="f"))


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("ngram_size", [None, 1, 3])
def test_exclusive_probabilities_sum_to_one(
    docs: list[Doc], pooling: str | list[str], ngram_size: int | None
) -> None:
    model = make(docs, pooling=pooling, ngram_size=ngram_size)
    Y = model.predict(docs)
    assert Y.shape == (4, 3)
    assert_allclose(Y.sum(axis=1), 1, rtol=1e-5)


def test_independent_probabilities(docs: list[Doc]) -> None:
    Y = make(docs, exclusive_classes=False, ngram_size=1).predict(docs)
    assert ((Y > 0) & (Y < 1)).all()
    assert abs(Y.sum(axis=1) - 1).max() > 0.01


@pytest.mark.parametrize("pooling", POOLINGS)
def test_probabilities_do_not_depend_on_the_batch(
    docs: list[Doc], pooling: str | list[str]
) -> None:
    model = make(docs, pooling=pooling, ngram_size=2)
    Y = model.predict(docs)
    for i, doc in enumerate(docs):
        assert_allclose(model.predict([doc])[0], Y[i], atol=1e-5)


NO_WEIGHTS = safetensors.torch.save({})


@pytest.mark.parametrize("settings", [{}, {"ngram_size": 2}, {"pooling": "last"}])
def test_every_part_is_trained(docs: list[Doc], settings: dict[str, Any]) -> None:
    model = make(docs, **settings)
    Y, backprop = model.begin_update(docs)
    backprop(Y - numpy.eye(4, 3, dtype="f"))
    before = srsly.msgpack_loads(model.to_bytes())
    model.finish_update(Adam(0.01))
    after = srsly.msgpack_loads(model.to_bytes())
    names = [node["name"] for node in after["nodes"]]
    for name, old, new in zip(names, before["params"], after["params"], strict=True):
        for parameter in new:
            if parameter != "vectors":
                assert (old[parameter] != new[parameter]).any(), (name, parameter)
    for name, old, new in zip(names, before["shims"], after["shims"], strict=True):
        for a, b in zip(old, new, strict=True):
            has_weights = srsly.msgpack_loads(b)["weights"] != NO_WEIGHTS
            assert a != b or not has_weights, name


@pytest.mark.parametrize("ngram_size", [None, 2])
def test_new_labels_keep_other_probabilities(
    docs: list[Doc], ngram_size: int | None
) -> None:
    model = make(docs, ngram_size=ngram_size)
    before = model.predict(docs)
    model = model.attrs["resize_output"](model, 5)
    after = model.predict(docs)
    assert after.shape == (4, 5)
    assert_allclose(after[:, :3], before, atol=1e-3)
    assert (after[:, 3:] < 1e-3).all()
    assert model.get_ref("output_layer").get_dim("nO") == 5
    loaded = make(docs, 5, ngram_size=ngram_size).from_bytes(model.to_bytes())
    assert (loaded.predict(docs) == after).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pooling": "sum"}, r"TextCatRNN: unknown pooling 'sum'.*'attention'"),
        ({"pooling": []}, r"unknown pooling \[\]"),
        ({"pooling": ["max", "max"]}, r"unknown pooling \['max', 'max'\]"),
        ({"dropout": -0.1}, "`dropout` is -0.1"),
        ({"ngram_size": 0}, "`ngram_size` is 0"),
        ({"length": -4}, "`length` is -4"),
    ],
)
def test_invalid_arguments(
    docs: list[Doc], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make(docs, **settings)


def test_spacy_textcat() -> None:
    nlp = spacy.blank("en")
    model = {
        "@architectures": "spacy-lstm.TextCatRNN.v1",
        "exclusive_classes": True,
        "tok2vec": Config().from_str(TOK2VEC)["model"],
    }
    textcat = nlp.add_pipe("textcat", config={"model": model})
    textcat.add_label("good")
    textcat.add_label("bad")
    nlp.initialize()
    assert sum(nlp("A good book").cats.values()) == pytest.approx(1)


def test_invalid_sizes_of_character_ngrams() -> None:
    build = registry.architectures.get("spacy-lstm.TextCatNgrams.v1")
    with pytest.raises(ValueError, match=r"L119.*`max_chars` is 2.*`min_chars` is 3"):
        build(min_chars=3, max_chars=2)
    build(min_chars=3, max_chars=0)
