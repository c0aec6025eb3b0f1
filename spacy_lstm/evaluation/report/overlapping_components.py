"""Components that write the same annotations as others of a pipeline."""

from spacy.attrs import MORPH, POS, TAG
from spacy.language import Language
from spacy.pipeline import AttributeRuler

SHARED = {"doc.cats", "doc.ents", "token.tag", "token.pos", "token.morph"}
# A ruler writes what its patterns say, and doesn't declare it.
RULED = {TAG: "token.tag", POS: "token.pos", MORPH: "token.morph"}


def find_rivals(nlp: Language, name: str) -> list[str]:
    """Find the components that write what another one writes.

    nlp (Language): The pipeline.
    name (str): Name of the component.
    RETURNS (list[str]): Names of the others. Text classifiers are among them where they
        have a label in common with it.
    """
    others = [other for other in nlp.pipe_names if other != name]
    return [other for other in others if write_same(nlp, name, other)]


def find_written(nlp: Language, name: str) -> set[str]:
    """RETURNS (set[str]): Those annotations of documents that a component writes."""
    pipe = nlp.get_pipe(name)
    if isinstance(pipe, AttributeRuler):
        attrs = {attr for written in pipe.attrs for attr in written}
        return {RULED[attr] for attr in attrs if attr in RULED}
    return SHARED & set(nlp.get_pipe_meta(name).assigns)


def write_same(nlp: Language, name: str, other: str) -> bool:
    shared = find_written(nlp, name) & find_written(nlp, other)
    if shared == {"doc.cats"}:
        labels = nlp.pipe_labels
        return not set(labels.get(name, [])).isdisjoint(labels.get(other, []))
    return bool(shared)
