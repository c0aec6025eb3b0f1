"""Labelled texts, and their conversion to documents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from ...errors import first_line
from .lines import bad_line

CharSpan = tuple[int, int, str]


@dataclass
class Record:
    """A text and its annotation.

    path (Path): The file that contains the text.
    line (int): Line number, starting at 1.
    text (str): The text.
    labels (list[str] | None): The positive categories among those of all texts; None if
        they are not annotated.
    cats (dict[str, float]): Values of categories, used if `labels` is None.
    spans (list[tuple[int, int, str]] | None): Start, end and label of entities, as
        character offsets; None if they are not annotated.
    is_accepted (bool): Whether the annotation was accepted.
    """

    path: Path
    line: int
    text: str
    labels: list[str] | None = None
    cats: dict[str, float] = field(default_factory=dict)
    spans: list[CharSpan] | None = None
    is_accepted: bool = True


@dataclass
class Documents:
    """Converted documents.

    docs (list[Doc]): The annotated documents.
    n_skipped (int): Number of texts that were skipped since they were not accepted.
    misaligned (list[tuple[str, str]]): Text and label of entities that don't align with
        tokens. Annotation of their tokens is missing.
    """

    docs: list[Doc] = field(default_factory=list)
    n_skipped: int = 0
    misaligned: list[tuple[str, str]] = field(default_factory=list)


def make_documents(records: Sequence[Record], nlp: Language) -> Documents:
    """Convert records to documents.

    records (Sequence[Record]): The records.
    nlp (Language): The pipeline with the tokenizer.
    RETURNS (Documents): The documents.
    RAISES (ValueError): If a text is too long, or entities overlap.
    """
    accepted = [record for record in records if record.is_accepted]
    known = {label for record in accepted for label in record.labels or []}
    documents = Documents(n_skipped=len(records) - len(accepted))
    for record in accepted:
        doc = make_doc(record, nlp)
        doc.cats = record.cats
        if record.labels is not None:
            doc.cats = {x: float(x in record.labels) for x in sorted(known)}
        if record.spans is not None:
            documents.misaligned += set_entities(doc, record)
        documents.docs.append(doc)
    return documents


def make_doc(record: Record, nlp: Language) -> Doc:
    if len(record.text) > nlp.max_length:
        found = f"a text of {len(record.text):,} characters"
        expected = f"a text of at most {nlp.max_length:,} characters"
        raise bad_line(record.path, record.line, found, expected)
    try:
        return nlp.make_doc(record.text)
    except UnicodeEncodeError as error:
        found, expected = first_line(error), "valid Unicode characters"
        raise bad_line(record.path, record.line, found, expected) from None


def set_entities(doc: Doc, record: Record) -> list[tuple[str, str]]:
    """Set the entities of a document, with missing annotation for misaligned entities.

    doc (Doc): The document of the record, which is modified in place.
    record (Record): The record.
    RETURNS (list[tuple[str, str]]): Text and label of misaligned entities.
    RAISES (ValueError): If entities overlap.
    """
    entities: list[Span] = []
    misaligned = []
    missing: set[int] = set()
    for start, end, label in record.spans or []:
        span = doc.char_span(start, end, label=label)
        if span is None:
            misaligned.append((doc.text[start:end], label))
            missing.update(
                token.i
                for token in doc
                if start < token.idx + len(token) and token.idx < end
            )
        else:
            entities.append(span)
    covered = [i for span in entities for i in range(span.start, span.end)]
    if len(covered) > len(set(covered)):
        expected = "entities that don't overlap"
        raise bad_line(record.path, record.line, str(record.spans), expected)
    gaps = [doc[i : i + 1] for i in sorted(missing.difference(covered))]
    doc.set_ents(entities, missing=gaps)
    return misaligned
