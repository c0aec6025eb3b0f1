from dataclasses import asdict
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy.language import Language
from spacy.util import load_model
from thinc.api import Linear, Model, chain

from spacy_lstm.evaluation.model_summary import (
    Layer,
    Weights,
    describe,
    describe_layer,
    total,
)

from ..util import make_examples, write_vectors

EMBED = {
    "@architectures": "spacy-lstm.LexemeEmbed.v1",
    "width": 4,
    "attrs": ["NORM"],
    "rows": [5],
}
ENCODE = {"@architectures": "spacy-lstm.RNNEncoder.v1", "hidden": 3}
TOK2VEC = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": EMBED,
    "encode": ENCODE,
}


def tagger_over(upstream: str) -> dict[str, Any]:
    listener = {
        "@architectures": "spacy.Tok2VecListener.v1",
        "width": 6,
        "upstream": upstream,
    }
    return {"@architectures": "spacy-lstm.Tagger.v1", "tok2vec": listener}


def make_tagger(upstream: str = "tok2vec") -> Language:
    nlp = spacy.blank("xx")
    nlp.add_pipe("tok2vec", config={"model": TOK2VEC})
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("lstm_tagger", config={"model": tagger_over(upstream)})
    return nlp


def initialize(nlp: Language) -> Language:
    def examples() -> list:
        made = make_examples(nlp)
        for i, token in enumerate(made[0].reference):
            token.tag_ = "AB"[i % 2]
        return made

    nlp.initialize(examples)
    return nlp


def layers_within(layer: Layer) -> list[Layer]:
    return [layer, *(inner for part in layer.layers for inner in layers_within(part))]


def test_sizes_of_a_network_with_torch_inside() -> None:
    pipeline = describe(initialize(make_tagger()))
    tok2vec, sentencizer, tagger = pipeline.components
    assert tok2vec.network is not None
    assert tok2vec.network.name == "chain"
    embed, encode = tok2vec.network.layers
    assert (embed.role, embed.name, embed.dims) == (
        "embed",
        "spacy-lstm.LexemeEmbed.v1",
        {"nO": 4},
    )
    assert Weights("tables.0.weight", (5, 4), 20, 80) in embed.weights
    assert (encode.role, encode.dims) == ("encode", {"nI": 4, "nO": 6})
    direction = [((12, 4), 48), ((12, 3), 36), ((12,), 12), ((12,), 12)]
    shapes = [(weights.shape, weights.n_parameters) for weights in encode.weights]
    assert shapes == 2 * direction
    assert encode.n_parameters == 216
    # For unknown words 4, of the table 20, and 3 x (4 x 4 + 4) + 2 x 4 of the mixer.
    assert embed.n_parameters == 92
    assert (tok2vec.n_parameters, tok2vec.n_bytes) == (308, 1232)
    assert (sentencizer.network, sentencizer.n_parameters) == (None, 0)
    assert (tagger.n_parameters, tagger.n_bytes) == (6 * 2 + 2, 56)
    assert (pipeline.n_parameters, pipeline.n_bytes) == (322, 1288)
    assert pipeline.vectors is None


def test_a_listener_is_not_counted() -> None:
    for upstream in ("tok2vec", "*"):
        tagger = describe(initialize(make_tagger(upstream))).components[-1]
        assert tagger.network is not None
        listener = tagger.network.layers[0]
        assert listener == Layer(
            "tok2vec-listener", "tok2vec", {"nO": 6}, listens_to="tok2vec"
        )


def test_settings_are_those_of_the_config() -> None:
    tok2vec, _, tagger = describe(make_tagger()).components
    made_by = {found.path: found for found in tok2vec.architectures}
    assert list(made_by) == ["model", "model.embed", "model.encode"]
    assert made_by["model"].settings == {}
    encode = made_by["model.encode"]
    assert encode.name == "spacy-lstm.RNNEncoder.v1"
    assert encode.settings["hidden"] == 3
    assert encode.settings["cell"] == "lstm"
    assert [found.name for found in tagger.architectures] == [
        "spacy-lstm.Tagger.v1",
        "spacy.Tok2VecListener.v1",
    ]


def test_what_is_unknown_before_initialization() -> None:
    pipeline = describe(make_tagger())
    tok2vec, sentencizer, tagger = pipeline.components
    assert tagger.network is not None
    emission = tagger.network.layers[1]
    assert emission.dims == {"nI": 6, "nO": None}
    assert emission.weights == [Weights("weights", None, None, None)]
    assert emission.n_parameters is None
    assert tok2vec.n_parameters is None
    assert sentencizer.n_parameters == 0
    assert (pipeline.n_parameters, pipeline.n_bytes) == (None, None)


def test_weights_of_thinc_and_of_its_own_torch_shim() -> None:
    nlp = spacy.blank("xx")
    embed = {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": 4,
        "attrs": ["NORM"],
        "rows": [5],
        "include_static_vectors": False,
    }
    encode = {
        "@architectures": "spacy.TorchBiLSTMEncoder.v1",
        "width": 4,
        "depth": 1,
        "dropout": 0.0,
    }
    model = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    nlp.add_pipe("tok2vec", config={"model": model})
    (component,) = describe(initialize(nlp)).components
    assert component.network is not None
    embed_layer, encode_layer = component.network.layers
    # A table, a maxout layer of three pieces, and a normalization.
    assert embed_layer.n_parameters == 5 * 4 + 3 * (4 * 4 + 4) + 2 * 4
    # Two directions of four gates over 4 inputs and 2 states, with two biases.
    assert encode_layer.n_parameters == 2 * 4 * (2 * 4 + 2 * 2 + 2 + 2)
    names = {layer.name for layer in layers_within(component.network)}
    assert {"with_array", "hashembed", "maxout", "layernorm"} <= names
    assert not any(">>" in name or "(" in name for name in names)


def test_whole_pipelines_add_up_to_what_they_hold() -> None:
    nlp = spacy.blank("xx")
    for name in ("lstm_textcat", "lstm_ner", "ner", "textcat"):
        nlp.add_pipe(name)
    nlp.get_pipe("lstm_ner").add_label("THING")  # type: ignore[attr-defined]
    nlp.get_pipe("ner").add_label("THING")  # type: ignore[attr-defined]
    pipeline = describe(initialize(nlp))
    nodes = [node for _, pipe in nlp.pipeline for node in pipe.model.walk()]  # type: ignore[attr-defined]
    arrays = [
        node.get_param(name)
        for node in nodes
        for name in node.param_names
        if node.has_param(name)
    ]
    tensors = [p for node in nodes for s in node.shims for p in s._model.parameters()]
    n_parameters = sum(array.size for array in arrays)
    n_parameters += sum(tensor.numel() for tensor in tensors)
    assert pipeline.n_parameters == n_parameters
    assert pipeline.n_bytes == 4 * n_parameters


def test_a_layer_that_is_there_twice_is_counted_once() -> None:
    linear = Linear(nI=2, nO=2)
    model: Model = chain(linear, linear)
    model.initialize()
    layer = describe_layer(model, {}, {}, set())
    first, second = layer.layers
    assert (first.n_parameters, first.is_repeated) == (6, False)
    assert (second.n_parameters, second.is_repeated, second.weights) == (0, True, [])
    assert layer.n_parameters == 6


def test_static_vectors_are_told_apart(tmp_path: Path) -> None:
    nlp = load_model(write_vectors(tmp_path / "vectors"))
    n_rows, width = nlp.vocab.vectors.shape
    pipeline = describe(nlp)
    assert pipeline.vectors is not None
    assert pipeline.vectors.shape == (n_rows, width)
    assert pipeline.vectors.n_bytes == n_rows * width * 4
    assert pipeline.n_parameters == 0


def test_a_description_can_be_written_as_json() -> None:
    described = asdict(describe(initialize(make_tagger())))
    read = srsly.json_loads(srsly.json_dumps(described))
    (embed, encode) = read["components"][0]["network"]["layers"]
    assert encode["weights"][0] == {
        "name": "layers.0.cells.0.weight_ih",
        "shape": [12, 4],
        "n_parameters": 48,
        "n_bytes": 192,
    }
    assert embed["n_parameters"] == 92


def test_total() -> None:
    assert total([]) == 0
    assert total([1, 2]) == 3
    assert total([1, None]) is None


def test_components_without_a_model() -> None:
    nlp = spacy.blank("en")
    for name in ("lemmatizer", "attribute_ruler", "sentencizer"):
        nlp.add_pipe(name)
    assert [part.n_parameters for part in describe(nlp).components] == [0, 0, 0]
