"""The encoders as drop-in replacements in spaCy's own components."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.cli.pretrain import pretrain
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import load_config_from_str, load_model_from_config
from thinc.api import Model

TEXTS = ["I like London", "", "Berlin", "She saw that you liked Paris and Berlin a lot"]
WORDS = {
    ("I", "like", "London"): ("PRON", "VERB", "PROPN"),
    ("You", "saw", "Berlin"): ("PRON", "VERB", "PROPN"),
}
ENCODERS = {
    "drop-in": {
        "@architectures": "spacy-lstm.BiLSTMEncoder.v1",
        "width": 16,
        "depth": 2,
        "dropout": 0.0,
    },
    "all options": {
        "@architectures": "spacy-lstm.RNNEncoder.v1",
        "hidden": 8,
        "depth": 2,
        "output_dropout": None,
        "weight_dropout": 0.2,
        "word_dropout": 0.1,
        "connection": "highway",
        "layer_norm": True,
        "trainable_state": True,
        "activation_penalty": 0.01,
        "temporal_activation_penalty": 0.01,
        "window": 8,
        "overlap": 2,
    },
}
COMPONENTS = ["tagger", "ner", "parser", "textcat", "spancat"]


def tok2vec_config(encoder: str) -> dict[str, Any]:
    return {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": 16,
            "attrs": ["NORM", "SHAPE"],
            "rows": [200, 200],
            "include_static_vectors": False,
        },
        "encode": ENCODERS[encoder],
    }


def make_examples(nlp: Language) -> list[Example]:
    return [
        Example.from_dict(
            Doc(nlp.vocab, words=list(words)),
            {
                "tags": list(tags),
                "heads": [1, 1, 1],
                "deps": ["nsubj", "ROOT", "dobj"],
                "entities": ["O", "O", "U-GPE"],
                "cats": {"like": float("like" in words), "saw": float("saw" in words)},
                "spans": {"sc": [(0, len(words[0]), "WHO")]},
            },
        )
        for words, tags in WORDS.items()
    ]


def make(component: str, encoder: str, shared: bool) -> Language:
    nlp = spacy.blank("en")
    tok2vec = tok2vec_config(encoder)
    if shared:
        nlp.add_pipe("tok2vec", config={"model": tok2vec})
        tok2vec = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16}
    settings = {"min_action_freq": 1} if component == "parser" else {}
    nlp.add_pipe(component, config={"model": {"tok2vec": tok2vec}, **settings})
    optimizer = nlp.initialize(lambda: make_examples(nlp))
    for _ in range(3):
        nlp.update(make_examples(nlp), sgd=optimizer, drop=0.1)
    return nlp


def vectors(nlp: Language, docs: list[Doc]) -> list[numpy.ndarray]:
    pipe = nlp.get_pipe(nlp.pipe_names[0])
    model = (
        pipe.model if nlp.pipe_names[0] == "tok2vec" else pipe.model.get_ref("tok2vec")
    )
    return model.predict(docs)


def encoder_of(nlp: Language) -> Model:
    model = nlp.get_pipe(nlp.pipe_names[0]).model
    return next(node for node in model.walk() if node.name == "rnn_encoder")


def assert_same(docs: Iterable[Doc], expected: list[Doc]) -> None:
    for doc, other in zip(docs, expected, strict=True):
        found, wanted = doc.to_json(), other.to_json()
        cats = wanted.pop("cats", {})
        assert found.pop("cats", {}) == pytest.approx(cats, abs=1e-5)
        assert found == wanted


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("component", COMPONENTS)
def test_spacy_components(
    component: str, encoder: str, shared: bool, tmp_path: Path
) -> None:
    nlp = make(component, encoder, shared)
    before = encoder_of(nlp).to_bytes()
    optimizer = nlp.resume_training()
    for _ in range(2):  # spaCy applies the gradients of a listener one step later
        nlp.update(make_examples(nlp), sgd=optimizer, drop=0.1)
    assert encoder_of(nlp).to_bytes() != before
    # spaCy's textcat treats an empty document differently in a batch.
    texts = [text for text in TEXTS if text or component != "textcat"]
    alone = [nlp(text) for text in texts]
    for docs in (
        list(nlp.pipe(texts)),
        list(nlp.pipe(texts, batch_size=3)),
        list(nlp.pipe(texts[::-1]))[::-1],
    ):
        assert_same(docs, alone)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert encoder_of(loaded).to_bytes() == encoder_of(nlp).to_bytes()
    assert_same(loaded.pipe(texts), alone)
    if shared:
        nlp.replace_listeners("tok2vec", component, ["model.tok2vec"])
        nlp.remove_pipe("tok2vec")
        assert_same(nlp.pipe(texts), alone)


@pytest.mark.parametrize(
    "make_encode",
    [
        lambda: ENCODERS["drop-in"],
        pytest.param(
            lambda: (
                ENCODERS["drop-in"] | {"@architectures": "spacy.TorchBiLSTMEncoder.v1"}
            ),
            marks=pytest.mark.xfail(strict=True),
            id="upstream",
        ),
    ],
)
def test_vectors_do_not_depend_on_the_batch(make_encode: Callable) -> None:
    """They do with spaCy's encoder."""
    config = {**tok2vec_config("drop-in"), "encode": make_encode()}
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger", config={"model": {"tok2vec": config}})
    nlp.initialize(lambda: make_examples(nlp))
    docs = [nlp.make_doc(text) for text in TEXTS if text]
    for doc, together in zip(docs, vectors(nlp, docs), strict=True):
        assert_allclose(vectors(nlp, [doc])[0], together, atol=1e-5)


OBJECTIVES = {
    "characters": """
@architectures = "spacy.PretrainCharacters.v1"
maxout_pieces = 3
hidden_size = 30
n_characters = 4
""",
    "vectors": """
@architectures = "spacy.PretrainVectors.v1"
maxout_pieces = 3
hidden_size = 30
loss = "cosine"
""",
}
PRETRAINING = """
[paths]
raw_text = null
vectors = null

[pretraining]
max_epochs = 2
dropout = 0.2
n_save_every = null
n_save_epoch = null
component = "tok2vec"
layer = ""
corpus = "corpora.pretrain"

[pretraining.batcher]
@batchers = "spacy.batch_by_words.v1"
size = 50
discard_oversize = false
tolerance = 0.2

[pretraining.optimizer]
@optimizers = "Adam.v1"

[pretraining.objective]
{objective}
[corpora]

[corpora.pretrain]
@readers = "spacy.JsonlCorpus.v1"
path = ${{paths.raw_text}}

[initialize]
vectors = ${{paths.vectors}}
"""


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_pretraining(objective: str, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    for i, word in enumerate(["I", "like", "London", "You", "saw", "Berlin"]):
        nlp.vocab.set_vector(word, numpy.eye(6, dtype="f")[i])
    nlp.to_disk(tmp_path / "vectors")
    (tmp_path / "raw.jsonl").write_text('{"text": "I like London"}\n' * 40)
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": tok2vec_config("drop-in")})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16}
    nlp.add_pipe("tagger", config={"model": {"tok2vec": listener}})
    added = PRETRAINING.format(objective=OBJECTIVES[objective])
    config = nlp.config.merge(load_config_from_str(added, interpolate=False))
    config["paths"]["raw_text"] = str(tmp_path / "raw.jsonl")
    if objective == "vectors":
        config["paths"]["vectors"] = str(tmp_path / "vectors")
    (tmp_path / "out").mkdir()
    pretrain(config.interpolate(), tmp_path / "out")
    weights = tmp_path / "out" / "model-last.bin"
    config["initialize"]["init_tok2vec"] = str(weights)
    trained = load_model_from_config(config, auto_fill=True)
    trained.initialize(lambda: make_examples(trained))
    fresh = load_model_from_config(config, auto_fill=True)
    fresh.get_pipe("tok2vec").model.initialize(
        X=[fresh.make_doc(text) for text in TEXTS]
    )
    fresh.get_pipe("tok2vec").model.from_bytes(weights.read_bytes())
    assert encoder_of(trained).to_bytes() == encoder_of(fresh).to_bytes()


THREADS = """
from concurrent.futures import ThreadPoolExecutor
import numpy, spacy, sys, threading, torch
torch.set_num_threads(2)
nlp, copied = spacy.load(sys.argv[1]), spacy.load(sys.argv[1])
words = "I like London and you saw Berlin".split() * 8
make = lambda: [spacy.tokens.Doc(nlp.vocab, words=words[i % 5 :]) for i in range(20)]
tagger = nlp.get_pipe("tagger")
expected = tagger.model.predict(make())
before = nlp.to_bytes()
example = spacy.training.Example.from_dict(
    spacy.tokens.Doc(copied.vocab, words=words), {"tags": ["PRON"] * len(words)}
)

def train(_):
    optimizer = copied.resume_training()
    for _ in range(10):
        copied.update([example] * 20, sgd=optimizer, drop=0.1)

def predict(_):
    docs = list(nlp.pipe(make()))
    return docs, tagger.model.predict(make())

with ThreadPoolExecutor(8) as pool:
    training = pool.submit(train, 0)
    answers = list(pool.map(predict, range(40)))
    training.result()
assert any("spacy-lstm" in thread.name for thread in threading.enumerate())
tags = [[t.tag_ for t in doc] for doc in nlp.pipe(make())]
for docs, scores in answers:
    assert [[t.tag_ for t in doc] for doc in docs] == tags
    for a, b in zip(scores, expected, strict=True):
        assert numpy.abs(a - b).max() < 1e-6
assert nlp.to_bytes() == before
assert copied.to_bytes() != before
"""


def run_on_a_large_model(script: str, tmp_path: Path, *arguments: str) -> None:
    """Run a script on a model that is large enough for one thread per direction."""
    nlp = spacy.blank("en")
    config = tok2vec_config("drop-in")
    config["embed"]["width"] = 128
    config["encode"] = {**ENCODERS["drop-in"], "width": 128}
    nlp.add_pipe("tagger", config={"model": {"tok2vec": config}})
    nlp.initialize(lambda: make_examples(nlp))
    nlp.to_disk(tmp_path / "model")
    path = tmp_path / "script.py"
    path.write_text(script)
    command = [sys.executable, str(path), str(tmp_path / "model"), *arguments]
    subprocess.run(command, check=True, timeout=120)


def test_prediction_during_training_of_a_copy(tmp_path: Path) -> None:
    run_on_a_large_model(THREADS, tmp_path)


N_PROCESS = """
import multiprocessing, sys, threading
import torch

if __name__ == "__main__":
    torch.set_num_threads(2)
    multiprocessing.set_start_method(sys.argv[2])
    import spacy
    nlp = spacy.load(sys.argv[1])
    words = "I like London and you saw Berlin".split() * 8
    docs = [spacy.tokens.Doc(nlp.vocab, words=words) for _ in range(60)]
    alone = [[t.tag_ for t in doc] for doc in nlp.pipe(docs)]
    example = spacy.training.Example.from_dict(docs[0], {"tags": ["PRON"] * len(words)})
    nlp.update([example] * 60, sgd=None)
    names = [thread.name for thread in threading.enumerate()]
    assert any("spacy-lstm" in name for name in names), names
    many = list(nlp.pipe(docs, n_process=2, batch_size=20))
    assert [[t.tag_ for t in doc] for doc in many] == alone
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_n_process_after_training(method: str, tmp_path: Path) -> None:
    if method == "fork" and sys.platform == "win32":
        pytest.skip("this system has no fork")
    run_on_a_large_model(N_PROCESS, tmp_path, method)
