from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import spacy
from spacy.language import Language
from spacy.tokens import DocBin, Span
from spacy.training import Example

FACTORIES = [
    "lstm_textcat",
    "lstm_textcat_multilabel",
    "lstm_tagger",
    "lstm_morphologizer",
    "lstm_ner",
]
TEXTS = {
    "I love this lovely book": "good",
    "what a wonderful, lovely story": "good",
    "a happy book that I love": "good",
    "wonderful and happy": "good",
    "I hate this awful book": "bad",
    "what a boring, awful story": "bad",
    "a sad book that I hate": "bad",
    "boring and sad": "bad",
}


def make_examples(nlp: Language) -> list[Example]:
    return [
        Example.from_dict(
            nlp.make_doc(text),
            {"cats": {"good": float(label == "good"), "bad": float(label == "bad")}},
        )
        for text, label in TEXTS.items()
    ]


def make_annotated_examples(nlp: Language) -> list[Example]:
    """Examples that every component of the package can learn from."""
    examples = make_examples(nlp)
    for doc in (example.reference for example in examples):
        for token in doc:
            token.tag_ = token.pos_ = "ADJ" if len(token) > 4 else "X"
        doc.ents = [Span(doc, 0, 1, "FIRST"), Span(doc, 1, 2, "SECOND")]
    return examples


def make_trained(factory: str, config: dict[str, Any]) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe(factory, config=config)
    examples = make_annotated_examples(nlp)
    nlp.update(examples, sgd=nlp.initialize(lambda: examples))
    return nlp


def make_example(nlp: Language, text: str, cats: dict[str, float]) -> Example:
    return Example.from_dict(nlp.make_doc(text), {"cats": cats})


def train(nlp: Language, examples: list[Example], steps: int = 15) -> None:
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer, drop=0.1)


def write_corpus(path: Path, lang: str = "en") -> Path:
    nlp = spacy.blank(lang)
    docs = [example.reference for example in make_examples(nlp)]
    for token in (token for doc in docs for token in doc):
        token.tag_ = "LONG" if len(token) > 4 else "SHORT"
        token.pos_ = "ADJ" if len(token) > 4 else "X"
    for doc in docs:
        things = [token.i for token in doc if token.text in ("book", "story")]
        doc.ents = [Span(doc, i, i + 1, label="THING") for i in things]
    DocBin(docs=docs).to_disk(path)
    return path


def write_vectors(path: Path, lang: str = "en") -> Path:
    nlp = spacy.blank(lang)
    for i, word in enumerate(["book", "story", "love"]):
        nlp.vocab.set_vector(word, numpy.full(4, i, dtype="f"))
    nlp.to_disk(path)
    return path


def numerical_gradient(
    function: Callable[[numpy.ndarray], float], values: numpy.ndarray, step: float
) -> numpy.ndarray:
    """RETURNS (numpy.ndarray): Gradient of a function by central differences."""
    gradient = numpy.zeros(values.shape)
    for place in numpy.ndindex(*values.shape):
        change = numpy.zeros(values.shape, dtype=values.dtype)
        change[place] = step
        difference = function(values + change) - function(values - change)
        gradient[place] = difference / (2 * step)
    return gradient
