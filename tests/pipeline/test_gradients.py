"""What the components pass back, compared with how their losses change."""

from collections.abc import Iterator
from typing import Any

import numpy
import pytest
import spacy
import torch
from numpy.testing import assert_allclose
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example
from thinc.api import Model, fix_random_seed

from spacy_lstm.models.embed import build_lexeme_embed, build_ngram_embed

from ..util import numerical_gradient

STEP = 3e-3
CATS = [{"a": 1.0}, {"a": 0.0}, {"b": 0.3, "c": 0.7}, {"a": 0.2}, {"b": 1.0, "a": 0.0}]
SETTINGS = {
    "lstm_textcat": {"label_smoothing": 0.1, "class_weights": {"a": 3.0}},
    "lstm_textcat_multilabel": {"label_smoothing": 0.1, "class_weights": {"a": 3.0}},
    "lstm_tagger": {"label_smoothing": 0.1},
    "lstm_morphologizer": {"label_smoothing": 0.1},
    "lstm_ner": {"incorrect_spans_key": "wrong"},
}


def make_docs(nlp: spacy.Language) -> list[Doc]:
    words = ["cat", "dog", "ox", "sea", "moon"]
    docs = [nlp.make_doc(f"the {word} saw Rome") for word in words]
    for doc, cats in zip(docs, CATS, strict=True):
        doc.cats = cats
        doc[0].tag_, doc[1].tag_, doc[2].tag_ = "DT", "NN", "!DT"
        doc[0].pos_, doc[1].pos_ = "DET", "NOUN"
        doc.set_ents([Span(doc, 3, 4, "GPE")], missing=[doc[0:1]], default="outside")
        wrong = SpanGroup(doc, name="wrong", spans=[Span(doc, 0, 1, "GPE")])
        doc.spans["wrong"] = wrong
    return docs


def without_noise(model: Model) -> None:
    """Switch off what differs from one forward pass to the next."""
    for node in model.walk():
        for shim in node.shims:
            for module in shim.module.modules():
                for name in ("rate", "unknown_rate"):
                    if hasattr(module, name):
                        setattr(module, name, 0.0)


def find_parameters(model: Model) -> Iterator[tuple[Any, Any]]:
    """Find weights, which may be changed in place, and their gradients."""
    for node in model.walk():
        for name in node.param_names:
            yield node.get_param(name), node.get_grad(name)
        for shim in node.shims:
            for parameter in shim.module.parameters():
                if parameter.grad is not None:
                    yield parameter.data.numpy(), parameter.grad.numpy()


@pytest.mark.parametrize("factory", SETTINGS)
def test_the_gradients_of_all_weights(factory: str) -> None:
    fix_random_seed(0)
    nlp = spacy.blank("en")
    pipe: Any = nlp.add_pipe(factory, config=SETTINGS[factory])
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in make_docs(nlp)]
    nlp.initialize(lambda: examples)
    without_noise(pipe.model)
    docs = [example.predicted for example in examples]
    is_textcat = factory.startswith("lstm_textcat")

    def find_loss() -> float:
        scores, _ = pipe.model.begin_update(docs)
        loss, _ = pipe.get_loss(examples, scores)
        return loss * len(docs) if is_textcat else loss

    scores, backprop = pipe.model.begin_update(docs)
    _, gradient = pipe.get_loss(examples, scores)
    backprop(gradient)
    found = [(weights, d.copy()) for weights, d in find_parameters(pipe.model)]
    assert len(found) > 10
    random = numpy.random.default_rng(0)
    for weights, d_weights in found:
        original, size = weights.copy(), numpy.linalg.norm(d_weights)
        assert size > 0
        direction = d_weights / size + 0.3 * random.normal(size=weights.shape) / size
        direction /= numpy.linalg.norm(direction)
        losses = []
        for sign in (1, -1):
            weights[...] = original + sign * STEP * direction
            losses.append(find_loss())
        weights[...] = original
        slope = (losses[0] - losses[1]) / (2 * STEP)
        expected = float((d_weights * direction).sum())
        assert slope == pytest.approx(expected, rel=0.05, abs=5e-3)


@pytest.mark.parametrize("factory", ["lstm_textcat", "lstm_textcat_multilabel"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_of_categories(factory: str, smoothing: float) -> None:
    nlp = spacy.blank("en")
    config = {**SETTINGS[factory], "label_smoothing": smoothing}
    pipe: Any = nlp.add_pipe(factory, config=config)
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in make_docs(nlp)]
    nlp.initialize(lambda: examples)
    logits = numpy.random.default_rng(0).normal(size=(len(CATS), 3))

    def find(logits: numpy.ndarray) -> tuple[float, numpy.ndarray]:
        values = torch.from_numpy(logits)
        exclusive = factory == "lstm_textcat"
        scores = values.softmax(1) if exclusive else values.sigmoid()
        loss, gradient = pipe.get_loss(examples, scores.numpy())
        return loss * len(examples), gradient

    gradient = find(logits)[1]
    assert_allclose(
        gradient, numerical_gradient(lambda x: find(x)[0], logits, 1e-4), atol=1e-4
    )


@pytest.mark.parametrize("factory", ["lstm_tagger", "lstm_morphologizer"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_of_tags(factory: str, smoothing: float) -> None:
    """With missing ones, and for the tagger ones that are known to be wrong."""
    nlp = spacy.blank("en")
    pipe: Any = nlp.add_pipe(factory, config={"label_smoothing": smoothing})
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in make_docs(nlp)]
    examples[1].reference[1].tag_ = "!NN"
    nlp.initialize(lambda: examples)
    lengths = [len(example.predicted) for example in examples]
    n_labels = len(pipe.labels)
    logits = numpy.random.default_rng(0).normal(size=(sum(lengths), n_labels))

    def find(logits: numpy.ndarray) -> tuple[float, numpy.ndarray]:
        scores = torch.from_numpy(logits).softmax(1).numpy()
        parts = numpy.split(scores, numpy.cumsum(lengths)[:-1])
        loss, gradients = pipe.get_loss(examples, parts)
        return loss, numpy.concatenate(gradients)

    gradient = find(logits)[1]
    assert not gradient[3].any()
    assert_allclose(
        gradient, numerical_gradient(lambda x: find(x)[0], logits, 1e-4), atol=1e-4
    )


def test_the_gradient_of_embedded_ngrams() -> None:
    nlp = spacy.blank("en")
    docs = [nlp.make_doc("a b a"), nlp.make_doc(""), nlp.make_doc("b a")]
    model = build_ngram_embed(build_lexeme_embed(4, ["NORM"], [50]), 3, 20)
    model.initialize(X=docs)
    Y, backprop = model.begin_update(docs)
    dY = [numpy.random.default_rng(0).normal(size=y.shape).astype("f") for y in Y]
    backprop(dY)
    weights, d_weights = next(find_parameters(model))
    original, d_weights = weights.copy(), d_weights.copy()

    def total(values: numpy.ndarray) -> float:
        weights[...] = values
        outputs, _ = model.begin_update(docs)
        return float(sum((y * d).sum() for y, d in zip(outputs, dY, strict=True)))

    assert weights.shape == (20, 3)
    assert_allclose(
        d_weights, numerical_gradient(total, original, 1e-2), rtol=1e-3, atol=1e-3
    )
