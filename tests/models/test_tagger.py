import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Model

from spacy_lstm.models.tagger import build_tagger

WORDS = ["the", "cats", "sleep"]
TAGGER = {
    "@architectures": "spacy-lstm.Tagger.v1",
    "tok2vec": {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "width": 16,
        "depth": 1,
        "embed_size": 50,
        "window_size": 1,
        "maxout_pieces": 2,
        "subword_features": True,
        "pretrained_vectors": None,
    },
}


def make(normalize: bool = False) -> Model:
    vectors = [numpy.eye(3, dtype="f"), numpy.zeros((0, 3), dtype="f")]
    tok2vec = Model("tok2vec", lambda model, docs, is_train: (vectors, lambda dY: dY))
    model = build_tagger(tok2vec, normalize=normalize)
    gold = [numpy.zeros((3, 2), dtype="f"), numpy.zeros((0, 2), dtype="f")]
    model.initialize(X=[None, None], Y=gold)
    return model


def test_scores_are_linear() -> None:
    model = make()
    emission = model.get_ref("output_layer").shims[0].module
    scores, empty = model.predict([None, None])
    expected = emission.weight.detach().T + emission.bias.detach()
    assert_allclose(scores, expected, atol=1e-6)
    assert empty.shape == (0, 2)
    assert model.get_dim("nO") == 2


def test_normalized_scores() -> None:
    scores, _ = make(normalize=True).predict([None, None])
    assert scores.sum(axis=1) == pytest.approx(numpy.ones(3))


def test_training_returns_probabilities() -> None:
    (scores, _), _ = make().begin_update([None, None])
    assert scores.sum(axis=1) == pytest.approx(numpy.ones(3))


def nlp_with(factory: str) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe(factory, config={"model": TAGGER})
    return nlp


@pytest.mark.parametrize("factory", ["tagger", "morphologizer", "trainable_lemmatizer"])
def test_spacy_components(factory: str) -> None:
    nlp = nlp_with(factory)
    gold = {
        "tags": ["DT", "NNS", "VBP"],
        "pos": ["DET", "NOUN", "VERB"],
        "morphs": ["", "Number=Plur", ""],
        "lemmas": ["the", "cat", "sleep"],
    }
    docs = [Doc(nlp.vocab, words=WORDS) for _ in range(3)]  # for min_tree_freq
    examples = [Example.from_dict(doc, gold) for doc in docs]
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(40):
        nlp.update(examples, sgd=optimizer)
    doc = nlp(Doc(nlp.vocab, words=WORDS))
    found = {
        "tagger": [token.tag_ for token in doc],
        "morphologizer": [token.pos_ for token in doc],
        "trainable_lemmatizer": [token.lemma_ for token in doc],
    }
    names = {"tagger": "tags", "morphologizer": "pos", "trainable_lemmatizer": "lemmas"}
    assert found[factory] == gold[names[factory]]
