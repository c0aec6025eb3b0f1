"""Texts with labels, and documents made of them."""

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
    """A text and what is known of it.

    path (Path): The file it comes from.
    line (int): Number of its line, from 1 on.
    text (str): The text.
    labels (list[str] | None): Its categories, of all that others have; None where these
        are not annotated.
    cats (dict[str, float]): Truths of categories, where `labels` is None.
    spans (list[tuple[int, int, str]] | None): Entities as start, end and label, in
        characters; None where these are not annotated.
    is_accepted (bool): Whether the annotation counts.
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
    """What was read.

    docs (list[Doc]): Annotated documents.
    n_skipped (int): How many annotations were not accepted, and are left out.
    misaligned (list[tuple[str, str]]): Text and label of entities that don't start and
        end where tokens do, whose tokens count as missing.
    """

    docs: list[Doc] = field(default_factory=list)
    n_skipped: int = 0
    misaligned: list[tuple[str, str]] = field(default_factory=list)


def make_documents(records: Sequence[Record], nlp: Language) -> Documents:
    """Make documents of texts.

    records (Sequence[Record]): The texts.
    nlp (Language): Its tokenizer is used.
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
        expected = f"one of {nlp.max_length:,} at most"
        raise bad_line(record.path, record.line, found, expected)
    try:
        return nlp.make_doc(record.text)
    except UnicodeEncodeError as error:
        found, expected = first_line(error), "characters that UTF-8 has"
        raise bad_line(record.path, record.line, found, expected) from None


def set_entities(doc: Doc, record: Record) -> list[tuple[str, str]]:
    """Annotate entities, and tokens of those that don't fit the tokens as missing.

    doc (Doc): The document of the record.
    record (Record): Has the entities.
    RETURNS (list[tuple[str, str]]): Text and label of each that doesn't fit.
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
        expected = "a text with entities that don't overlap"
        raise bad_line(record.path, record.line, str(record.spans), expected)
    gaps = [doc[i : i + 1] for i in sorted(missing.difference(covered))]
    doc.set_ents(entities, missing=gaps)
    return misaligned
