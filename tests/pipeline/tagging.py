"""Examples for tagger and morphologizer."""

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

SENTENCES = [
    "the/DT/DET cat/NN/NOUN/Number=Sing sleeps/VBZ/VERB",
    "a/DT/DET dog/NN/NOUN/Number=Sing barks/VBZ/VERB",
    "the/DT/DET dogs/NNS/NOUN/Number=Plur bark/VBP/VERB",
    "cats/NNS/NOUN/Number=Plur sleep/VBP/VERB",
    "the/DT/DET dog/NN/NOUN/Number=Sing sleeps/VBZ/VERB quietly/RB/ADV",
]


def make_doc(nlp: Language, sentence: str) -> Doc:
    rows = [(word.split("/") + [""] * 3)[:4] for word in sentence.split()]
    words, tags, pos, morphs = zip(*rows, strict=True)
    doc = Doc(nlp.vocab, words=words, tags=list(tags), pos=list(pos))
    for token, morph in zip(doc, morphs, strict=True):
        token.set_morph(morph or None)
    return doc


def make_example(nlp: Language, reference: Doc) -> Example:
    words = [token.text for token in reference]
    return Example(Doc(nlp.vocab, words=words), reference)


def make_examples(nlp: Language) -> list[Example]:
    return [make_example(nlp, make_doc(nlp, sentence)) for sentence in SENTENCES]


def make_pipeline(*factories: str, **config) -> Language:
    nlp = spacy.blank("en")
    for factory in factories:
        nlp.add_pipe(factory, config=config)
    return nlp


def train(nlp: Language, steps: int = 40) -> None:
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer, drop=0.1)
