from typing import Any

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.util import registry
from thinc.api import Config, Model

from spacy_lstm.models.encoder import build_rnn_encoder

TEXTS = ["A short one", "", "one", "This one is a good deal longer than the others are"]
TOK2VEC = """
[model]
@architectures = "spacy.Tok2Vec.v2"

[model.embed]
@architectures = "spacy.MultiHashEmbed.v2"
width = 16
attrs = ["NORM", "SHAPE"]
rows = [100, 100]
include_static_vectors = false

[model.encode]
@architectures = "spacy-lstm.RNNEncoder.v1"
hidden = 8
"""


@pytest.fixture
def tok2vec() -> Model:
    model = registry.resolve(Config().from_str(TOK2VEC))["model"]
    nlp = spacy.blank("en")
    return model.initialize(X=[nlp.make_doc(text) for text in TEXTS])


@pytest.mark.parametrize(
    ("settings", "width", "n_layers"),
    [
        ({"hidden": 8}, 16, 1),
        ({"hidden": 8, "depth": 3}, 16, 3),
        ({"hidden": 8, "bidirectional": False}, 8, 1),
        ({"hidden": [12, 6]}, 12, 2),
        ({"hidden": [12, 6], "depth": 2, "bidirectional": False}, 6, 2),
        ({"hidden": 8, "cell": "gru"}, 16, 1),
    ],
)
def test_width_and_depth(settings: dict[str, Any], width: int, n_layers: int) -> None:
    encoder = build_rnn_encoder(**settings)
    assert encoder.get_dim("nO") == width
    encoder.initialize(X=[numpy.zeros((2, 5), dtype="f")])
    assert encoder.predict([numpy.zeros((3, 5), dtype="f")])[0].shape == (3, width)
    assert len(encoder.shims[0].module.layers) == n_layers


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": 8, "cell": "rnn"}, r"RNNEncoder.v1: unknown cell 'rnn'.*'gru'"),
        ({"hidden": 0}, "`hidden` is 0"),
        ({"hidden": []}, r"`hidden` is \[\]"),
        ({"hidden": [8, -1]}, r"`hidden` is \[8, -1\]"),
        ({"hidden": "8"}, "`hidden` is '8'"),
        ({"hidden": 8, "depth": 0}, "`depth` is 0"),
        ({"hidden": [8, 4], "depth": 3}, r"`depth` is 3 while `hidden` is \[8, 4\]"),
        ({"hidden": 8, "dropout": 1.0}, "`dropout` is 1.0"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_rnn_encoder(**settings)


def test_vectors_do_not_depend_on_the_batch(tok2vec: Model) -> None:
    nlp = spacy.blank("en")
    docs = [nlp.make_doc(text) for text in TEXTS]
    for doc, together in zip(docs, tok2vec.predict(docs), strict=True):
        assert together.shape == (len(doc), 16)
        assert_allclose(tok2vec.predict([doc])[0], together, atol=1e-5)


def test_another_width_than_the_saved_one_is_refused(tok2vec: Model) -> None:
    config = Config().from_str(TOK2VEC, overrides={"model.embed.width": 24})
    other = registry.resolve(config)["model"]
    with pytest.raises(ValueError, match="dimension"):
        other.from_bytes(tok2vec.to_bytes())
