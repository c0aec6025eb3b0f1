"""A small pipeline, and documents for which it makes mistakes."""

from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from thinc.api import fix_random_seed

from ...util import TEXTS

OURS = ("lstm_textcat", "lstm_tagger", "lstm_morphologizer", "lstm_ner")
SPACYS = ("textcat", "tagger", "morphologizer", "ner")
SCRIPT = "<script>alert(1)</script>"


def annotate(doc: Doc) -> Doc:
    label = TEXTS.get(doc.text, "good")
    doc.cats = {"good": float(label == "good"), "bad": float(label == "bad")}
    for token in doc:
        token.tag_ = "LONG" if len(token) > 4 else "SHORT"
        token.pos_ = "ADJ" if len(token) > 4 else "X"
        token.set_morph("Length=Long" if len(token) > 4 else "")
    things = [token.i for token in doc if token.text in ("book", "story")]
    doc.ents = [Span(doc, i, i + 1, label="THING") for i in things]
    return doc


def make_docs(nlp: Language) -> list[Doc]:
    """Create documents. The last one has markup in its text and labels.

    Each component makes at least two mistakes: two texts occur with both categories,
    and the labels of the last document don't occur in training.
    """
    texts = [*TEXTS, "", "a book", "my story", "book", "one more book", "story"]
    texts += ["a book", "my story", f"a {SCRIPT} story & more"]
    docs = [annotate(nlp.make_doc(text)) for text in texts]
    for doc in docs[-3:-1]:
        doc.cats = {"good": 0.0, "bad": 1.0}
    for token in docs[-1]:
        token.tag_, token.pos_ = "<b>&TAG", "NOUN"
    docs[-1].ents = [Span(docs[-1], 1, 2, label="<i>&ENT")]
    return docs


def make_pipeline(*factories: str, steps: int = 5) -> Language:
    fix_random_seed(0)
    nlp = spacy.blank("en")
    for factory in factories:
        nlp.add_pipe(factory)
    docs = [annotate(nlp.make_doc(text)) for text in TEXTS]
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in docs]
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer)
    return nlp


def make_examples(nlp: Language) -> list[Example]:
    return [Example(nlp.make_doc(doc.text), doc) for doc in make_docs(nlp)]


def write_docs(nlp: Language, path: Path) -> Path:
    DocBin(docs=make_docs(nlp)).to_disk(path)
    return path
