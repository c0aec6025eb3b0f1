"""Decoding around what is settled, beside spaCy's `ner`."""

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, Span

from spacy_lstm.modules.crf.tag_scheme import TAG_SCHEMES
from spacy_lstm.pipeline.ner_annotation import read_constraints

from .recognizing import found, make_examples, make_pipeline, train

LABELS = {"GPE": 0, "PER": 1}
SCHEMES = ["biluo", "bio"]


def make_doc(nlp: Language, text: str = "Mary Jones lives in New York") -> Doc:
    return Doc(nlp.vocab, words=text.split(" "))


@pytest.fixture(scope="module", params=SCHEMES)
def nlp(request: pytest.FixtureRequest) -> Language:
    spacy.util.fix_random_seed(0)
    nlp = make_pipeline(model={"scheme": request.param})
    train(nlp, make_examples(nlp))
    return nlp


def test_that_nothing_is_settled_of_ready_made_documents(nlp: Language) -> None:
    docs = [make_doc(nlp), Doc(nlp.vocab), make_doc(nlp)]
    assert read_constraints(docs, TAG_SCHEMES["biluo"], LABELS) is None


def test_that_entities_are_kept(nlp: Language) -> None:
    doc = make_doc(nlp)
    doc.ents = [Span(doc, 1, 4, "GPE")]
    doc = nlp.get_pipe("lstm_ner")(doc)
    assert ("Jones lives in", "GPE") in found(doc)
    assert ("New York", "GPE") in found(doc)


def test_that_entities_with_other_labels_are_kept(nlp: Language) -> None:
    doc = make_doc(nlp)
    doc.ents = [Span(doc, 1, 2, "OTHER"), Span(doc, 5, 6, "OTHER")]
    doc = nlp.get_pipe("lstm_ner")(doc)
    assert ("Jones", "OTHER") in found(doc)
    assert ("York", "OTHER") in found(doc)
    assert nlp.get_pipe("lstm_ner").labels == ("GPE", "PER")


def test_an_entity_beside_one_that_is_kept(nlp: Language) -> None:
    doc = make_doc(nlp, "Mary Jones")
    doc.ents = [Span(doc, 0, 1, "PER")]
    doc = nlp.get_pipe("lstm_ner")(doc)
    assert doc.ents[0].text == "Mary"


def test_what_an_entity_ruler_found(nlp: Language) -> None:
    ruled = spacy.blank("en")
    ruler = ruled.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "THING", "pattern": "lives in"}])
    doc = ruled(make_doc(ruled))
    assert [token.ent_iob_ for token in doc] == ["O", "O", "B", "I", "O", "O"]
    doc = nlp.get_pipe("lstm_ner")(doc)
    assert ("lives in", "THING") in found(doc)
    assert ("Mary Jones", "PER") in found(doc)


def test_blocked_tokens(nlp: Language) -> None:
    doc = make_doc(nlp)
    doc.set_ents([], blocked=[doc[0:2]], default="missing")
    doc = nlp.get_pipe("lstm_ner")(doc)
    assert found(doc) == [("New York", "GPE")]
    assert [token.ent_iob_ for token in doc] == ["B", "B", "O", "O", "B", "I"]


@pytest.mark.parametrize("default", ["missing", "outside"])
def test_that_missing_and_outside_tokens_are_decoded_as_in_spacy(
    nlp: Language, default: str
) -> None:
    doc = make_doc(nlp)
    doc.set_ents([], default=default)
    doc = nlp.get_pipe("lstm_ner")(doc)
    assert found(doc) == [("Mary Jones", "PER"), ("New York", "GPE")]


def test_that_no_entity_goes_beyond_a_sentence(nlp: Language) -> None:
    doc = make_doc(nlp)
    for token in doc:
        token.is_sent_start = token.i in (0, 5)
    doc = nlp.get_pipe("lstm_ner")(doc)
    assert all(len({token.sent.start for token in ent}) == 1 for ent in doc.ents)
    doc = make_doc(nlp)
    doc.ents = [Span(doc, 4, 6, "GPE")]
    doc[5].is_sent_start = True
    doc = nlp.get_pipe("lstm_ner")(doc)
    assert ("New York", "GPE") in found(doc)


def test_that_whitespace_starts_and_ends_no_entity(nlp: Language) -> None:
    for words in (["New", "York", "\n"], ["\n", "New", "York"], ["\n", " ", "\t"]):
        doc = Doc(nlp.vocab, words=words)
        doc = nlp.get_pipe("lstm_ner")(doc)
        for ent in doc.ents:
            assert not ent[0].is_space
            assert not ent[-1].is_space


def test_that_kept_entities_are_not_listed(nlp: Language) -> None:
    ner = nlp.get_pipe("lstm_ner")
    doc = make_doc(nlp)
    doc.ents = [Span(doc, 4, 6, "GPE")]
    ner.spans_key, ner.n_best = "found", 4
    try:
        doc = ner(doc)
    finally:
        ner.spans_key, ner.n_best = None, 1
    assert ("Mary Jones", "PER") in [
        (span.text, span.label_) for span in doc.spans["found"]
    ]
    assert all(span.end <= 4 for span in doc.spans["found"])


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_that_decoding_settles_all_and_changes_nothing_settled(
    nlp: Language, data: st.DataObject
) -> None:
    words = data.draw(
        st.lists(st.sampled_from(["Mary", "New", "York", "\n", "in"]), max_size=8)
    )
    doc = Doc(nlp.vocab, words=words)
    entities, blocked, position = [], [], 0
    while position < len(words):
        end = data.draw(st.integers(position + 1, len(words)))
        kind = data.draw(st.sampled_from(["GPE", "OTHER", "blocked", "", "", ""]))
        if kind == "blocked":
            blocked.append(doc[position:end])
        elif kind:
            entities.append(Span(doc, position, end, kind))
        position = end
    doc.set_ents(entities, blocked=blocked, default="missing")
    for token in doc[1:]:
        token.is_sent_start = data.draw(st.booleans())
    settled = [(t.i, t.ent_iob_, t.ent_type_) for t in doc if t.ent_iob_ == "B"]
    doc = nlp.get_pipe("lstm_ner")(doc)
    after = [(t.i, t.ent_iob_, t.ent_type_) for t in doc]
    assert set(settled) <= set(after)
    assert all(token.ent_iob_ for token in doc)
    kept = {(ent.start, ent.end, ent.label_) for ent in entities}
    assert kept <= {(ent.start, ent.end, ent.label_) for ent in doc.ents}
    for ent in doc.ents:
        if (ent.start, ent.end, ent.label_) not in kept:
            assert not ent[0].is_space
            assert not ent[-1].is_space
            assert not any(token.is_sent_start for token in ent[1:])


def test_the_mask_of_a_document(nlp: Language) -> None:
    doc = Doc(nlp.vocab, words=["a", "b", "\n", "c", "d"])
    doc.ents = [Span(doc, 3, 4, "PER")]
    doc[1].is_sent_start = True
    allowed = read_constraints([doc], TAG_SCHEMES["bio"], LABELS)
    expected = numpy.ones((5, 5), dtype=bool)
    expected[1, [2, 4]] = False
    expected[2, 1:] = False
    expected[3] = [False, False, False, True, False]
    expected[4, 4] = False
    numpy.testing.assert_array_equal(allowed, expected)
