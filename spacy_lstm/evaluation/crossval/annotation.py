"""What a pipeline learns, and where documents have it."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from ...errors import Errors
from ...training.frozen import find_frozen
from ...training.strata import right_categories

Label = tuple[str, str]

HAS: dict[str, Callable[[Doc], bool]] = {
    "doc.cats": lambda doc: bool(doc.cats),
    "doc.ents": lambda doc: bool(doc.ents),
    "doc.spans": lambda doc: any(doc.spans.values()),
    "token.tag": lambda doc: doc.has_annotation("TAG"),
    "token.pos": lambda doc: doc.has_annotation("POS"),
    "token.morph": lambda doc: doc.has_annotation("MORPH"),
    "token.lemma": lambda doc: doc.has_annotation("LEMMA"),
    "token.dep": lambda doc: doc.has_annotation("DEP"),
    "token.is_sent_start": lambda doc: doc.has_annotation("SENT_START"),
}


def learned_annotations(nlp: Language) -> dict[str, list[str]]:
    """Find out what each component learns.

    nlp (Language): The pipeline, with its config.
    RETURNS (dict[str, list[str]]): For each component that is trained, the annotations
        it assigns, as far as they are known here.
    """
    frozen = find_frozen(nlp)
    learned = {
        name: learned_of(nlp.get_pipe_meta(name).assigns)
        for name, pipe in nlp.pipeline
        if getattr(pipe, "is_trainable", False) and name not in frozen
    }
    return {name: annotations for name, annotations in learned.items() if annotations}


def learned_of(assigned: Iterable[str]) -> list[str]:
    """Choose from what a component assigns what it learns.

    assigned (Iterable[str]): All that it assigns.
    RETURNS (list[str]): Of a parser, the relations alone, by which it finds sentences.
    """
    if "token.dep" in assigned:
        return ["token.dep"]
    return [x for x in assigned if x in HAS]


def require_annotations(nlp: Language, docs: Sequence[Doc], path: Path) -> None:
    """Check that there is something to learn for each component.

    nlp (Language): The pipeline, with its config.
    docs (Sequence[Doc]): Annotated documents.
    path (Path): Where they come from.
    RAISES (ValueError): If no document has what a component learns.
    """
    for name, annotations in learned_annotations(nlp).items():
        if not any(HAS[x](doc) for x in annotations for doc in docs):
            learns = " or ".join(f"`{annotation}`" for annotation in annotations)
            message = Errors.L071.format(name=name, annotation=learns, path=path)
            raise ValueError(message)


def find_labels(nlp: Language, docs: Iterable[Doc]) -> list[set[Label]]:
    """Find the labels that a model has to have seen: those of documents and spans.

    Tags and features of tokens are not among them, since some are rare in any treebank.

    nlp (Language): The pipeline, with its config.
    docs (Iterable[Doc]): Annotated documents.
    RETURNS (list[set[tuple[str, str]]]): For each document, annotation and label of
        each of its labels.
    """
    learned = {x for names in learned_annotations(nlp).values() for x in names}
    return [{label for label in labels_of(doc) if label[0] in learned} for doc in docs]


def labels_of(doc: Doc) -> set[Label]:
    spans = [span.label_ for group in doc.spans.values() for span in group]
    return {
        *(("doc.cats", label) for label in right_categories(doc)),
        *(("doc.ents", ent.label_) for ent in doc.ents),
        *(("doc.spans", label) for label in spans),
    }
