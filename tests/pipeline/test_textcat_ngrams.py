"""The n-grams of text classifiers, their weight, and calibration."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.language import Language
from spacy.training import Example
from thinc.api import fix_random_seed

from spacy_lstm.layers.adversarial import find_encoder
from spacy_lstm.pipeline.textcat_fitting import Sample, Targets, find_logit_sum
from spacy_lstm.pipeline.tok2vec import DEFAULT_TOK2VEC

from ..util import TEXTS, make_example, make_examples, train

SAVED = Path(__file__).parent.parent / "data" / "textcat_0_1"
ENCODER = {"@architectures": "spacy-lstm.RNNEncoder.v1", "hidden": 8}
NGRAMS = {"@architectures": "spacy-lstm.TextCatNgrams.v1"}
V1 = {
    "@architectures": "spacy-lstm.TextCatRNN.v1",
    "exclusive_classes": True,
    "ngram_size": 1_000_000,
    "tok2vec": DEFAULT_TOK2VEC,
}


def make(name: str = "lstm_textcat", **config: Any) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe(name, config=config)
    return nlp


def pipe_of(nlp: Language) -> Any:
    return nlp.get_pipe(nlp.pipe_names[-1])


def layer_of(nlp: Language) -> Any:
    return find_logit_sum(pipe_of(nlp).model)


def classify_by_ngrams(nlp: Language, text: str) -> str:
    layer = layer_of(nlp)
    scores = layer.layers[1].predict([nlp.make_doc(text)])[0]
    return pipe_of(nlp).labels[layer.attrs["linear_labels"][scores.argmax()]]


@pytest.mark.parametrize("name", ["lstm_textcat", "lstm_textcat_multilabel"])
def test_that_they_are_fitted_at_initialization(name: str) -> None:
    nlp = make(name)
    nlp.initialize(lambda: make_examples(nlp))
    assert layer_of(nlp).attrs["linear_labels"] == [0, 1]
    for text, label in TEXTS.items():
        assert classify_by_ngrams(nlp, text) == label


def test_that_the_seed_decides() -> None:
    saved = []
    for seed in (0, 0, 1):
        fix_random_seed(seed)
        nlp = make()
        train(nlp, make_examples(nlp), steps=2)
        saved.append(pipe_of(nlp).to_bytes())
    assert saved[0] == saved[1]
    assert saved[0] != saved[2]


def test_that_they_are_saved(tmp_path: Path) -> None:
    nlp = make()
    train(nlp, make_examples(nlp))
    pipe_of(nlp).calibrate(make_examples(nlp))
    before = [doc.cats for doc in nlp.pipe(TEXTS)]
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert [doc.cats for doc in loaded.pipe(TEXTS)] == before
    assert layer_of(loaded).attrs["weights"] == layer_of(nlp).attrs["weights"]
    copy = spacy.blank("en")
    copy.add_pipe("lstm_textcat").from_bytes(pipe_of(nlp).to_bytes())
    assert [doc.cats for doc in copy.pipe(TEXTS)] == before


@pytest.mark.parametrize("name", ["lstm_textcat", "lstm_textcat_multilabel"])
def test_that_models_of_version_0_1_predict_the_same(name: str) -> None:
    expected = json.loads((SAVED / "expected.json").read_text())[name]
    nlp = spacy.blank("xx")
    settings = {k: v for k, v in expected["config"].items() if k != "factory"}
    nlp.add_pipe(name, config=settings)
    pipe_of(nlp).from_bytes((SAVED / f"{name}.msg").read_bytes())
    cats = nlp("a good and bad book").cats
    assert cats == pytest.approx(expected["cats"], abs=1e-6)


def test_that_training_goes_on_without_them() -> None:
    """The network learns by itself: its gradient doesn't know of the n-grams."""
    losses = []
    for linear_model in (NGRAMS, None):
        nlp = make(model={"linear_model": linear_model})
        examples = make_examples(nlp)
        fix_random_seed(0)
        nlp.initialize(lambda: examples)  # noqa: B023
        fix_random_seed(0)
        losses.append(nlp.update(examples, drop=0.0)["lstm_textcat"])
    assert losses[0] == pytest.approx(losses[1], rel=0.05)


@pytest.mark.parametrize("name", ["lstm_textcat", "lstm_textcat_multilabel"])
def test_that_labels_can_be_added_and_learned(name: str) -> None:
    nlp = make(name)
    train(nlp, make_examples(nlp))
    pipe = pipe_of(nlp)
    pipe.calibrate(make_examples(nlp))
    before = [doc.cats for doc in nlp.pipe(TEXTS)]
    pipe.add_label("neutral")
    for old, doc in zip(before, nlp.pipe(TEXTS), strict=True):
        assert doc.cats["neutral"] < 1e-3
        for label, probability in old.items():
            assert doc.cats[label] == pytest.approx(probability, abs=1e-3)
    new = [
        make_example(nlp, text, {"good": 0.0, "bad": 0.0, "neutral": 1.0})
        for text in ("a table of numbers", "the index has ten pages")
    ]
    optimizer = nlp.resume_training()
    old_examples = [
        make_example(nlp, eg.text, {**eg.reference.cats, "neutral": 0.0})
        for eg in make_examples(nlp)
    ]
    for _ in range(80):
        nlp.update([*old_examples, *new], sgd=optimizer)
    for example in new:
        cats = nlp(example.text).cats
        assert max(cats, key=cats.get) == "neutral"
    pipe.calibrate([*old_examples, *new])
    assert layer_of(nlp).attrs["linear_labels"] == [0, 1]


def test_labels_without_texts() -> None:
    nlp = make()
    labels = ["bad", "good"]
    nlp.config["initialize"]["components"]["lstm_textcat"] = {"labels": labels}
    optimizer = nlp.initialize()
    assert layer_of(nlp).attrs["linear_labels"] == []
    for _ in range(15):
        nlp.update(make_examples(nlp), sgd=optimizer)
    for text, label in TEXTS.items():
        cats = nlp(text).cats
        assert max(cats, key=cats.get) == label
    pipe_of(nlp).calibrate(make_examples(nlp))
    assert layer_of(nlp).attrs["weights"][1] == 0


def test_that_labels_without_an_example_are_left_to_the_network() -> None:
    nlp = make()
    nlp.config["initialize"]["components"]["lstm_textcat"] = {
        "labels": ["bad", "unseen", "good"]
    }
    nlp.initialize(lambda: make_examples(nlp))
    assert layer_of(nlp).attrs["linear_labels"] == [0, 2]


def test_one_document_a_label() -> None:
    nlp = make()
    examples = make_examples(nlp)[3:5]
    train(nlp, examples)
    for example in examples:
        cats = nlp(example.text).cats
        assert cats == pytest.approx(example.reference.cats, abs=0.5)


def test_texts_without_an_ngram_in_common() -> None:
    nlp = make()
    examples = [
        make_example(nlp, text, {"a": float(i % 2), "b": float(1 - i % 2)})
        for i, text in enumerate(["xx", "yy", "q", "z"])
    ]
    train(nlp, examples, steps=1)
    assert layer_of(nlp).attrs["linear_labels"] == []
    assert sum(nlp("xx yy").cats.values()) == pytest.approx(1)


def test_equal_texts_with_different_labels() -> None:
    nlp = make()
    examples = [
        make_example(nlp, "same text", {"a": float(i % 2), "b": float(1 - i % 2)})
        for i in range(10)
    ]
    train(nlp, examples, steps=1)
    pipe_of(nlp).calibrate(examples)
    assert nlp("same text").cats["a"] == pytest.approx(0.5, abs=0.1)


def test_missing_soft_and_weighted_truths() -> None:
    nlp = make("lstm_textcat_multilabel", class_weights="balanced")
    cats = [{"a": 1.0}, {"a": 0.0, "b": 0.7}, {"b": 0.0}, {"a": 0.3, "b": 1.0}]
    examples = [make_example(nlp, f"a text of {c}", c) for c in cats for _ in range(3)]
    train(nlp, examples, steps=1)
    assert layer_of(nlp).attrs["linear_labels"] == [0, 1]
    assert nlp("a text").cats["a"] > 0


def make_targets(examples: list[Example]) -> Targets:
    gold = numpy.array([[eg.reference.cats["good"]] for eg in examples])
    return Targets(gold, numpy.ones_like(gold), numpy.ones(1), exclusive=False)


def sample(nlp: Language, limit: int, examples: list[Example]) -> Sample:
    settings = layer_of(nlp).layers[1].attrs["settings"]
    sample = Sample(limit)
    for start in range(0, len(examples), 3):
        sample.add(settings, examples[start : start + 3], make_targets)
    return sample


def test_that_a_small_corpus_is_read_whole() -> None:
    nlp = make()
    examples = make_examples(nlp)
    counts, targets = sample(nlp, 100, examples).join()
    expected = (
        layer_of(nlp)
        .layers[1]
        .attrs["settings"]
        .read([eg.predicted for eg in examples])
    )
    for name in ("buckets", "counts", "bags"):
        assert getattr(counts, name).tolist() == getattr(expected, name).tolist()
    assert targets.gold[:, 0].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]


def test_that_a_large_corpus_is_sampled() -> None:
    nlp = make()
    examples = make_examples(nlp)
    fix_random_seed(0)
    n_good = []
    for _ in range(200):
        counts, targets = sample(nlp, 3, examples).join()
        assert counts.n_docs == len(targets.gold) == 3
        n_good.append(targets.gold.sum())
    assert numpy.mean(n_good) == pytest.approx(1.5, abs=0.2)


def test_that_very_long_documents_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacy_lstm.pipeline.textcat_fitting.MAX_NGRAMS", 100)
    nlp = make()
    counts, _ = sample(nlp, 100, make_examples(nlp)).join()
    assert 1 < counts.n_docs < len(TEXTS)
    assert len(counts.buckets) < 300


def test_a_stream_of_examples() -> None:
    """As `spacy train` does with `max_epochs = -1`, which gives the first of them."""
    nlp = make()

    def stream() -> Iterator[Example]:
        yield from make_examples(nlp)

    optimizer = nlp.initialize(stream)
    nlp.update(list(stream()), sgd=optimizer)
    assert layer_of(nlp).attrs["linear_labels"] == [0, 1]


def test_that_shared_vectors_are_read_too() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec")
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96}
    nlp.add_pipe("lstm_textcat", config={"model": {"tok2vec": listener}})
    train(nlp, make_examples(nlp))
    examples = make_examples(nlp)
    with pytest.raises(ValueError, match="has not read"):
        pipe_of(nlp).calibrate(examples)
    for example in examples:
        example.predicted = nlp.get_pipe("tok2vec")(example.predicted)
    assert set(pipe_of(nlp).calibrate(examples)) == {"network", "ngrams"}


def test_that_calibration_mends_what_is_too_sure() -> None:
    nlp = make(model={"linear_model": None})
    train(nlp, make_examples(nlp), steps=40)
    wrong = [
        make_example(
            nlp, eg.text, {"good": 1 - eg.y.cats["good"], "bad": 1 - eg.y.cats["bad"]}
        )
        for eg in make_examples(nlp)[:3]
    ]
    examples = [*make_examples(nlp)[3:], *wrong]
    before = nlp("I love this lovely book").cats
    (temperature,) = pipe_of(nlp).calibrate(examples).values()
    after = nlp("I love this lovely book").cats
    assert temperature > 1
    assert 0.5 < after["good"] < before["good"]
    fix_random_seed(0)
    loss = nlp.update(make_examples(nlp))["lstm_textcat"]
    assert loss < 0.2


@pytest.mark.parametrize("linear_model", [NGRAMS, None])
def test_that_initialization_forgets_the_calibration(linear_model: dict | None) -> None:
    nlp = make(model={"linear_model": linear_model})
    train(nlp, make_examples(nlp))
    default = pipe_of(nlp).calibrate([])
    assert pipe_of(nlp).calibrate(make_examples(nlp)) != default
    nlp.initialize(lambda: make_examples(nlp))
    assert pipe_of(nlp).calibrate([]) == default


def test_that_nothing_is_changed_without_annotation() -> None:
    nlp = make()
    train(nlp, make_examples(nlp))
    before = layer_of(nlp).attrs["weights"]
    others = [
        make_example(nlp, "a text", {"other": 1.0}),
        make_example(nlp, "a text", {"good": 0.0, "bad": 0.0}),
        make_example(nlp, "", {}),
    ]
    pipe_of(nlp).calibrate(others)
    pipe_of(nlp).calibrate([])
    assert layer_of(nlp).attrs["weights"] == before


def test_that_logits_that_are_not_finite_change_no_weights() -> None:
    nlp = make()
    train(nlp, make_examples(nlp))
    before = layer_of(nlp).attrs["weights"]
    output = pipe_of(nlp).model.get_ref("output_layer")
    output.set_param("b", numpy.array([numpy.nan, 0], dtype="f"))
    pipe_of(nlp).calibrate(make_examples(nlp))
    assert layer_of(nlp).attrs["weights"] == before


def test_that_replaced_listeners_are_trained_adversarially() -> None:
    nlp = make(adversarial=0.05)
    copy = spacy.blank("en")
    copy.add_pipe("tok2vec", config={"model": DEFAULT_TOK2VEC})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 256}
    copy.add_pipe("lstm_textcat", config={"model": {"tok2vec": listener}})
    train(copy, make_examples(copy), steps=1)
    copy.replace_listeners("tok2vec", "lstm_textcat", ["model.tok2vec"])
    assert find_encoder(pipe_of(copy).model) is not None
    assert find_encoder(pipe_of(nlp).model.copy()) is not None


def test_that_ngrams_alone_are_no_model() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat", config={"model": NGRAMS})
    nlp.initialize(lambda: make_examples(nlp))
    with pytest.raises(ValueError, match="has not been fitted"):
        nlp("a text")


def test_that_other_architectures_are_not_calibrated() -> None:
    model = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": True,
        "ngram_size": 1,
        "no_output_layer": False,
        "length": 64,
    }
    nlp = make(model=model)
    train(nlp, make_examples(nlp))
    assert pipe_of(nlp).calibrate(make_examples(nlp)) == {}


def test_that_ngrams_have_a_score_of_their_own() -> None:
    nlp = make()
    train(nlp, make_examples(nlp))
    scores = nlp.evaluate(make_examples(nlp))
    assert scores["cats_ngrams_score"] == pytest.approx(1.0)
    wrong = nlp.evaluate([make_example(nlp, "I love it", {"good": 0.0, "bad": 1.0})])
    assert wrong["cats_ngrams_score"] == wrong["cats_score"] == 0
    without = make(model={"linear_model": None})
    train(without, make_examples(without))
    assert "cats_ngrams_score" not in without.evaluate(make_examples(without))


def test_rehearsal_and_averages() -> None:
    nlp = make()
    train(nlp, make_examples(nlp), steps=3)
    optimizer = nlp.resume_training()
    before = layer_of(nlp).layers[1].to_bytes()
    nlp.update(make_examples(nlp), sgd=optimizer)
    nlp.rehearse(make_examples(nlp), sgd=optimizer)
    with nlp.use_params(optimizer.averages):
        assert layer_of(nlp).layers[1].to_bytes() == before
    assert layer_of(nlp).layers[1].to_bytes() == before


def test_that_adversarial_training_adds_a_second_pass() -> None:
    gradients = []
    for adversarial in (0.0, 0.05):
        fix_random_seed(0)
        nlp = make(adversarial=adversarial)
        nlp.initialize(lambda: make_examples(nlp))  # noqa: B023
        encoder = pipe_of(nlp).model.get_ref("tok2vec").get_ref("encode")
        nlp.update(make_examples(nlp), sgd=False)
        shim = encoder.shims[0]
        assert shim.perturbation is None
        assert shim.input_gradient is None
        gradients.append(
            numpy.concatenate([p.grad.ravel() for p in shim.module.parameters()])
        )
    # The second gradient is about the first one again, of a loss that is a bit larger.
    plain, doubled = gradients
    assert not numpy.allclose(plain, doubled)
    assert_allclose(doubled @ plain / (plain @ plain), 2, atol=0.5)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ngram_size": 1_000_000}, "`ngram_size` is 1000000.*1 to 20"),
        ({"max_chars": 2}, "`max_chars` is 2 while `min_chars` is 3"),
        ({"max_chars": -1}, "`max_chars` is -1"),
        ({"length": 0}, "`length` is 0"),
        ({"length": 2**40}, "`length` is"),
        ({"min_df": 0}, "`min_df` is 0"),
        ({"max_docs": 0}, "`max_docs` is 0"),
    ],
)
def test_invalid_ngrams(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make(model={"linear_model": {**NGRAMS, **settings}})


def test_invalid_settings() -> None:
    with pytest.raises(ValueError, match="`adversarial` is -1"):
        make(adversarial=-1.0)
    encode = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": 96,
        "window_size": 1,
        "maxout_pieces": 2,
        "depth": 1,
    }
    with pytest.raises(ValueError, match="no recurrent encoder"):
        make(adversarial=0.1, model={"tok2vec": {"encode": encode}})
    with pytest.raises(ValueError, match="`ngram_size` is 1000000"):
        make(model=V1)
    bag_of_words = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": True,
        "ngram_size": 1,
        "no_output_layer": True,
    }
    with pytest.raises(ValueError, match="`linear_model` is"):
        make(model={"linear_model": bag_of_words})
