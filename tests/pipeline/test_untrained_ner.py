"""An untrained recognizer predicts no entities, as spaCy's."""

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

TEXT = "Ann met Bob in London"


@Language.component("block_last_two")
def block_last_two(doc: Doc) -> Doc:
    doc.set_ents([], blocked=[doc[3:5]], default="unmodified")
    return doc


def make(*before: str, scheme: str = "biluo") -> Language:
    nlp = spacy.blank("en")
    for factory in before:
        nlp.add_pipe(factory)
    model = {"scheme": scheme}
    ner = nlp.add_pipe("lstm_ner", config={"model": model})
    for label in ("PER", "LOC"):
        ner.add_label(label)
    return nlp


def iob(doc: Doc) -> list[str]:
    return [token.ent_iob_ for token in doc]


@pytest.mark.parametrize("scheme", ["biluo", "bio"])
def test_nothing_is_found(scheme: str) -> None:
    nlp = make(scheme=scheme)
    nlp.initialize()
    for doc in nlp.pipe([TEXT, "", "London", f"{TEXT} " * 30]):
        assert not doc.ents
        assert set(iob(doc)) <= {"O"}


def test_blocked_tokens() -> None:
    nlp = make("block_last_two")
    nlp.initialize()
    doc = nlp(TEXT)
    assert iob(doc) == ["O", "O", "O", "B", "B"]
    assert not doc.ents


@pytest.mark.parametrize("comes_first", [True, False])
def test_with_an_entity_ruler(comes_first: bool) -> None:
    nlp = make()
    ruler = nlp.add_pipe("entity_ruler", first=comes_first or None)
    nlp.initialize()
    ruler.add_patterns([{"label": "THING", "pattern": "Ann"}])
    doc = nlp(TEXT)
    assert iob(doc) == ["B", "O", "O", "O", "O"]
    assert [ent.label_ for ent in doc.ents] == ["THING"]


def test_a_second_recognizer_replaces_outside() -> None:
    nlp = make()
    nlp.initialize()
    doc = nlp(TEXT)
    trained = make()
    trained.initialize()
    module = trained.get_pipe("lstm_ner").model.get_ref("output_layer").shims[0].module
    module.bias.data[4] = 5.0  # every token is an entity by itself
    doc = trained.get_pipe("lstm_ner")(doc)
    assert iob(doc) == ["B"] * 5


def test_negative_labels_are_refused() -> None:
    nlp = make()
    doc = nlp.make_doc(TEXT)
    doc.set_ents([spacy.tokens.Span(doc, 0, 1, "!PER")])
    example = spacy.training.Example(nlp.make_doc(TEXT), doc)
    with pytest.raises(ValueError, match=r"L120.*'!PER'.*incorrect_spans_key"):
        nlp.initialize(lambda: [example])
    nlp.initialize()
    with pytest.raises(ValueError, match="L120"):
        nlp.update([example])
    with pytest.raises(ValueError, match="L120"):
        nlp.get_pipe("lstm_ner").add_label("!PER")
    assert nlp.get_pipe("lstm_ner").labels == ("PER", "LOC")
