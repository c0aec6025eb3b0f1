"""A pipeline of every kind of component, and its predictions in a form to compare."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from ..util import make_annotated_examples

CONFIGS: dict[str, dict[str, Any]] = {
    "lstm_textcat": {},
    "lstm_tagger": {"probabilities": True},
    "lstm_morphologizer": {"probabilities": True},
    "lstm_ner": {"spans_key": "entities"},
}
TOLERANCE = 1e-5

Predictions = tuple[list[Any], list[float]]


def make_pipeline(steps: int = 10) -> Language:
    """Train a text classifier, a tagger, a morphologizer and an entity recognizer.

    steps (int): How many updates.
    RETURNS (Language): The pipeline.
    """
    nlp = spacy.blank("en")
    for factory, config in CONFIGS.items():
        nlp.add_pipe(factory, config=config)
    examples = make_annotated_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer)
    return nlp


@cache
def load(folder: str) -> Language:
    """Load a pipeline once in this process.

    folder (str): Where it was saved.
    RETURNS (Language): The pipeline.
    """
    return spacy.load(folder)


def read_predictions(doc: Doc) -> Predictions:
    """Read the annotation of all components, in a form that JSON preserves.

    doc (Doc): The document.
    RETURNS (tuple[list, list[float]]): Labels with offsets, and probabilities.
    """
    spans = doc.spans["entities"]
    labels = [
        *([token.tag_, token.pos_] for token in doc),
        *([span.start, span.end, span.label_] for span in (*doc.ents, *spans)),
        *sorted(doc.cats),
    ]
    probabilities = [
        *(doc.cats[label] for label in sorted(doc.cats)),
        *(token._.tag_prob or 0.0 for token in doc),
        *(token._.morph_prob or 0.0 for token in doc),
        *(float(score) for score in spans.attrs.get("scores", [])),
    ]
    return labels, probabilities


def is_same(found: Predictions, other: Predictions) -> bool:
    """RETURNS (bool): Whether labels are equal and probabilities are within 1e-5."""
    return found[0] == other[0] and all(
        abs(a - b) <= TOLERANCE for a, b in zip(found[1], other[1], strict=True)
    )


def count_differences(
    name: str, found: Iterable[Predictions], expected: Sequence[Predictions]
) -> int:
    """Compare predictions and print how many differ.

    name (str): Where they were made.
    found (Iterable[Predictions]): Predictions of each text.
    expected (Sequence[Predictions]): Predictions of each text in this process.
    RETURNS (int): How many differ.
    """
    pairs = zip(found, expected, strict=True)
    n_different = sum(not is_same(own, other) for own, other in pairs)
    print(f"{name}: {n_different} of {len(expected)} differ", flush=True)
    return n_different
