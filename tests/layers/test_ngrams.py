import numpy
import pytest
import spacy
import torch
from numpy.testing import assert_allclose
from spacy.tokens import Doc
from thinc.api import Model
from torch import Tensor
from torch.nn import functional

from spacy_lstm.layers.ngrams import find_contributions, fit, is_fitted
from spacy_lstm.models.textcat import build_textcat_ngrams
from spacy_lstm.modules.ngram_fitting import Gold

from ..util import TEXTS


def make_docs() -> list[Doc]:
    nlp = spacy.blank("en")
    return [nlp.make_doc(text) for text in TEXTS]


def make_fitted(docs: list[Doc], min_df: int = 1) -> Model:
    positive = torch.tensor(
        [[float(label == "good"), float(label == "bad")] for label in TEXTS.values()]
    )

    def objective(logits: Tensor, numbers: Tensor) -> tuple[float, Tensor]:
        loss = functional.cross_entropy(logits, positive[numbers], reduction="sum")
        return float(loss), logits.softmax(1) - positive[numbers]

    model = build_textcat_ngrams(min_df=min_df).initialize()
    gold = Gold(positive, 1 - positive)
    fit(model, model.attrs["settings"].read(docs), objective, gold)
    return model


def test_prediction_before_fitting() -> None:
    model = build_textcat_ngrams().initialize()
    assert not is_fitted(model)
    with pytest.raises(ValueError, match=r"has not been fitted.*linear_model"):
        model.predict(make_docs())


def test_fit_and_predict() -> None:
    docs = make_docs()
    scores = make_fitted(docs).predict(docs)
    for row, label in zip(scores, TEXTS.values(), strict=True):
        assert ["good", "bad"][row.argmax()] == label


def test_no_ngram_is_frequent_enough() -> None:
    assert not is_fitted(make_fitted(make_docs(), min_df=100))


def test_scores_do_not_depend_on_the_batch() -> None:
    docs = make_docs()
    model = make_fitted(docs)
    scores = model.predict(docs)
    for doc, own in zip(docs, scores, strict=True):
        assert_allclose(model.predict([doc])[0], own, atol=1e-6)


def test_serialization() -> None:
    docs = make_docs()
    model = make_fitted(docs)
    loaded = build_textcat_ngrams(min_df=1).from_bytes(model.to_bytes())
    assert (loaded.predict(docs) == model.predict(docs)).all()
    assert (model.copy().predict(docs) == model.predict(docs)).all()
    assert not is_fitted(model.initialize())


def test_loading_with_another_number_of_buckets() -> None:
    saved = make_fitted(make_docs()).to_bytes()
    with pytest.raises(ValueError, match="2097152 hash buckets, not 2000"):
        build_textcat_ngrams(length=1000).from_bytes(saved)


def test_contributions_sum_to_the_score() -> None:
    docs = make_docs()
    model = make_fitted(docs)
    for doc in [*docs, Doc(docs[0].vocab, words=["love", "\n", "love", "zzz"])]:
        tokens, bias = find_contributions(model, doc)
        assert tokens.shape == (len(doc), 2)
        assert_allclose(tokens.sum(axis=0) + bias, model.predict([doc])[0], atol=1e-5)


def test_contributions_of_tokens() -> None:
    docs = make_docs()
    (tokens, _) = find_contributions(make_fitted(docs), docs[1])
    assert docs[1][4].text == "lovely"
    assert tokens[4, 0] > tokens[4, 1]
    assert numpy.abs(tokens[4]).max() > numpy.abs(tokens[1]).max()
