"""Torch's default type of numbers, which other code of a process may change."""

from collections.abc import Iterator
from typing import Any

import numpy
import pytest
import spacy
import torch
from numpy.testing import assert_array_equal
from thinc.api import fix_random_seed

from spacy_lstm.attribution.explain import explain

from .util import FACTORIES, make_annotated_examples, write_vectors

RNN = {"@architectures": "spacy-lstm.RNNEncoder.v1", "hidden": 8, "layer_norm": True}


@pytest.fixture
def _float64() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def run(factory: str, vectors: Any) -> list[numpy.ndarray]:
    """Train, save, load, calibrate and explain a component."""
    fix_random_seed(0)
    nlp = spacy.load(vectors)
    pipe: Any = nlp.add_pipe(factory, config=make_config(factory))
    examples = make_annotated_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(2):
        nlp.update(examples, sgd=optimizer, drop=0.2)
    loaded = spacy.util.load_model_from_config(nlp.config, auto_fill=True)
    loaded.from_bytes(nlp.to_bytes())
    pipe = loaded.get_pipe(factory)
    if hasattr(pipe, "calibrate"):
        pipe.calibrate(examples)
    doc = loaded("a lovely, sad book")
    results = [doc.to_array(["TAG", "POS", "ENT_IOB"]), list(doc.cats.values())]
    logits = pipe.model.predict([doc])
    results.append(logits[0] if isinstance(logits, list) else logits)
    results.extend(found.scores for found in explain(loaded, doc))
    return [numpy.asarray(result) for result in results]


def make_config(factory: str) -> dict[str, Any]:
    tok2vec: dict[str, Any] = {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy-lstm.LexemeEmbed.v1",
            "width": 8,
            "attrs": ["NORM", "SHAPE"],
            "rows": [20, 20],
            "include_static_vectors": True,
            "chars": "lstm",
            "unknown_rate": 0.5,
        },
        "encode": {**RNN, "connection": "highway", "depth": 2},
    }
    config: dict[str, Any] = {"model": {"tok2vec": tok2vec}}
    if "textcat" in factory:
        config["adversarial"] = 0.05
        config["model"]["pooling"] = ["attention", "max", "mean", "last"]
    return config


@pytest.mark.parametrize("factory", FACTORIES)
def test_that_it_makes_no_difference(
    factory: str, tmp_path_factory: pytest.TempPathFactory, request: Any
) -> None:
    vectors = write_vectors(tmp_path_factory.mktemp("vectors") / "v")
    expected = run(factory, vectors)
    request.getfixturevalue("_float64")
    found = run(factory, vectors)
    for own, other in zip(found, expected, strict=True):
        assert own.dtype == other.dtype
        assert_array_equal(own, other)


@pytest.mark.usefixtures("_float64")
@pytest.mark.parametrize("factory", FACTORIES)
def test_the_default_models(factory: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(factory)
    examples = make_annotated_examples(nlp)
    nlp.update(examples, sgd=nlp.initialize(lambda: examples))
    logits = nlp.get_pipe(factory).model.predict([nlp("a lovely book")])
    assert all(numpy.asarray(own).dtype == numpy.float32 for own in logits)
