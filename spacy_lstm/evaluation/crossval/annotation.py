"""Annotations that components are trained on, and their labels in documents."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from ...errors import Errors
from ...training.frozen import find_frozen
from ...training.strata import positive_categories

Label = tuple[str, str]

IS_ANNOTATED: dict[str, Callable[[Doc], bool]] = {
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
    """Find the annotations that each component is trained on.

    nlp (Language): The pipeline, with its config.
    RETURNS (dict[str, list[str]]): The annotations of each component that is trained,
        as far as they are known here.
    """
    frozen = find_frozen(nlp)
    learned = {
        name: learned_from(nlp.get_pipe_meta(name).assigns)
        for name, pipe in nlp.pipeline
        if getattr(pipe, "is_trainable", False) and name not in frozen
    }
    return {name: annotations for name, annotations in learned.items() if annotations}


def learned_from(assigned: Iterable[str]) -> list[str]:
    """Find the annotations that a component is trained on among those it assigns.

    assigned (Iterable[str]): All annotations that the component assigns.
    RETURNS (list[str]): The known annotations. For a parser, only dependencies, since
        it derives sentences from them.
    """
    if "token.dep" in assigned:
        return ["token.dep"]
    return [x for x in assigned if x in IS_ANNOTATED]


def require_annotations(nlp: Language, docs: Sequence[Doc], path: Path) -> None:
    """Check that the documents have the annotations of each component.

    nlp (Language): The pipeline, with its config.
    docs (Sequence[Doc]): The annotated documents.
    path (Path): Path that the documents were loaded from.
    RAISES (ValueError): If no document has the annotations of a component.
    """
    for name, annotations in learned_annotations(nlp).items():
        if not any(IS_ANNOTATED[x](doc) for x in annotations for doc in docs):
            names = " or ".join(f"`{annotation}`" for annotation in annotations)
            message = Errors.L071.format(name=name, annotation=names, path=path)
            raise ValueError(message)


def find_labels(nlp: Language, docs: Iterable[Doc]) -> list[set[Label]]:
    """Find the labels of documents and spans that must occur in training.

    Tags and features of tokens are excluded, since some are rare in any treebank.

    nlp (Language): The pipeline, with its config.
    docs (Iterable[Doc]): The annotated documents.
    RETURNS (list[set[tuple[str, str]]]): Pairs of annotation and label, for each
        document.
    """
    learned = {x for names in learned_annotations(nlp).values() for x in names}
    return [{label for label in labels_of(doc) if label[0] in learned} for doc in docs]


def labels_of(doc: Doc) -> set[Label]:
    spans = [span.label_ for group in doc.spans.values() for span in group]
    return {
        *(("doc.cats", label) for label in positive_categories(doc)),
        *(("doc.ents", ent.label_) for ent in doc.ents),
        *(("doc.spans", label) for label in spans),
    }
