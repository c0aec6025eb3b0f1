"""Components that write the same annotations as others of a pipeline."""

from spacy.language import Language

# Entities are not among them: what is found later stands beside what was found before.
SHARED = {"doc.cats", "token.tag", "token.pos", "token.morph"}


def find_rivals(nlp: Language, name: str) -> list[str]:
    """Find the components that write what another one writes.

    nlp (Language): The pipeline.
    name (str): Name of the component.
    RETURNS (list[str]): Names of the others. Text classifiers are among them where they
        have a label in common with it.
    """
    own = SHARED & set(nlp.get_pipe_meta(name).assigns)
    return [
        other
        for other in nlp.pipe_names
        if other != name and writes_same(nlp, name, other, own)
    ]


def writes_same(nlp: Language, name: str, other: str, own: set[str]) -> bool:
    shared = own & set(nlp.get_pipe_meta(other).assigns)
    if shared == {"doc.cats"}:
        labels = nlp.pipe_labels
        return not set(labels.get(name, [])).isdisjoint(labels.get(other, []))
    return bool(shared)
