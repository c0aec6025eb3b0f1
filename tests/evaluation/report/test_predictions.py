import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span, Token
from spacy.training import Example

from spacy_lstm.evaluation.report.predictions import (
    Prediction,
    evaluate,
    read_predictions,
)

from .reporting import OURS, make_examples, make_pipeline


@pytest.fixture
def blank() -> Language:
    return spacy.blank("en")


def make_doc(nlp: Language, words: str, ents: str = "", **annotations: str) -> Doc:
    """Create a document with entities such as "0-2:PER 3-4:?"."""
    split = {name: values.split() for name, values in annotations.items()}
    doc = Doc(nlp.vocab, words=words.split(), **split)
    spans = []
    for ent in ents.split():
        bounds, label = ent.split(":")
        start, end = map(int, bounds.split("-"))
        spans.append(Span(doc, start, end, label=label.strip("?")))
    found = [span for span in spans if span.label]
    doc.set_ents(found, missing=[span for span in spans if not span.label])
    return doc


def make_cats(nlp: Language, gold: dict, predicted: dict) -> Example:
    example = Example(nlp.make_doc("a b c"), nlp.make_doc("a b c"))
    example.reference.cats, example.predicted.cats = gold, predicted
    return example


def test_entities(blank: Language) -> None:
    words = "Ann Lee saw Rome and Bonn in May"
    gold = make_doc(blank, words, "0-2:PER 3-4:LOC 5-6:LOC 7-8:?")
    predicted = make_doc(blank, words, "0-2:PER 3-4:ORG 4-6:LOC 7-8:TIME")
    predictions = read_predictions(blank.add_pipe("ner"), [Example(predicted, gold)])
    assert predictions.unit == "entities"
    assert predictions.items == [
        Prediction(0, 0, 2, "PER", "PER"),
        Prediction(0, 3, 4, "LOC", "ORG"),
        Prediction(0, 4, 6, "", "LOC"),
        Prediction(0, 5, 6, "LOC", ""),
    ]
    assert [a.is_correct for a in predictions.items] == [True, False, False, False]


def test_entities_of_other_tokens(blank: Language) -> None:
    gold = make_doc(blank, "in New York", "1-3:LOC")
    words, spaces = ["in", "New", "Yo", "rk"], [True, True, False, False]
    predicted = Doc(blank.vocab, words=words, spaces=spaces)
    predicted.ents = [Span(predicted, 1, 4, label="LOC")]
    predictions = read_predictions(
        blank.add_pipe("lstm_ner"), [Example(predicted, gold)]
    )
    assert predictions.items == [Prediction(0, 1, 3, "LOC", "LOC")]


def test_documents_without_annotation(blank: Language) -> None:
    gold = blank.make_doc("Ann is here")
    predicted = make_doc(blank, "Ann is here", "0-1:PER")
    examples = [Example(predicted, gold)]
    for factory in ("ner", "tagger", "morphologizer", "textcat", "textcat_multilabel"):
        predictions = read_predictions(blank.add_pipe(factory), examples)
        assert predictions is not None
        assert predictions.items == []


def test_tags(blank: Language) -> None:
    gold = Doc(blank.vocab, words=["don't", "go", "now"], tags=["V", "V", ""])
    words, spaces = ["do", "n't", " ", "go", "now"], [False, True, False, True, False]
    predicted = Doc(
        blank.vocab, words=words, spaces=spaces, tags=["V", "R", "_", "N", "R"]
    )
    predictions = read_predictions(blank.add_pipe("tagger"), [Example(predicted, gold)])
    assert predictions.unit == "tokens"
    assert predictions.items == [
        Prediction(0, 0, 1, "V", "V"),
        Prediction(0, 0, 1, "V", "R"),
        Prediction(0, 1, 2, "V", "N"),
    ]


def test_parts_of_speech_with_features(blank: Language) -> None:
    gold = Doc(
        blank.vocab,
        words=["a", "b", "c"],
        pos=["NOUN", "X", ""],
        morphs=["Number=Sing", "", "Number=Sing"],
    )
    predicted = Doc(
        blank.vocab,
        words=["a", "b", "c"],
        pos=["NOUN", "X", "X"],
        morphs=["Number=Plur", "", ""],
    )
    predictions = read_predictions(
        blank.add_pipe("morphologizer"), [Example(predicted, gold)]
    )
    assert [(a.gold, a.predicted) for a in predictions.items] == [
        ("NOUN Number=Sing", "NOUN Number=Plur"),
        ("X", "X"),
        ("Number=Sing", "_"),
    ]


def test_parts_of_speech_alone(blank: Language) -> None:
    pipe = blank.add_pipe("lstm_morphologizer")
    gold = Doc(blank.vocab, words=["a", "b"], pos=["NOUN", "X"])
    predicted = Doc(
        blank.vocab, words=["a", "b"], pos=["NOUN", "X"], morphs=["A=B", ""]
    )
    for token in predicted:
        token._.morph_prob = 0.5
    predictions = read_predictions(pipe, [Example(predicted, gold)])
    assert predictions.items == [
        Prediction(0, 0, 1, "NOUN", "NOUN", None),
        Prediction(0, 1, 2, "X", "X", 0.5),
    ]


def test_features_alone(blank: Language) -> None:
    pipe = blank.add_pipe("lstm_morphologizer")
    gold = Doc(blank.vocab, words=["a", "b", "c", "d"])
    gold[0].set_morph("A=B")
    gold[1].set_morph("A=C")
    gold[2].set_morph("")
    predicted = Doc(
        blank.vocab,
        words=["a", "b", "c", "d"],
        pos=["NOUN", "", "", "X"],
        morphs=["A=B", "A=B", "", ""],
    )
    for token in predicted:
        token._.morph_prob = 0.5
    predictions = read_predictions(pipe, [Example(predicted, gold)])
    assert predictions.items == [
        Prediction(0, 0, 1, "A=B", "A=B", None),
        Prediction(0, 1, 2, "A=C", "A=B", 0.5),
        Prediction(0, 2, 3, "_", "_", 0.5),
    ]
    assert not read_predictions(pipe, []).is_annotated


def test_exclusive_categories(blank: Language) -> None:
    pipe = blank.add_pipe("textcat")
    pipe.add_label("good")
    pipe.add_label("bad")
    predicted = {"good": 0.7, "bad": 0.3, "long": 0.9}
    gold_labels = [
        {"good": 1.0, "bad": 0.0, "long": 1.0},
        {"good": 0.1, "bad": 0.8},
        {"bad": 1.0},
        {"good": 0.0, "bad": 0.0},
        {"long": 1.0},
    ]
    examples = [make_cats(blank, gold, predicted) for gold in gold_labels]
    predictions = read_predictions(pipe, examples)
    assert predictions.unit == "texts"
    assert predictions.items == [
        Prediction(0, 0, 3, "good", "good", 0.7),
        Prediction(1, 0, 3, "bad", "good", 0.7),
        Prediction(2, 0, 3, "bad", "good", 0.7),
    ]
    assert gold_labels[1] == {"good": 0.1, "bad": 0.8}


def test_any_number_of_categories(blank: Language) -> None:
    pipe = blank.add_pipe("textcat_multilabel", config={"threshold": 0.75})
    for label in ("a", "b", "c"):
        pipe.add_label(label)
    predicted = {"a": 0.75, "b": 0.25, "c": 0.5}
    predictions = read_predictions(
        pipe, [make_cats(blank, {"b": 0.5, "a": 0.0}, predicted)]
    )
    assert predictions.unit == "labels"
    assert predictions.items == [
        Prediction(0, 0, 3, "no", "yes", 0.75, "a"),
        Prediction(0, 0, 3, "yes", "no", 0.75, "b"),
    ]


def test_components_that_label_nothing(blank: Language) -> None:
    for factory in ("senter", "sentencizer", "parser", "merge_entities"):
        assert read_predictions(blank.add_pipe(factory), []) is None


def test_probabilities() -> None:
    nlp = make_pipeline(*OURS)
    examples = make_examples(nlp)
    _, read = evaluate(nlp, examples)
    docs = [example.predicted for example in examples]
    tagger = nlp.get_pipe("lstm_tagger")
    expected = [
        p for table in tagger.predict_probabilities(docs) for p in table.max(axis=1)
    ]
    predictions = read_predictions(tagger, read).items
    assert [a.probability for a in predictions] == pytest.approx(expected)

    ner = nlp.get_pipe("lstm_ner")
    found = [a for a in read_predictions(ner, read).items if a.predicted]
    ner.spans_key = "listed"
    listed = [p for doc in nlp.pipe(docs) for p in doc.spans["listed"].attrs["scores"]]
    assert listed
    assert [a.probability for a in found] == pytest.approx(listed)


def test_that_the_pipeline_and_the_references_stay_as_they_are() -> None:
    nlp = make_pipeline(*OURS)
    examples = make_examples(nlp)
    before = [(eg.reference.to_bytes(), eg.predicted.to_bytes()) for eg in examples]
    scores, read = evaluate(nlp, examples)
    after = [(eg.reference.to_bytes(), eg.predicted.to_bytes()) for eg in examples]
    assert after == before
    assert nlp.get_pipe("lstm_tagger").probabilities is False
    assert nlp.get_pipe("lstm_morphologizer").probabilities is False
    assert nlp.get_pipe("lstm_ner").spans_key is None
    assert read[0].predicted.has_annotation("TAG")
    expected = nlp.evaluate(examples, per_component=True)
    del scores["speed"], expected["speed"]
    assert scores == expected


def test_that_a_key_of_ones_own_is_used_and_kept() -> None:
    nlp = make_pipeline("lstm_ner")
    ner = nlp.get_pipe("lstm_ner")
    ner.spans_key = "mine"
    _, read = evaluate(nlp, make_examples(nlp))
    assert ner.spans_key == "mine"
    assert list(read[0].predicted.spans) == ["mine"]
    found = [a for a in read_predictions(ner, read).items if a.predicted]
    assert found
    assert all(a.probability is not None for a in found)


def test_that_settings_are_restored_after_an_error() -> None:
    nlp = make_pipeline("lstm_tagger")
    with pytest.raises(TypeError):
        evaluate(nlp, [1])  # type: ignore[list-item]
    assert nlp.get_pipe("lstm_tagger").probabilities is False


def test_that_spacys_components_have_no_probabilities_but_of_texts() -> None:
    Token.set_extension("tag_prob", default=0.5, force=True)
    nlp = make_pipeline("textcat", "tagger", "ner")
    _, read = evaluate(nlp, make_examples(nlp))
    by_name = {name: read_predictions(pipe, read).items for name, pipe in nlp.pipeline}
    Token.set_extension("tag_prob", default=None, force=True)
    assert {a.probability for a in by_name["tagger"] + by_name["ner"]} == {None}
    assert all(0.5 <= a.probability <= 1 for a in by_name["textcat"])
