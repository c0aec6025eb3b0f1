from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from spacy_lstm.pipeline.morphologizer import LSTMMorphologizer

from .tagging import make_doc, make_example, make_examples, make_pipeline, train


@pytest.fixture
def nlp() -> Language:
    nlp = make_pipeline("lstm_morphologizer")
    train(nlp)
    return nlp


def pipe_of(nlp: Language) -> LSTMMorphologizer:
    (_, pipe), *_ = nlp.pipeline
    assert isinstance(pipe, LSTMMorphologizer)
    return pipe


def annotations(doc: Doc) -> list[tuple[str, str]]:
    return [(token.pos_, str(token.morph)) for token in doc]


def test_that_it_learns_its_examples(nlp: Language) -> None:
    scores = nlp.evaluate(make_examples(nlp))
    assert scores["pos_acc"] == scores["morph_acc"] == 1.0
    assert scores["morph_per_feat"]["Number"]["f"] == 1.0


def test_that_labels_are_those_of_spacys_morphologizer(nlp: Language) -> None:
    spacys = make_pipeline("morphologizer")
    spacys.initialize(lambda: make_examples(spacys))
    assert pipe_of(nlp).labels == spacys.get_pipe("morphologizer").labels
    assert pipe_of(nlp).label_data == spacys.get_pipe("morphologizer").label_data


def test_that_labels_can_be_given(nlp: Language) -> None:
    other = make_pipeline("lstm_morphologizer")
    labels = pipe_of(nlp).label_data
    pipe_of(other).initialize(lambda: make_examples(other), nlp=other, labels=labels)
    assert pipe_of(other).label_data == labels


def test_that_it_is_the_same_after_saving(nlp: Language, tmp_path: Path) -> None:
    words = ["the", "cats", "sleep"]
    expected = annotations(nlp(Doc(nlp.vocab, words=words)))
    nlp.to_disk(tmp_path)
    for loaded in (
        spacy.load(tmp_path),
        make_pipeline("lstm_morphologizer").from_bytes(nlp.to_bytes()),
    ):
        assert annotations(loaded(Doc(loaded.vocab, words=words))) == expected


@pytest.mark.parametrize(
    ("overwrite", "extend", "expected"),
    [
        (True, False, ("NOUN", "Number=Plur")),
        (False, False, ("X", "Case=Nom|Number=Sing")),
        (True, True, ("NOUN", "Case=Nom|Number=Plur")),
        (False, True, ("X", "Case=Nom|Number=Sing")),
    ],
)
def test_what_happens_to_annotations_that_are_there(
    nlp: Language, overwrite: bool, extend: bool, expected: tuple[str, str]
) -> None:
    pipe_of(nlp).cfg.update(overwrite=overwrite, extend=extend)
    doc = nlp(make_doc(nlp, "the/DT/X cats/NNS/X/Case=Nom|Number=Sing"))
    assert annotations(doc)[1] == expected


def test_that_a_missing_annotation_counts_for_nothing(nlp: Language) -> None:
    sentence = "the/DT/DET cat/NN//_ dog/NN sleeps/VBZ/SCONJ"
    example = make_example(nlp, make_doc(nlp, sentence))
    truths = pipe_of(nlp)._read_gold_labels(example)
    assert truths == ["POS=DET", "_", None, "POS=SCONJ"]
    scores = pipe_of(nlp).predict_probabilities([example.predicted])
    _, (gradient,) = pipe_of(nlp).get_loss([example], scores)
    assert gradient.any(axis=1).tolist() == [True, False, False, False]


def test_that_probabilities_are_set_when_asked() -> None:
    nlp = make_pipeline("lstm_morphologizer", probabilities=True)
    train(nlp)
    doc = nlp(Doc(nlp.vocab, words=["the", "cats"]))
    (expected,) = pipe_of(nlp).predict_probabilities([doc])
    probabilities = [token._.morph_prob for token in doc]
    assert probabilities == pytest.approx(expected.max(axis=1).tolist())


@pytest.mark.parametrize(
    ("overwrite", "extend", "expected"),
    [
        (False, False, [False, True, True, True]),
        (True, False, [True] * 4),
        (False, True, [True] * 4),
        (True, True, [True] * 4),
    ],
)
def test_that_probabilities_are_those_of_what_was_annotated(
    nlp: Language, overwrite: bool, extend: bool, expected: list[bool]
) -> None:
    pipe_of(nlp).cfg.update(overwrite=overwrite, extend=extend)
    pipe_of(nlp).probabilities = True
    doc = nlp(make_doc(nlp, "a/DT/DET/Case=Nom b/DT/DET c/DT//Case=Nom d"))
    assert [token._.morph_prob is not None for token in doc] == expected
