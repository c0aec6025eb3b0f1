"""Entities that were found, and where they are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy
from spacy.attrs import ENT_IOB
from spacy.tokens import Doc, Span, SpanGroup

from ..modules.crf.tag_scheme import Entity, TagScheme
from .iob import BEGIN, INSIDE, MISSING


@dataclass
class FoundEntities:
    """The entities of the best paths through one document.

    entities (list[tuple[int, int, int]]): First token, end and number of the label, in
        the order of the text.
    best (set[tuple[int, int, int]]): Those of the best path.
    probabilities (numpy.ndarray | None): Of each, where that was asked for.
        *Shape:* (n_entities,)
    """

    entities: list[Entity]
    best: set[Entity]
    probabilities: numpy.ndarray | None = None

    def above(self, threshold: float) -> list[bool]:
        """Tell which entities are of the best path, and probable enough.

        threshold (float): The least probability.
        RETURNS (list[bool]): For each entity.
        """
        is_best = [entity in self.best for entity in self.entities]
        if self.probabilities is None or threshold <= 0:
            return is_best
        is_probable = (self.probabilities >= threshold).tolist()
        return [a and b for a, b in zip(is_best, is_probable, strict=True)]


def read_paths(
    doc: Doc, paths: Iterable[numpy.ndarray], scheme: TagScheme
) -> FoundEntities:
    """Read entities off the best paths, but for those that the document has already.

    doc (Doc): The document.
    paths (Iterable[numpy.ndarray]): Tags, the best path first. *Shape* of each:
        (n_tokens,)
    scheme (TagScheme): How entities are spelled.
    RETURNS (FoundEntities): The entities.
    """
    present = {ent.start for ent in doc.ents}
    by_path = [
        {entity for entity in scheme.read(path.tolist()) if entity[0] not in present}
        for path in paths
    ]
    best = by_path[0] if by_path else set()
    return FoundEntities(sorted(best.union(*by_path)), best)


def number_in_batch(
    docs: Iterable[Doc], found: Iterable[FoundEntities]
) -> list[Entity]:
    """Number the tokens of entities through a batch of documents.

    docs (Iterable[Doc]): The documents.
    found (Iterable[FoundEntities]): The entities of each.
    RETURNS (list[tuple[int, int, int]]): First token and end in the flat batch, and
        number of the label, of all entities.
    """
    firsts = accumulate((len(doc) for doc in docs), initial=0)
    return [
        (first + start, first + end, label)
        for first, own in zip(firsts, found, strict=False)
        for start, end, label in own.entities
    ]


def share_out(probabilities: numpy.ndarray, found: Sequence[FoundEntities]) -> None:
    """Give each document the probabilities of its own entities.

    probabilities (numpy.ndarray): Of the entities of all documents, one after the
        other. *Shape:* (n_entities,)
    found (Sequence[FoundEntities]): The entities of each document; they are changed.
    """
    ends = list(accumulate(len(own.entities) for own in found))
    parts = numpy.split(probabilities, ends[:-1])
    for own, part in zip(found, parts, strict=True):
        own.probabilities = part


def set_entities(doc: Doc, entities: list[Span]) -> None:
    """Write entities beside those that a document has, as spaCy's `ner` does.

    Tokens of which nothing was known are outside of entities then; blocked ones stay
    blocked.

    doc (Doc): The document.
    entities (list[Span]): Entities of tokens that are in none.
    """
    iob = doc.to_array(ENT_IOB)
    if not ((iob == INSIDE) | (iob == BEGIN)).any():
        doc.set_ents(entities, default="outside")
        return
    is_missing = iob == MISSING
    for entity in entities:
        is_missing[entity.start : entity.end] = False
    outside = [doc[i : i + 1] for i in numpy.flatnonzero(is_missing).tolist()]
    doc.set_ents(entities, outside=outside, default="unmodified")


def list_entities(doc: Doc, found: FoundEntities, spans: list[Span], key: str) -> None:
    """Write entities and their probabilities to `doc.spans`, as `spancat` does.

    doc (Doc): The document.
    found (FoundEntities): The entities.
    spans (list[Span]): The same as spans.
    key (str): Key of `doc.spans`.
    """
    group = SpanGroup(doc, name=key, spans=spans)
    group.attrs["scores"] = found.probabilities
    doc.spans[key] = group
