import warnings

import pytest
import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Model

from spacy_lstm.pipeline.tagger import DEFAULT_MODEL

from .tagging import make_examples, train


def make(*factories: str) -> Language:
    nlp = spacy.blank("en")
    tok2vec = DEFAULT_MODEL["tok2vec"]
    nlp.add_pipe("tok2vec", config={"model": tok2vec})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 256}
    for factory in factories:
        nlp.add_pipe(factory, config={"model": {"tok2vec": listener}})
    return nlp


def embed_of(nlp: Language) -> Model:
    return nlp.get_pipe("tok2vec").model.get_ref("embed")


def n_words(nlp: Language) -> int:
    return len(embed_of(nlp).shims[0].module.words)


@pytest.mark.parametrize("factory", ["lstm_tagger", "lstm_morphologizer"])
def test_that_a_shared_embedding_gets_them(factory: str) -> None:
    nlp = make(factory)
    nlp.initialize(lambda: make_examples(nlp))
    assert n_words(nlp) == 11


def test_that_they_are_counted_once() -> None:
    nlp = make("lstm_tagger", "lstm_morphologizer")
    n_read = 0

    def get_examples() -> list:
        nonlocal n_read
        n_read += 1
        return make_examples(nlp)

    nlp.initialize(get_examples)
    with_both = n_read
    n_read = 0
    nlp.get_pipe("lstm_tagger").initialize(get_examples, nlp=nlp)
    nlp.get_pipe("lstm_morphologizer").initialize(get_examples, nlp=nlp)
    assert n_words(nlp) == 11
    assert with_both > n_read


def test_that_initializing_anew_counts_anew() -> None:
    nlp = make("lstm_tagger")
    nlp.initialize(lambda: make_examples(nlp))
    nlp.initialize(lambda: make_examples(nlp)[:2])
    assert n_words(nlp) == 6


def test_that_training_finds_them_again_after_weights_without_counts() -> None:
    nlp, pretrained = make("lstm_tagger"), make()
    pretrained.initialize(lambda: make_examples(pretrained))
    assert n_words(pretrained) == 0
    nlp.initialize(lambda: make_examples(nlp))
    weights = pretrained.get_pipe("tok2vec").model.to_bytes()
    nlp.get_pipe("tok2vec").model.from_bytes(weights)
    assert nlp.get_pipe("tok2vec").model.to_bytes() == weights
    nlp.update(make_examples(nlp))
    assert n_words(nlp) == 11


def test_that_words_of_later_training_are_known() -> None:
    nlp = make("lstm_tagger")
    nlp.initialize(lambda: make_examples(nlp)[:2])
    doc = Doc(nlp.vocab, words=["quietly"])
    module = embed_of(nlp).shims[0].module
    before = embed_of(nlp).predict([doc])[0]
    nlp.update(make_examples(nlp), sgd=False)
    assert n_words(nlp) == 11
    words = torch.tensor([nlp.vocab.strings["quietly"]], dtype=torch.uint64)
    assert module.count(words.to(torch.int64)).tolist() == [1]
    assert abs(embed_of(nlp).predict([doc])[0] - before).max() > 1e-3


def test_that_training_without_them_warns() -> None:
    nlp = make("tagger")
    with pytest.warns(UserWarning, match="`unknown_rate` has no effect"):
        train(nlp, steps=1)


def test_that_training_with_them_does_not() -> None:
    nlp = make("lstm_tagger")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(nlp, steps=1)
