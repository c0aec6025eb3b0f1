import inspect
from typing import Any

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.util import registry
from thinc.api import Config, Model, set_dropout_rate

from spacy_lstm.models import encoder as module
from spacy_lstm.models.encoder import build_bilstm_encoder, build_rnn_encoder

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


def test_the_dropout_of_training_reaches_the_output() -> None:
    encoder = build_rnn_encoder(8)
    Xs = [numpy.ones((9, 5), dtype="f")]
    encoder.initialize(X=Xs)
    set_dropout_rate(encoder, 0.5)
    (Y,), _ = encoder.begin_update(Xs)
    assert 0 < (Y == 0).sum() < Y.size
    assert (encoder.predict(Xs)[0] != 0).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": 8, "cell": "rnn"}, r"RNNEncoder.v1: `cell` is 'rnn'.*'gru'"),
        ({"hidden": 0}, "`hidden` is 0"),
        ({"hidden": []}, r"`hidden` is \[\]"),
        ({"hidden": [8, -1]}, r"`hidden` is \[8, -1\]"),
        ({"hidden": "8"}, "`hidden` is '8'"),
        ({"hidden": 8, "depth": 0}, "`depth` is 0"),
        ({"hidden": [8, 4], "depth": 3}, r"`depth` is 3 while `hidden` is \[8, 4\]"),
        ({"hidden": 8, "dropout": 1.0}, "`dropout` is 1.0"),
        ({"hidden": 8, "output_dropout": -0.1}, "`output_dropout` is -0.1"),
        ({"hidden": 8, "weight_dropout": 2}, "`weight_dropout` is 2"),
        ({"hidden": 8, "word_dropout": float("nan")}, "`word_dropout` is nan"),
        ({"hidden": 8, "connection": "skip"}, "`connection` is 'skip'.*'highway'"),
        ({"hidden": [8, 4], "connection": "residual"}, r"'residual' while .* \[8, 4\]"),
        ({"hidden": 8, "l1": -1.0}, "`l1` is -1.0"),
        ({"hidden": 8, "activation_penalty": -1.0}, "`activation_penalty` is -1.0"),
        ({"hidden": 8, "temporal_activation_penalty": float("inf")}, "is inf"),
        ({"hidden": 8, "window": 0}, "`window` is 0"),
        ({"hidden": 8, "window": 5, "overlap": 5}, "`overlap` is 5 .* `window` is 5"),
        ({"hidden": 8, "overlap": -1}, "`overlap` is -1"),
        ({"hidden": 8, "overlap": 3}, "`overlap` is 3 while `window` is None"),
        ({"hidden": 8.0}, "`hidden` is 8.0"),
        ({"hidden": True}, "`hidden` is True"),
        ({"hidden": 8, "depth": 1.5}, "`depth` is 1.5"),
        ({"hidden": 8, "dropout": "0.1"}, "`dropout` is '0.1'"),
        ({"hidden": 8, "connection": "x"}, "one of: null, 'residual', 'highway'"),
        ({"hidden": 8, "backend": "cudnn"}, "`backend` is 'cudnn'.*'packed'"),
        ({"hidden": 8, "precision": "fp16"}, "`precision` is 'fp16'.*'bf16'"),
    ],
)
def test_invalid_arguments(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_rnn_encoder(**settings)


def test_vectors_do_not_depend_on_the_batch(tok2vec: Model) -> None:
    nlp = spacy.blank("en")
    docs = [nlp.make_doc(text) for text in TEXTS]
    for doc, together in zip(docs, tok2vec.predict(docs), strict=True):
        assert together.shape == (len(doc), 16)
        assert_allclose(tok2vec.predict([doc])[0], together, atol=1e-5)


def test_loading_with_another_width(tok2vec: Model) -> None:
    config = Config().from_str(TOK2VEC, overrides={"model.embed.width": 24})
    other = registry.resolve(config)["model"]
    with pytest.raises(ValueError, match="dimension"):
        other.from_bytes(tok2vec.to_bytes())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 7}, "BiLSTMEncoder.v1: `width` is 7.*even"),
        ({"width": 0}, "`width` is 0"),
        ({"depth": 0}, "`depth` is 0"),
        ({"dropout": 1.0}, "BiLSTMEncoder.v1: `dropout` is 1.0"),
    ],
)
def test_invalid_arguments_of_the_drop_in(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build_bilstm_encoder(**{"width": 8, "depth": 1, "dropout": 0.0, **settings})


def test_input_of_another_width() -> None:
    encoder = build_bilstm_encoder(width=8, depth=1, dropout=0.0)
    with pytest.raises(
        ValueError, match=r"width 8, but .* gives a width of 6. Set `width`"
    ):
        encoder.initialize(X=[numpy.zeros((2, 6), dtype="f")])


def test_bf16_on_a_device_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "has_bf16", lambda device: False)
    with pytest.raises(ValueError, match="'bf16', which the device 'cpu' doesn't"):
        build_rnn_encoder(8, precision="bf16")
    build_rnn_encoder(8, precision="auto")


def test_drop_in_has_the_arguments_of_spacy() -> None:
    spacys = registry.get("architectures", "spacy.TorchBiLSTMEncoder.v1")
    names = list(inspect.signature(spacys).parameters)
    assert list(inspect.signature(build_bilstm_encoder).parameters) == names
    encoder = build_bilstm_encoder(width=8, depth=2, dropout=0.0)
    encoder.initialize(X=[numpy.zeros((2, 8), dtype="f")])
    assert encoder.predict([numpy.zeros((3, 8), dtype="f")])[0].shape == (3, 8)
    rnn = encoder.shims[0].module
    assert [layer.cells[0].units for layer in rnn.layers] == [4, 4]


@pytest.mark.parametrize(
    ("own", "training", "drops"),
    [(None, 0.5, True), (0.5, 0.0, True), (0.0, 0.5, False)],
)
def test_dropout_of_the_drop_in(
    own: float | None, training: float, drops: bool
) -> None:
    encoder = build_bilstm_encoder(width=8, depth=2, dropout=own)
    X = [numpy.ones((5, 8), dtype="f")]
    encoder.initialize(X=X)
    set_dropout_rate(encoder, training)
    Y, _ = encoder.begin_update(X)
    assert (abs(Y[0] - encoder.predict(X)[0]).max() > 1e-4) == drops
