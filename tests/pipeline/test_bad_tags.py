"""What makes no sense is refused, with a remedy, and leaves the pipeline as it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from .tagging import make_doc, make_example, make_examples, make_pipeline, train

ACCURACY = {"lstm_tagger": "tag_acc", "lstm_morphologizer": "pos_acc"}


@pytest.fixture(params=ACCURACY)
def factory(request: pytest.FixtureRequest) -> str:
    return request.param


def initialize(
    nlp: Language, factory: str, *sentences: str, **settings: Any
) -> Callable[[], None]:
    examples = [make_example(nlp, make_doc(nlp, sentence)) for sentence in sentences]
    return lambda: nlp.get_pipe(factory).initialize(
        lambda: examples, nlp=nlp, **settings
    )


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        (["the/DT/DET", "a/DT/DET"], "has only one label, '(POS=)?D.*second one"),
        (["the", "cat sleeps"], "has no labels. Annotate `token"),
    ],
)
def test_labels_of_the_examples(
    factory: str, sentences: list[str], message: str
) -> None:
    nlp = make_pipeline(factory)
    before = nlp.get_pipe(factory).to_bytes(exclude=["vocab"])
    with pytest.raises(ValueError, match=f"'{factory}'.*{message}"):
        initialize(nlp, factory, *sentences)()
    assert nlp.get_pipe(factory).to_bytes(exclude=["vocab"]) == before


TABLE = {"POS=DET": 90, "POS=VERB": 100}


@pytest.mark.parametrize(
    ("factory", "labels"),
    [
        ("lstm_tagger", ["DT", "NN"]),
        ("lstm_morphologizer", {"morph": dict.fromkeys(TABLE, ""), "pos": TABLE}),
    ],
)
def test_labels_without_annotations(factory: str, labels: Any) -> None:
    nlp = make_pipeline(factory)
    with pytest.raises(ValueError, match="no token of the training examples has an"):
        initialize(nlp, factory, "the cat", labels=labels)()
    assert nlp.get_pipe(factory).labels == ()


@pytest.mark.parametrize(
    ("factory", "labels"),
    [
        ("lstm_tagger", "DT"),
        ("lstm_tagger", ["DT", 1]),
        ("lstm_tagger", 3),
        ("lstm_morphologizer", ["POS=DET", "POS=VERB"]),
        ("lstm_morphologizer", {"morph": {"POS=DET": ""}}),
        ("lstm_morphologizer", {"morph": {"POS=DET": ""}, "pos": {"POS=X": 1}}),
    ],
)
def test_labels_that_are_none(factory: str, labels: Any) -> None:
    nlp = make_pipeline(factory)
    with pytest.raises(ValueError, match=r"the labels are.*Give a.*spacy init labels"):
        initialize(nlp, factory, "the/DT/DET cat/NN/NOUN", labels=labels)()
    assert nlp.get_pipe(factory).labels == ()


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_label_smoothing(factory: str, smoothing: float) -> None:
    with pytest.raises(ValueError, match=f"`label_smoothing` is {smoothing}"):
        make_pipeline(factory, label_smoothing=smoothing)


def test_that_some_missing_annotations_are_no_error(factory: str) -> None:
    nlp = make_pipeline(factory)
    examples = [
        make_example(nlp, make_doc(nlp, sentence))
        for sentence in ["the/DT/DET cat sleeps/VBZ/VERB", "a dog"]
    ]
    optimizer = nlp.initialize(lambda: examples)
    losses = nlp.update(examples, sgd=optimizer)
    assert losses[factory] > 0
    assert nlp.update(examples[1:], sgd=optimizer)[factory] == 0
    assert 0 <= nlp.evaluate(examples)[ACCURACY[factory]] <= 1


def test_that_unseen_labels_are_scored_as_wrong(factory: str) -> None:
    nlp = make_pipeline(factory)
    train(nlp)
    unseen = make_example(nlp, make_doc(nlp, "the/DT/DET cats/XX/X"))
    scores = nlp.evaluate([unseen])
    assert scores[ACCURACY[factory]] == 0.5


def test_static_vectors_that_are_missing(factory: str) -> None:
    embed = {"include_static_vectors": True}
    nlp = make_pipeline(factory, model={"tok2vec": {"embed": embed}})
    with pytest.raises(ValueError, match=r"spacy-lstm.LexemeEmbed.v1: .*no vectors"):
        nlp.initialize(lambda: make_examples(nlp))
    assert nlp.get_pipe(factory).labels == ()


def test_labels_that_come_too_late(factory: str) -> None:
    nlp = make_pipeline(factory)
    train(nlp, steps=1)
    labels = nlp.get_pipe(factory).labels
    examples = [*make_examples(nlp), make_example(nlp, make_doc(nlp, "x/FW/X"))]
    with pytest.raises(ValueError, match=r"\d outputs.* a component of its own"):
        nlp.get_pipe(factory).initialize(lambda: examples, nlp=nlp)
    assert nlp.get_pipe(factory).labels == labels


def test_no_tokens(factory: str) -> None:
    nlp = make_pipeline(factory)
    train(nlp, steps=2)
    empty = Doc(nlp.vocab)
    assert len(nlp(empty)) == 0
    assert [len(doc) for doc in nlp.pipe([empty, nlp.make_doc("cats"), empty])] == [
        0,
        1,
        0,
    ]
    nlp.update([make_example(nlp, empty)])
    probabilities = nlp.get_pipe(factory).predict_probabilities([empty])
    assert probabilities[0].shape == (0, len(nlp.get_pipe(factory).labels))


@pytest.mark.parametrize("word", ["x" * 10_000, "\x00", "\x07", "\u200d"])
def test_words_of_any_characters(factory: str, word: str) -> None:
    nlp = make_pipeline(factory)
    train(nlp, steps=2)
    doc = nlp(Doc(nlp.vocab, words=["the", word]))
    assert doc[1].tag_ or doc[1].pos_
    nlp.update([make_example(nlp, Doc(nlp.vocab, words=["the", word]))])


@pytest.mark.parametrize("part", ["model", "cfg"])
def test_a_damaged_file(factory: str, part: str, tmp_path: Path) -> None:
    nlp = make_pipeline(factory)
    train(nlp, steps=2)
    pipe = nlp.get_pipe(factory)
    pipe.to_disk(tmp_path)
    path = tmp_path / part
    path.write_bytes(path.read_bytes()[:-20])
    before = pipe.to_bytes()
    with pytest.raises(ValueError, match=f"'{factory}': can't load.*Nothing was chang"):
        pipe.from_disk(tmp_path)
    assert pipe.to_bytes() == before


def test_labels_of_another_component(factory: str) -> None:
    nlp, other = make_pipeline(factory), make_pipeline(factory)
    train(nlp, steps=1)
    examples = make_examples(other)[:1]
    other.initialize(lambda: examples)
    with pytest.raises(ValueError, match="was made for the labels"):
        other.get_pipe(factory).from_bytes(nlp.get_pipe(factory).to_bytes())
    assert (
        spacy.blank("en").add_pipe(factory).from_bytes(nlp.get_pipe(factory).to_bytes())
    )
