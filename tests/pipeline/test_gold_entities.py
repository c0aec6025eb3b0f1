import numpy
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_lstm.modules.crf.tag_scheme import TAG_SCHEMES
from spacy_lstm.pipeline.ner_annotation import (
    read_gold_entities,
    read_incorrect_entities,
)

from .recognizing import make_doc, make_example

LABELS = {"GPE": 0, "PER": 1}
nlp = spacy.blank("en")


def test_the_same_tokens() -> None:
    example = make_example(nlp, "Mary/B-PER Jones/L-PER saw/O London/U-GPE ./- ")
    truths = read_gold_entities(example)
    assert truths.entities == [(0, 2, "PER"), (3, 4, "GPE")]
    assert truths.outside.tolist() == [False, False, True, False, False]
    assert truths.lost == []


def test_no_annotation() -> None:
    doc = Doc(nlp.vocab, words=["a", "b"])
    truths = read_gold_entities(Example(doc.copy(), doc))
    assert truths.entities == []
    assert not truths.outside.any()
    assert truths.tag_mask(TAG_SCHEMES["biluo"], LABELS).all()


def test_that_blocked_tokens_are_outside() -> None:
    doc = Doc(nlp.vocab, words=["a", "b", "c"])
    doc.set_ents([], blocked=[doc[0:1]], default="missing")
    assert read_gold_entities(Example(doc.copy(), doc)).outside.tolist() == [
        True,
        False,
        False,
    ]


def test_that_blocked_tokens_are_outside_among_other_tokens() -> None:
    reference = Doc(nlp.vocab, words=["a", "b", "c", "de"])
    missing, blocked = [reference[3:4]], [reference[0:2]]
    reference.set_ents([], blocked=blocked, missing=missing, default="outside")
    predicted = Doc(
        nlp.vocab, words=["a", "b", "c", "d", "e"], spaces=[True] * 3 + [False, True]
    )
    outside = read_gold_entities(Example(predicted, reference)).outside
    assert outside.tolist() == [True, True, True, False, False]


def test_other_tokens() -> None:
    reference = make_doc(nlp, "Mary-Jones/U-PER saw/O London/U-GPE")
    words, spaces = (
        ["Mary", "-", "Jones", "saw Lon", "don"],
        [False, False, True, False],
    )
    predicted = Doc(nlp.vocab, words=words, spaces=[*spaces, False])
    truths = read_gold_entities(Example(predicted, reference))
    assert truths.entities == [(0, 3, "PER")]
    assert [span.text for span in truths.lost] == ["London"]
    assert not truths.outside.any()


def test_that_entities_with_whitespace_at_their_ends_are_lost() -> None:
    doc = Doc(nlp.vocab, words=["\n", "Mary", "\n", "Jones", " "])
    for start, end, is_lost in (
        (0, 2, True),
        (1, 4, False),
        (3, 5, True),
        (4, 5, True),
    ):
        doc.ents = [Span(doc, start, end, "PER")]
        truths = read_gold_entities(Example(doc.copy(), doc))
        assert bool(truths.lost) == is_lost
        assert truths.entities == ([] if is_lost else [(start, end, "PER")])
        known = truths.tag_mask(TAG_SCHEMES["biluo"], LABELS)
        assert known[start:end].all() == is_lost


def test_how_what_is_known_is_spelled() -> None:
    example = make_example(nlp, "Mary/B-PER Jones/L-PER saw/- London/U-ORG ./O")
    known = read_gold_entities(example).tag_mask(TAG_SCHEMES["bio"], LABELS)
    expected = numpy.ones((5, 5), dtype=bool)
    expected[0] = [False, False, False, True, False]
    expected[1] = [False, False, False, False, True]
    expected[2, 4] = False  # the entity has ended
    expected[4, 1:] = False
    numpy.testing.assert_array_equal(known, expected)


def test_wrong_entities() -> None:
    reference = make_doc(nlp, "Mary-Jones/- saw/- London/-")
    reference.spans["wrong"] = [
        Span(reference, 0, 1, "PER"),
        Span(reference, 0, 2, "PER"),
        Span(reference, 2, 3, "ORG"),
    ]
    words, spaces = ["Mary-", "Jones", "saw", "London"], [False, True, True, False]
    example = Example(Doc(nlp.vocab, words=words, spaces=spaces), reference)
    truths = read_gold_entities(example)
    assert read_incorrect_entities("ner", example, truths, "wrong", LABELS) == [
        (0, 2, 1),
        (0, 3, 1),
    ]
    assert read_incorrect_entities("ner", example, truths, "other", LABELS) == []
