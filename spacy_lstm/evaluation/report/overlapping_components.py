"""Components of a pipeline that assign the same annotations."""

from spacy.attrs import MORPH, POS, TAG
from spacy.language import Language
from spacy.pipeline import AttributeRuler

ANNOTATIONS = {"doc.cats", "doc.ents", "token.tag", "token.pos", "token.morph"}
# Attribute rulers don't declare the annotations that their patterns assign.
RULER_ANNOTATIONS = {TAG: "token.tag", POS: "token.pos", MORPH: "token.morph"}


def find_overlapping_components(nlp: Language, name: str) -> list[str]:
    """Find the components that assign the same annotations as a component.

    nlp (Language): The pipeline.
    name (str): Name of the component.
    RETURNS (list[str]): Names of the other components. Text classifiers only overlap
        if they have a label in common.
    """
    others = [other for other in nlp.pipe_names if other != name]
    return [other for other in others if overlap(nlp, name, other)]


def find_assigned(nlp: Language, name: str) -> set[str]:
    """RETURNS (set[str]): The annotations that a component assigns."""
    pipe = nlp.get_pipe(name)
    if isinstance(pipe, AttributeRuler):
        attrs = {attr for assigned in pipe.attrs for attr in assigned}
        return {RULER_ANNOTATIONS[attr] for attr in attrs if attr in RULER_ANNOTATIONS}
    return ANNOTATIONS & set(nlp.get_pipe_meta(name).assigns)


def overlap(nlp: Language, name: str, other: str) -> bool:
    shared = find_assigned(nlp, name) & find_assigned(nlp, other)
    if shared == {"doc.cats"}:
        labels = nlp.pipe_labels
        return not set(labels.get(name, [])).isdisjoint(labels.get(other, []))
    return bool(shared)
