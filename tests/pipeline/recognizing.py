"""Examples for the entity recognizer."""

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, biluo_tags_to_spans

SENTENCES = [
    "Mary/B-PER Jones/L-PER lives/O in/O London/U-GPE",
    "New/B-GPE York/L-GPE likes/O Mary/U-PER",
    "Ann/U-PER and/O Bob/U-PER met/O in/O New/B-GPE York/L-GPE",
    "nobody/O lives/O here/O",
    "Bob/B-PER Jones/L-PER left/O London/U-GPE yesterday/O",
]


def make_doc(nlp: Language, sentence: str) -> Doc:
    words, tags = zip(*(pair.split("/") for pair in sentence.split()), strict=True)
    doc = Doc(nlp.vocab, words=words)
    spans = biluo_tags_to_spans(doc, tags)
    doc.set_ents(
        [span for span in spans if span.label],
        missing=[span for span in spans if not span.label],
    )
    return doc


def make_example(nlp: Language, sentence: str) -> Example:
    reference = make_doc(nlp, sentence)
    words = [token.text for token in reference]
    return Example(Doc(nlp.vocab, words=words), reference)


def make_examples(nlp: Language) -> list[Example]:
    return [make_example(nlp, sentence) for sentence in SENTENCES]


def make_pipeline(**config) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_ner", config=config)
    return nlp


def train(nlp: Language, examples: list[Example], steps: int = 30) -> None:
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer, drop=0.1)


def found(doc: Doc) -> list[tuple[str, str]]:
    return [(ent.text, ent.label_) for ent in doc.ents]
