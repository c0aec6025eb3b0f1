import copy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest
import spacy
import srsly
from numpy.testing import assert_allclose
from spacy.cli.find_threshold import find_threshold
from spacy.cli.init_pipeline import init_labels_cli
from spacy.language import Language
from spacy.pipeline.textcat import TextCategorizer
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from ..util import TEXTS, make_example, make_examples, train, write_corpus


def pipe_of(nlp: Language) -> TextCategorizer:
    return nlp.get_pipe(nlp.pipe_names[-1])


def cats_of(nlp: Language) -> list[dict[str, float]]:
    return [doc.cats for doc in nlp.pipe(TEXTS)]


def reloaded(nlp: Language) -> Language:
    config = nlp.config
    return spacy.util.load_model_from_config(config, auto_fill=True)


def test_learns_its_examples(nlp: Language) -> None:
    for text, label in TEXTS.items():
        cats = nlp(text).cats
        assert max(cats, key=cats.get) == label
    scores = nlp.evaluate(make_examples(nlp))
    assert scores["cats_score"] == pytest.approx(1.0)


def test_is_a_trainable_pipe_of_spacy(nlp: Language) -> None:
    pipe = pipe_of(nlp)
    assert isinstance(pipe, TextCategorizer)
    assert pipe.is_trainable
    assert pipe.is_resizable
    assert pipe.labels == ("good", "bad")
    assert pipe.label_data == pipe.labels
    meta = nlp.get_pipe_meta(nlp.pipe_names[-1])
    assert meta.assigns == ["doc.cats"]
    assert "cats_score" in meta.scores


def test_exclusive_probabilities_add_up_to_one() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat")
    train(nlp, make_examples(nlp), steps=1)
    assert sum(nlp("I love it").cats.values()) == pytest.approx(1)


def test_any_number_of_labels_may_be_right() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat_multilabel")
    cats = {
        "red": {"warm": 1.0, "bright": 1.0},
        "brown": {"warm": 1.0, "bright": 0.0},
        "white": {"warm": 0.0, "bright": 1.0},
        "grey": {"warm": 0.0, "bright": 0.0},
    }
    train(nlp, [make_example(nlp, text, cat) for text, cat in cats.items()], steps=60)
    for text, truths in cats.items():
        for label, probability in nlp(text).cats.items():
            assert (probability > 0.5) == truths[label]


def test_one_text_and_many_agree(nlp: Language) -> None:
    texts = [*TEXTS, "", "love", "love " * 300]
    alone = [nlp(text).cats for text in texts]
    for batch_size in (1, 3, 100):
        for order in (1, -1):
            docs = list(nlp.pipe(texts[::order], batch_size=batch_size))[::order]
            for doc, cats in zip(docs, alone, strict=True):
                assert doc.cats == pytest.approx(cats, abs=1e-5)


def test_a_document_without_tokens_has_zeros_in_every_batch(nlp: Language) -> None:
    assert nlp("").cats == {"good": 0.0, "bad": 0.0}
    assert [doc.cats for doc in nlp.pipe(["love", ""])][1] == {"good": 0, "bad": 0}


def test_round_trip_through_bytes_and_disk(nlp: Language, tmp_path: Path) -> None:
    expected = cats_of(nlp)
    assert cats_of(reloaded(nlp).from_bytes(nlp.to_bytes())) == expected
    nlp.to_disk(tmp_path)
    assert cats_of(spacy.load(tmp_path)) == expected
    pipe = pipe_of(reloaded(nlp))
    pipe.from_disk(tmp_path / nlp.pipe_names[-1], exclude=["vocab"])
    assert pipe.labels == ("good", "bad")


def test_exclude_leaves_parts_out(nlp: Language, tmp_path: Path) -> None:
    pipe_of(nlp).to_disk(tmp_path, exclude=["model", "vocab"])
    pipe = pipe_of(reloaded(nlp))
    pipe.from_disk(tmp_path, exclude=["model", "vocab"])
    assert pipe.labels == ("good", "bad")


def test_labels_are_added_to_a_trained_pipe(nlp: Language, factory: str) -> None:
    before = cats_of(nlp)
    pipe = pipe_of(nlp)
    assert pipe.add_label("good") == 0
    assert pipe.add_label("dull") == 1
    for old, new in zip(before, cats_of(nlp), strict=True):
        assert new.pop("dull") < 1e-3
        assert new == pytest.approx(old, abs=1e-3)

    examples = make_examples(nlp)
    for i in range(4):
        truths = {"good": 0.0, "bad": 0.0, "dull": 1.0}
        examples.append(make_example(nlp, f"grey dust {i}", truths))
    optimizer = nlp.resume_training()
    for _ in range(60):
        nlp.update(examples, sgd=optimizer)
    cats = nlp("grey dust 1").cats
    assert max(cats, key=cats.get) == "dull"
    loaded = reloaded(nlp).from_bytes(nlp.to_bytes())
    assert loaded("grey dust 1").cats == cats


def test_labels_from_init_labels(factory: str, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "train.spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe(factory)
    config = nlp.config.copy()
    config["corpora"] = {
        "train": {"@readers": "spacy.Corpus.v1", "path": str(corpus)},
        "dev": {"@readers": "spacy.Corpus.v1", "path": str(corpus)},
    }
    config.to_disk(tmp_path / "config.cfg")

    init_labels_cli(
        SimpleNamespace(args=[]),
        tmp_path / "config.cfg",
        tmp_path / "labels",
        code_path=None,
        verbose=False,
        use_gpu=-1,
    )
    labels = srsly.read_json(tmp_path / "labels" / f"{factory}.json")
    assert labels == ["good", "bad"]
    srsly.write_json(tmp_path / "labels.json", [*labels[::-1], "dull"])
    path = str(tmp_path / "labels.json")
    reader = {"@readers": "spacy.read_labels.v1", "path": path}
    config["initialize"]["components"] = {factory: {"labels": reader}}
    other = spacy.util.load_model_from_config(config, auto_fill=True)
    other.initialize(lambda: make_examples(other))
    assert pipe_of(other).labels == ("bad", "good", "dull")


def test_rehearsal_changes_the_weights(nlp: Language) -> None:
    examples = make_examples(nlp)
    optimizer = nlp.resume_training()
    module = pipe_of(nlp).model.get_ref("tok2vec").get_ref("encode")
    for _ in range(5):
        nlp.update(examples, sgd=optimizer)
    before = module.to_bytes()
    raw = [Example.from_dict(nlp.make_doc(text), {}) for text in TEXTS]
    losses = nlp.rehearse(raw, sgd=optimizer)
    assert losses[nlp.pipe_names[-1]] > 0
    assert module.to_bytes() != before


def test_rehearsal_pulls_towards_the_first_model(nlp: Language) -> None:
    optimizer = nlp.resume_training()
    before = numpy.array([list(cats.values()) for cats in cats_of(nlp)])
    swapped = [
        make_example(nlp, text, {"good": label == "bad", "bad": label == "good"})
        for text, label in TEXTS.items()
    ]
    for _ in range(10):
        nlp.update(swapped, sgd=optimizer)

    def distance() -> float:
        now = numpy.array([list(cats.values()) for cats in cats_of(nlp)])
        return float(abs(now - before).mean())

    forgotten = distance()
    raw = [Example.from_dict(nlp.make_doc(text), {}) for text in TEXTS]
    optimizer = nlp.create_optimizer()
    for _ in range(10):
        nlp.rehearse(raw, sgd=optimizer)
    assert distance() < forgotten / 2


def test_training_with_averages_uses_them(nlp: Language) -> None:
    optimizer = nlp.create_optimizer()
    optimizer.averages = {}
    for _ in range(3):
        nlp.update(make_examples(nlp), sgd=optimizer)
    last = cats_of(nlp)
    with nlp.use_params(optimizer.averages):
        assert cats_of(nlp) != last
    assert cats_of(nlp) == last


def test_soft_truths_are_learned(factory: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(factory)
    cats = {"good": 0.7, "bad": 0.3}
    train(nlp, [make_example(nlp, "so so", cats)] * 4, steps=80)
    assert nlp("so so").cats == pytest.approx(cats, abs=0.05)
    assert nlp.evaluate([make_example(nlp, "so so", cats)])


def test_the_gradient_of_missing_labels(factory: str) -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    nlp.initialize(lambda: make_examples(nlp))
    scores = numpy.array([[0.4, 0.6]], dtype="f")
    loss, d_scores = pipe.get_loss([make_example(nlp, "x", {"good": 1.0})], scores)
    d_missing = 0.6 if factory == "lstm_textcat" else 0.0
    assert_allclose(d_scores, [[-0.6, d_missing]], rtol=1e-5)
    assert loss == pytest.approx(-numpy.log(0.4), rel=1e-5)
    loss, d_scores = pipe.get_loss([make_example(nlp, "x", {"other": 1.0})], scores)
    assert loss == pytest.approx(0, abs=1e-6)
    assert not d_scores.any()


def test_the_right_label_alone_says_as_much_as_all_labels() -> None:
    texts = [("a x", "one"), ("b x", "two"), ("c x", "three"), ("b y", "two")]
    labels = ["one", "two", "three"]
    predicted = []
    for spelled_out in (True, False):
        fix_random_seed(0)
        nlp = spacy.blank("en")
        config = {"label_smoothing": 0.1, "class_weights": {"one": 2.0}}
        nlp.add_pipe("lstm_textcat", config=config)
        cats = [
            {label: float(label == right) for label in labels}
            if spelled_out
            else {right: 1.0}
            for _, right in texts
        ]
        pairs = zip(texts, cats, strict=True)
        train(nlp, [make_example(nlp, text, own) for (text, _), own in pairs], steps=5)
        doc = nlp("a y")
        predicted.append([doc.cats[label] for label in labels])
    assert_allclose(predicted[0], predicted[1], rtol=1e-5)


def test_the_wrong_one_of_two_labels_says_as_much_as_both() -> None:
    results = []
    for spelled_out in (True, False):
        nlp = spacy.blank("en")
        config = {"class_weights": "balanced"}
        pipe = nlp.add_pipe("lstm_textcat", config=config)
        cats = [{"good": 1.0}, {"good": 0.0}, {"good": 0.0}, {"good": 0.0}]
        if spelled_out:
            cats = [{**own, "bad": 1 - own["good"]} for own in cats]
        examples = [make_example(nlp, "a b c", own) for own in cats]
        pipe.initialize(lambda own=examples: own, labels=["good", "bad"])
        scores = numpy.array([[0.4, 0.6]] * 4, dtype="f")
        loss, gradient = pipe.get_loss(examples, scores)
        results.append([loss, *gradient.ravel(), *pipe.cfg["class_weights"].values()])
    assert_allclose(results[0], results[1], rtol=1e-6)


def test_labels_that_no_example_has(factory: str) -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    with pytest.raises(ValueError, match=r"GOOD.*'bad', 'good'"):
        pipe.initialize(lambda: make_examples(nlp), labels=["GOOD", "BAD"])
    assert not pipe.labels


def test_examples_without_gold_label_have_no_score() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat")
    train(nlp, make_examples(nlp))
    examples = make_examples(nlp)
    expected = nlp.evaluate(examples)
    others = [{}, {"film": 1.0}, {"good": 0.0, "bad": 0.0}]
    more = [make_example(nlp, "a lovely film", cats) for cats in others]
    wrong = make_example(nlp, "a lovely book", {"bad": 0.0})
    scores = nlp.evaluate([*make_examples(nlp), *more, wrong])
    assert expected["cats_score"] == scores["cats_score"] == 1
    assert scores["lstm_textcat_score"] == 1


def test_a_component_without_scorer_has_no_scores() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat", config={"scorer": None})
    train(nlp, make_examples(nlp), steps=1)
    assert not any("score" in name for name in nlp.evaluate(make_examples(nlp)))


def test_classifiers_that_share_labels_are_warned_of() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat")
    nlp.add_pipe("lstm_textcat_multilabel")
    with pytest.warns(UserWarning, match=r"'lstm_textcat' .*'good', 'bad'"):
        nlp.initialize(lambda: make_examples(nlp))


def test_more_labels_in_initialization(factory: str) -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    for label in ("pos", "good"):
        pipe.add_label(label)
    cats = [{"good": 1.0}, {"bad": 1.0}, {"pos": 1.0}]
    examples = [make_example(nlp, "a b", own) for own in cats]
    for more in ([], ["even", "more"]):
        labels = ["pos", "good", "bad", *more]
        optimizer = nlp.initialize(lambda: examples)
        pipe.initialize(lambda: examples, labels=labels)
        assert pipe.labels == tuple(labels)
        assert pipe.model.get_dim("nO") == len(labels)
        nlp.update(examples, sgd=optimizer)
        assert list(nlp("a b").cats) == labels


def test_outputs_that_cannot_be_added() -> None:
    nlp = spacy.blank("en")
    model = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": True,
        "ngram_size": 1,
        "no_output_layer": True,
        "length": 64,
        "nO": 2,
    }
    pipe = nlp.add_pipe("lstm_textcat", config={"model": model})
    pipe.model.attrs.pop("resize_output")
    examples = [make_example(nlp, "a", {label: 1.0}) for label in "abc"]
    with pytest.raises(ValueError, match=r"2 outputs.* 3 labels"):
        pipe.initialize(lambda: examples)
    assert not pipe.labels


@pytest.mark.parametrize(
    "kind", [bool, numpy.bool_, int, numpy.int64, numpy.float32, numpy.float64]
)
def test_truths_of_any_type_of_number(factory: str, kind: type) -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory, config={"class_weights": "balanced"})
    examples = [
        make_example(nlp, text, {"good": kind(label == "good"), "bad": kind(False)})
        for text, label in TEXTS.items()
    ]
    train(nlp, examples, steps=2)
    pipe.calibrate(examples)
    assert nlp.evaluate(examples)["cats_score"] >= 0


def test_examples_without_categories_are_skipped(factory: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(factory)
    examples = [make_example(nlp, "a b", {}), *make_examples(nlp)]
    with pytest.warns(UserWarning, match="1 of 9 training examples have no annotation"):
        train(nlp, examples)
    assert nlp.evaluate(make_examples(nlp))["cats_score"] == 1


def test_labels_that_cannot_be_learned_are_warned_of(factory: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(factory)
    examples = [make_example(nlp, "a", {"pos": 1.0}), make_example(nlp, "b", {})]
    labels = ["pos", "ngative"]
    pipe = nlp.get_pipe(factory)
    with pytest.warns(UserWarning, match="training example") as warned:
        pipe.initialize(lambda: examples, labels=labels)
    messages = [str(warning.message) for warning in warned]
    assert any("['ngative'] are not true in" in message for message in messages)
    is_multilabel = factory == "lstm_textcat_multilabel"
    assert is_multilabel == any("['pos'] are not false in" in text for text in messages)


@pytest.mark.parametrize("label", ["", None, 1])
def test_what_is_no_label(factory: str, label: object) -> None:
    pipe = spacy.blank("en").add_pipe(factory)
    with pytest.raises(ValueError, match="is not a label"):
        pipe.add_label(label)
    assert pipe.labels == ()


def test_calibration_of_nothing(factory: str) -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    with pytest.raises(ValueError, match="has no labels"):
        pipe.calibrate(make_examples(nlp))
    train(nlp, make_examples(nlp), steps=1)
    with pytest.warns(UserWarning, match="nothing was calibrated"):
        pipe.calibrate([make_example(nlp, "a", {})])


@pytest.mark.parametrize("drop", [2, 1.0, -0.1, "0.1", None])
def test_a_rate_of_dropout_that_is_none(nlp: Language, drop: object) -> None:
    pipe = pipe_of(nlp)
    before = pipe.model.to_bytes()
    with pytest.raises(ValueError, match="`drop` is"):
        pipe.update(make_examples(nlp), drop=drop, sgd=nlp.create_optimizer())
    assert pipe.model.to_bytes() == before


def test_label_smoothing_and_class_weights(factory: str) -> None:
    nlp = spacy.blank("en")
    config = {"label_smoothing": 0.1, "class_weights": {"good": 2.0}}
    pipe = nlp.add_pipe(factory, config=config)
    nlp.initialize(lambda: make_examples(nlp))
    scores = numpy.array([[0.4, 0.6]], dtype="f")
    cats = {"good": 1.0, "bad": 0.0}
    _, d_scores = pipe.get_loss([make_example(nlp, "x", cats)], scores)
    if factory == "lstm_textcat":
        total = 0.9 * 2 + 0.1
        expected = [0.4 * total - 1.8, 0.6 * total - 0.1]
    else:
        expected = [0.4 * (1.8 + 0.1) - 1.8, 0.6 - 0.1]
    assert_allclose(d_scores, [expected], rtol=1e-5)


def test_balanced_weights_are_saved(factory: str) -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory, config={"class_weights": "balanced"})
    nlp.initialize(lambda: make_examples(nlp)[:6])
    weights = {"good": 0.75, "bad": 1.5} if factory == "lstm_textcat" else None
    weights = weights or {"good": 0.5, "bad": 2.0}
    assert pipe.cfg["class_weights"] == weights
    loaded = pipe_of(reloaded(nlp).from_bytes(nlp.to_bytes()))
    assert loaded.cfg["class_weights"] == weights


def test_positive_label_reaches_the_scorer() -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("lstm_textcat")
    examples = make_examples(nlp)
    pipe.initialize(lambda: examples, nlp=nlp, positive_label="good")
    assert pipe.cfg["positive_label"] == "good"
    assert nlp.evaluate(examples)["cats_score_desc"] == "F (good)"


@pytest.mark.parametrize("factory", ["lstm_textcat_multilabel"])
def test_threshold_reaches_the_scorer(nlp: Language) -> None:
    examples = make_examples(nlp)
    for threshold, recall in ((0.0, 1.0), (1.0, 0.0)):
        pipe_of(nlp).cfg["threshold"] = threshold
        assert nlp.evaluate(examples)["cats_macro_r"] == recall


@pytest.mark.parametrize("soft", [[0.9, 0.1], [0.7, 0.3, 0.8, 0.2, 0.9, 0.1, 0.6, 0.4]])
def test_soft_truths_are_scored_and_saved(
    nlp: Language, tmp_path: Path, soft: list[float]
) -> None:
    """spaCy's scorer finds no area under the curve of them, and its JSON no number."""
    examples = make_examples(nlp)
    for i, example in enumerate(examples):
        high, low = soft[2 * i % len(soft) :][:2]
        right = max(example.reference.cats, key=example.reference.cats.get)
        other = {"good": "bad", "bad": "good"}[right]
        example.reference.cats = {right: high, other: low}
    scores = nlp.evaluate(examples)
    assert scores["cats_score"] == scores["cats_micro_f"] == 1.0
    assert scores["cats_macro_auc"] == 1.0
    assert {0.0, 1.0} - set(examples[0].reference.cats.values()) == {0.0, 1.0}


def test_labels_that_were_added_beforehand(factory: str) -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    pipe.add_label("good")
    pipe.add_label("bad")
    nlp.initialize()
    assert nlp("love").cats.keys() == {"good", "bad"}


def test_loss_of_an_empty_batch(nlp: Language) -> None:
    scores = numpy.zeros((0, 2), dtype="f")
    loss, d_scores = pipe_of(nlp).get_loss([], scores)
    assert (loss, d_scores.shape) == (0.0, (0, 2))


def test_find_threshold(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat_multilabel")
    train(nlp, make_examples(nlp))
    nlp.to_disk(tmp_path / "model")
    corpus = write_corpus(tmp_path / "dev.spacy")
    threshold, score, _ = find_threshold(
        str(tmp_path / "model"),
        corpus,
        pipe_name="lstm_textcat_multilabel",
        threshold_key="threshold",
        scores_key="cats_macro_f",
        n_trials=3,
        silent=True,
    )
    assert threshold == 0.5
    assert score == 1.0


def test_same_seed_same_model(factory: str) -> None:
    def trained() -> bytes:
        fix_random_seed(3)
        nlp = spacy.blank("en")
        nlp.add_pipe(factory)
        train(nlp, make_examples(nlp), steps=3)
        return pipe_of(nlp).model.to_bytes()

    assert trained() == trained()


def test_other_text_than_words(nlp: Language) -> None:
    texts = ["👍🏽👩‍👩‍👧", "\x00\x07\x1b", "شكرا جزيلا", "a", "", "\n", "love"]
    for doc, text in zip(nlp.pipe(texts), texts, strict=True):
        assert doc.cats == pytest.approx(nlp(text).cats, abs=1e-5)
    assert list(nlp.pipe([])) == []
    examples = [make_example(nlp, text, {"good": 1.0, "bad": 0.0}) for text in texts]
    losses = nlp.update(examples)
    assert numpy.isfinite(list(losses.values())).all()


def test_a_batch_of_empty_documents_trains_nothing(nlp: Language) -> None:
    before = pipe_of(nlp).model.to_bytes()
    examples = [make_example(nlp, "", {"good": 1.0, "bad": 0.0})] * 2
    nlp.update(examples, sgd=Adam(0.1))
    nlp.update([], sgd=Adam(0.1))
    assert pipe_of(nlp).model.to_bytes() == before


def test_a_deep_copy_predicts_the_same(nlp: Language) -> None:
    pipe = copy.deepcopy(pipe_of(nlp).model)
    docs = [nlp.make_doc(text) for text in TEXTS]
    assert (pipe.predict(docs) == pipe_of(nlp).model.predict(docs)).all()


SCRIPT = """
import spacy
nlp = spacy.load({path!r})
texts = {texts!r} * 20
alone = [doc.cats for doc in nlp.pipe(texts)]
nlp.update(
    [spacy.training.Example.from_dict(nlp.make_doc("x"), {{"cats": {{"good": 1.0}}}})],
    sgd=None,
)
alone = [doc.cats for doc in nlp.pipe(texts)]
many = [doc.cats for doc in nlp.pipe(texts, n_process=2, batch_size=16)]
for a, b in zip(alone, many, strict=True):
    assert all(abs(a[label] - b[label]) < 1e-5 for label in a)
"""


def test_several_processes(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    script = SCRIPT.format(path=str(tmp_path), texts=list(TEXTS))
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


LONG = """
import resource, spacy, sys
from spacy.tokens import Doc
from spacy.training import Example
nlp = spacy.load({path!r})
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
nlp("A text")
before = peak()
docs = [Doc(nlp.vocab, words=["love"] * n) for n in (100_000, 0, 1, 7)]
cats = [doc.cats for doc in nlp.pipe(docs)]
assert all(abs(sum(c.values()) - 1) < 1e-4 for c in (cats[0], cats[2], cats[3]))
examples = [Example.from_dict(doc, {{"cats": {{"good": 1.0}}}}) for doc in docs]
nlp.update(examples, sgd=nlp.create_optimizer())
used = peak() - before
assert used < 2.5e9, f"{{used / 1e9:.1f}} GB"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage")
def test_memory_of_a_long_document_is_bounded(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat")
    train(nlp, make_examples(nlp), steps=1)
    nlp.to_disk(tmp_path)
    script = LONG.format(path=str(tmp_path))
    subprocess.run([sys.executable, "-c", script], check=True, timeout=300)
