"""A tok2vec that several components share."""

import warnings
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Span
from thinc.api import Config

from ..models.test_encoder import TOK2VEC
from ..util import TEXTS, make_examples, train

WIDTH = 16


@pytest.fixture
def shared(factory: str) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": Config().from_str(TOK2VEC)["model"]})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH}
    nlp.add_pipe(factory, config={"model": {"tok2vec": listener}})
    nlp.add_pipe("textcat", config={"model": {"tok2vec": listener}})
    return nlp


def weights(nlp: Language, name: str) -> bytes:
    return nlp.get_pipe(name).model.to_bytes()


def cats_of(nlp: Language) -> list[dict[str, Any]]:
    return [doc.cats for doc in nlp.pipe(TEXTS)]


@pytest.mark.parametrize(
    "name", ["lstm_textcat", "lstm_textcat_multilabel", "lstm_tagger", "lstm_ner"]
)
def test_a_missing_tok2vec_is_warned_of_once(name: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": Config().from_str(TOK2VEC)["model"]})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH}
    nlp.add_pipe(name, config={"model": {"tok2vec": listener}})
    examples = make_examples(nlp)
    for doc in (example.reference for example in examples):
        for token in doc:
            token.tag_ = "A" if len(token) > 4 else "B"
        doc.ents = [Span(doc, 0, 1, "FIRST")]
    nlp.initialize(lambda: examples)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp("a text")
        nlp("")
    alone = spacy.blank("en")
    alone.add_pipe(name, source=nlp)
    with pytest.warns(UserWarning, match=rf"'{name}' listens .*replace_listeners"):
        alone("a text")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone("a text")


def test_what_is_shared_is_trained(shared: Language, factory: str) -> None:
    optimizer = shared.initialize(lambda: make_examples(shared))
    encoder = next(
        node for node in shared.get_pipe("tok2vec").model.walk() if node.shims
    )
    before = encoder.to_bytes()
    for _ in range(2):  # spaCy applies the gradients of a tok2vec one step later
        shared.update(make_examples(shared), sgd=optimizer)
    assert encoder.to_bytes() != before


def test_learns_through_a_listener(shared: Language, factory: str) -> None:
    shared.remove_pipe("textcat")
    train(shared, make_examples(shared), steps=60)
    for text, label in TEXTS.items():
        cats = shared(text).cats
        assert max(cats, key=cats.get) == label


def test_replace_listeners(shared: Language, factory: str) -> None:
    shared.remove_pipe("textcat")
    train(shared, make_examples(shared), steps=3)
    before = cats_of(shared)
    shared.replace_listeners("tok2vec", factory, ["model.tok2vec"])
    shared.remove_pipe("tok2vec")
    for old, new in zip(before, cats_of(shared), strict=True):
        assert new == pytest.approx(old, abs=1e-5)
    loaded = spacy.util.load_model_from_config(shared.config, auto_fill=True)
    assert cats_of(loaded.from_bytes(shared.to_bytes())) == cats_of(shared)


def test_a_replaced_listener_trains_apart_from_the_original(
    shared: Language, factory: str
) -> None:
    train(shared, make_examples(shared), steps=2)
    shared.replace_listeners("tok2vec", factory, ["model.tok2vec"])
    optimizer = shared.create_optimizer()
    optimizer.averages = {}
    shared.update(make_examples(shared), sgd=optimizer)
    with shared.use_params(optimizer.averages):
        cats_of(shared)
    ids = [
        shim.id
        for name in ("tok2vec", factory)
        for node in shared.get_pipe(name).model.walk()
        for shim in node.shims
    ]
    assert len(ids) == len(set(ids)) == 4


def test_frozen_and_annotating(shared: Language, factory: str) -> None:
    optimizer = shared.initialize(lambda: make_examples(shared))
    before = weights(shared, "tok2vec"), weights(shared, factory)
    shared.update(
        make_examples(shared),
        sgd=optimizer,
        exclude=["tok2vec"],
        annotates=["tok2vec"],
    )
    assert weights(shared, "tok2vec") == before[0]
    assert weights(shared, factory) != before[1]
