"""Pipelines whose predictions depend on one word among irrelevant words."""

import random
from collections.abc import Callable

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

FILLERS = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
EMBED = {
    "@architectures": "spacy-lstm.LexemeEmbed.v1",
    "width": 16,
    "attrs": ["NORM"],
    "rows": [200],
}
LSTM = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": EMBED,
    "encode": {"@architectures": "spacy-lstm.RNNEncoder.v1", "hidden": 16},
}
CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "width": 16,
    "depth": 2,
    "embed_size": 200,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": False,
    "pretrained_vectors": None,
}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 32}


def make_texts(words: list[str], n: int = 24) -> list[tuple[list[str], int]]:
    """Insert one of the words among filler words, and return its position as well."""
    draw = random.Random(0)
    texts = []
    for i in range(n):
        text = draw.choices(FILLERS, k=5)
        place = draw.randrange(4)
        text[place] = words[i % len(words)]
        texts.append((text, place))
    return texts


def make_categories(nlp: Language) -> list[Example]:
    """A text is good if it contains "yes", and bad if it contains "no"."""
    return [
        Example.from_dict(
            Doc(nlp.vocab, words=words),
            {"cats": {"good": float("yes" in words), "bad": float("no" in words)}},
        )
        for words, _ in make_texts(["yes", "no"])
    ]


def make_tags(nlp: Language) -> list[Example]:
    """Tag the word after "left" with L, after "right" with R, all others with O."""
    examples = []
    for words, place in make_texts(["left", "right"]):
        tags = ["O"] * len(words)
        tags[place + 1] = words[place][0].upper()
        pos = ["X" if tag == "O" else "NOUN" for tag in tags]
        examples.append(
            Example.from_dict(
                Doc(nlp.vocab, words=words), {"words": words, "tags": tags, "pos": pos}
            )
        )
    return examples


def make_entities(nlp: Language) -> list[Example]:
    """The word after "mr" is a person, and no other word is."""
    examples = []
    for words, place in make_texts(["mr", "nine"], n=60):
        reference = Doc(nlp.vocab, words=words)
        if words[place] == "mr":
            reference.ents = [Span(reference, place + 1, place + 2, label="PER")]
        else:
            reference.ents = []
        examples.append(Example(Doc(nlp.vocab, words=words), reference))
    return examples


def train(
    make_examples: Callable[[Language], list[Example]],
    steps: int = 20,
    **components: dict,
) -> Language:
    nlp = spacy.blank("en")
    for name, config in components.items():
        nlp.add_pipe(name, config={"model": config} if config else {})
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.02
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer, drop=0.1)
    return nlp
