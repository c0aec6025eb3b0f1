import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.attrs import NORM
from spacy.tokens import Doc
from thinc.api import Adam, Model, set_dropout_rate

from spacy_lstm.layers.ngram_embed import hash_ngrams
from spacy_lstm.models.embed import build_lexeme_embed, build_ngram_embed

TEXTS = ["a b a b", "", "b a b", "a"]


@pytest.fixture
def docs() -> list[Doc]:
    nlp = spacy.blank("en")
    return [nlp.make_doc(text) for text in TEXTS]


def make(docs: list[Doc], **settings: int) -> Model:
    embed = build_lexeme_embed(4, ["NORM"], [50])
    return build_ngram_embed(embed, 6, 100, **settings).initialize(X=docs)


def test_ngrams_end_at_their_token(docs: list[Doc]) -> None:
    hashes = hash_ngrams(docs, NORM, 2).tolist()
    names = ["a", "ab", "ba", "ab", "b", "ba", "ab", "a"]
    for name, own in zip(names, hashes, strict=True):
        for other_name, other in zip(names, hashes, strict=True):
            assert (own == other) == (name == other_name)


def test_trigrams(docs: list[Doc]) -> None:
    hashes = hash_ngrams(docs, NORM, 3)
    assert hashes[3] != hashes[1]
    assert hashes[3] == hash_ngrams(docs[2:], NORM, 3)[2]


def test_vectors_are_concatenated(docs: list[Doc]) -> None:
    model = make(docs)
    assert model.get_dim("nO") == 10
    vectors = model.predict(docs)
    assert [own.shape for own in vectors] == [(len(doc), 10) for doc in docs]
    assert_allclose(vectors[0][0, 6:], vectors[0][2, 6:])
    assert abs(vectors[0][0, :6] - vectors[0][2, :6]).max() > 1e-3
    for doc, own in zip(docs, vectors, strict=True):
        assert_allclose(model.predict([doc])[0], own, atol=1e-6)


def test_bigrams_and_trigrams(docs: list[Doc]) -> None:
    bigrams = build_ngram_embed(build_lexeme_embed(4, ["NORM"], [50]), 6, 100)
    trigrams = build_ngram_embed(bigrams, 8, 100, ngram_size=3).initialize(X=docs)
    assert trigrams.get_dim("nO") == 18
    assert trigrams.predict(docs)[0].shape == (4, 18)


def test_both_embeddings_are_trained(docs: list[Doc]) -> None:
    model = make(docs)
    before = model.predict(docs)[0]
    _, backprop = model.begin_update(docs)
    backprop([numpy.ones((len(doc), 10), dtype="f") for doc in docs])
    model.finish_update(Adam(0.1))
    changed = model.predict(docs)[0] != before
    assert changed[:, :6].all()
    assert changed[:, 6:].any()
    loaded = make(docs).from_bytes(model.to_bytes())
    assert (loaded.predict(docs)[0] == model.predict(docs)[0]).all()


def test_dropout(docs: list[Doc]) -> None:
    model = make(docs)
    set_dropout_rate(model, 0.5)
    dropped, _ = model.begin_update(docs)
    assert (dropped[0][:, :6] == 0).any()
    assert (model.predict(docs)[0] != 0).all()


def test_documents_without_tokens(docs: list[Doc]) -> None:
    vectors, backprop = make(docs).begin_update([docs[1]])
    assert vectors[0].shape == (0, 10)
    backprop(vectors)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 0}, "`width` is 0"),
        ({"rows": -1}, "`rows` is -1"),
        ({"ngram_size": 1}, "`ngram_size` is 1"),
        ({"ngram_size": 10**6}, "`ngram_size` is 1000000"),
        ({"attr": "NOPE"}, "no attribute 'NOPE'"),
        ({"dropout": 1.0}, "`dropout` is 1.0"),
    ],
)
def test_invalid_settings(settings: dict, message: str) -> None:
    embed = build_lexeme_embed(4, ["NORM"], [50])
    with pytest.raises(ValueError, match=message) as raised:
        build_ngram_embed(embed, **{"width": 6, "rows": 100, **settings})
    assert "NgramEmbed" in str(raised.value)
