import numpy
import pytest
import spacy
from thinc.api import Model

from spacy_lstm.models.ner import build_crf_tagger

from ..pipeline.recognizing import make_examples, train


def width_8() -> Model:
    def forward(model, docs, is_train):
        return [numpy.ones((len(doc), 8), dtype="f") for doc in docs], lambda d: []

    return Model("width_8", forward, dims={"nO": 8})


@pytest.mark.parametrize(("scheme", "n_tags"), [("biluo", 9), ("bio", 5)])
def test_shapes(scheme: str, n_tags: int) -> None:
    docs = [spacy.blank("en")(text) for text in ("one two three", "", "four")]
    model = build_crf_tagger(width_8(), scheme)
    model.initialize(X=docs, Y=[numpy.zeros((len(d), n_tags), "f") for d in docs])
    assert [x.shape for x in model.predict(docs)] == [
        (3, n_tags),
        (0, n_tags),
        (1, n_tags),
    ]
    assert model.get_dim("nO") == n_tags
    assert model.get_ref("crf").get_dim("nO") == n_tags
    assert model.get_ref("tok2vec").name == "width_8"
    model.attrs["resize_output"](model, n_tags + 4)
    assert model.predict(docs)[0].shape == (3, n_tags + 4)


def test_unknown_scheme() -> None:
    with pytest.raises(ValueError, match=r"CRFTagger.v1: `scheme` is 'io'"):
        build_crf_tagger(width_8(), "io")


def test_spacy_tok2vec() -> None:
    nlp = spacy.blank("en")
    tok2vec = {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "pretrained_vectors": None,
        "width": 16,
        "depth": 1,
        "embed_size": 200,
        "window_size": 1,
        "maxout_pieces": 2,
        "subword_features": True,
    }
    model = {"@architectures": "spacy-lstm.CRFTagger.v1", "tok2vec": tok2vec}
    nlp.add_pipe("lstm_ner", config={"model": model})
    examples = make_examples(nlp)
    train(nlp, examples, steps=60)
    assert nlp.evaluate(examples)["ents_f"] == 1.0
