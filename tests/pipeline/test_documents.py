"""Predictions in documents that spaCy copies, cuts, merges and streams."""

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from ..faults.pipeline import is_same, make_pipeline, read_predictions
from ..util import FACTORIES, make_annotated_examples

TEXT = "I love this lovely book, what a boring story"
# Characters that paths, configs, tables and markup give a meaning of their own.
LABELS = ["work/of:art", "<b>&amp;", "B-PER", "${x}", "人物", "a|b=c", 'q"q', "ß ü"]


@pytest.fixture(scope="module")
def nlp() -> Language:
    spacy.util.fix_random_seed(0)
    return make_pipeline()


def test_tuples(nlp: Language) -> None:
    texts = [(TEXT, {"id": 1}), ("", {"id": 2}), ("a sad book", {"id": 3})]
    for (doc, context), (text, own) in zip(
        nlp.pipe(texts, as_tuples=True), texts, strict=True
    ):
        assert context is own
        assert is_same(read_predictions(doc), read_predictions(nlp(text)))


def test_stored_documents(nlp: Language) -> None:
    docs = [nlp(TEXT), nlp("")]
    for doc, loaded in zip(
        docs,
        DocBin(docs=docs, store_user_data=True).get_docs(nlp.vocab),
        strict=True,
    ):
        assert read_predictions(loaded) == read_predictions(doc)
        for copied in (doc.copy(), Doc(nlp.vocab).from_bytes(doc.to_bytes())):
            assert read_predictions(copied) == read_predictions(doc)


def test_a_part_of_a_document(nlp: Language) -> None:
    doc = nlp(TEXT)
    part = doc[2:5].as_doc(copy_user_data=True)
    for token, own in zip(part, doc[2:5], strict=True):
        assert (token.tag_, token.pos_) == (own.tag_, own.pos_)
        assert (token._.tag_prob, token._.morph_prob) == (
            own._.tag_prob,
            own._.morph_prob,
        )
        assert token._.tag_prob > 0


def test_merged_tokens(nlp: Language) -> None:
    doc = nlp(TEXT)
    before = [(token.tag_, token._.tag_prob, token.ent_type_) for token in doc]
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[2:5])
    after = [(token.tag_, token._.tag_prob, token.ent_type_) for token in doc]
    assert (after[:2], after[3:]) == (before[:2], before[5:])


@pytest.mark.parametrize("factory", FACTORIES)
def test_odd_labels(factory: str, tmp_path) -> None:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    morphology = factory == "lstm_morphologizer"
    labels = ["Case=Nom|Odd=<b>", "Odd=人物"] if morphology else LABELS
    for label in labels:
        pipe.add_label(label)
    examples = make_annotated_examples(nlp)
    nlp.initialize(lambda: examples)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path).get_pipe(factory)
    assert loaded.labels == pipe.labels
    assert set(labels) <= set(loaded.labels)
    assert loaded.model.to_bytes() == pipe.model.to_bytes()
