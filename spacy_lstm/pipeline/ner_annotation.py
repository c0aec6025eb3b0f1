"""Entities in documents: gold, predicted, and set before decoding."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from textwrap import shorten

import numpy
from spacy.attrs import ENT_IOB, ENT_TYPE, IS_SPACE, ORTH, SENT_START
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from ..errors import Errors, Warnings
from ..modules.crf.tag_scheme import Entity, TagScheme

MISSING, INSIDE, OUTSIDE, BEGIN = range(4)


@dataclass
class GoldEntities:
    """The gold entities of one document.

    entities (list[tuple[int, int, str]]): First token, end and label.
    outside (numpy.ndarray): Whether a token is known to be outside of entities.
        *Shape:* (n_tokens,)
    lost (list[Span]): Entities of the reference that don't align with tokens.
    """

    entities: list[tuple[int, int, str]]
    outside: numpy.ndarray
    lost: list[Span]

    def tag_mask(self, scheme: TagScheme, labels: Mapping[str, int]) -> numpy.ndarray:
        """Make the gold tag mask: which tags agree with the annotation.

        scheme (TagScheme): The tag scheme.
        labels (Mapping[str, int]): Index of each label.
        RETURNS (numpy.ndarray): Booleans. *Shape:* (n_tokens, n_tags)
        """
        n_tags = scheme.n_tags(len(labels))
        known = numpy.ones((len(self.outside), n_tags), dtype=bool)
        known[self.outside, 1:] = False
        for start, end, label in self.entities:
            if label in labels:
                scheme.constrain_to_span(known, (start, end, labels[label]))
        return known


def read_gold_entities(example: Example) -> GoldEntities:
    """Read the gold entities of an example.

    The annotation of a token counts as missing if it is missing in the reference, and
    in entities that don't align with tokens or that start or end with whitespace.
    Blocked tokens are outside of entities; spaCy's `ner` treats them as missing.

    example (Example): The example.
    RETURNS (GoldEntities): Its entities.
    """
    reference, predicted = example.reference, example.predicted
    words = predicted.to_array(ORTH)
    if numpy.array_equal(words, reference.to_array(ORTH)):
        pairs = [(ent, ent) for ent in reference.ents]
        iob, types = reference.to_array([ENT_IOB, ENT_TYPE]).T
    else:
        pairs = [
            (ent, span)
            for ent in reference.ents
            for span in example.get_aligned_spans_y2x([ent])
        ]
        iob = numpy.array(example.get_aligned("ENT_IOB"))
        types = numpy.array(example.get_aligned("ENT_TYPE"))
    outside = (iob == OUTSIDE) | ((iob == BEGIN) & (types == 0))
    kept = [
        (ent, (span.start, span.end, ent.label_))
        for ent, span in pairs
        if not (predicted[span.start].is_space or predicted[span.end - 1].is_space)
    ]
    found = {ent.start for ent, _ in kept}
    lost = [ent for ent in reference.ents if ent.start not in found]
    return GoldEntities([entity for _, entity in kept], outside, lost)


def read_incorrect_entities(
    name: str,
    example: Example,
    gold: GoldEntities,
    key: str,
    labels: Mapping[str, int],
) -> list[Entity]:
    """Read the entities that are annotated as incorrect.

    name (str): Name of the component.
    example (Example): The example.
    gold (GoldEntities): Its correct entities.
    key (str): Key of the incorrect entities in `doc.spans` of the reference.
    labels (Mapping[str, int]): Index of each label; entities with other labels are
        skipped.
    RETURNS (list[tuple[int, int, int]]): First token, end and index of the label.
    RAISES (ValueError): If an entity is annotated as correct and incorrect.
    """
    spans = example.reference.spans.get(key, [])
    aligned = example.get_aligned_spans_y2x(spans, allow_overlap=True)
    for span in aligned:
        if (span.start, span.end, span.label_) in gold.entities:
            message = Errors.L053.format(
                name=name,
                key=key,
                span=span.text,
                label=span.label_,
                text=shorten(example.predicted.text, 80),
            )
            raise ValueError(message)
    return [
        (span.start, span.end, labels[span.label_])
        for span in aligned
        if span.label_ in labels
    ]


def warn_of_lost_entities(name: str, examples: Iterable[Example]) -> None:
    """Warn once of entities that can't be learned, with their number.

    name (str): Name of the component.
    examples (Iterable[Example]): The training examples.
    """
    lost = [span for example in examples for span in read_gold_entities(example).lost]
    if lost:
        message = Warnings.W002.format(
            name=name,
            n_lost=len(lost),
            span=lost[0].text,
            label=lost[0].label_,
            text=shorten(lost[0].doc.text, 80),
        )
        warnings.warn(message, stacklevel=3)


def read_constraints(
    docs: Sequence[Doc], scheme: TagScheme, labels: Mapping[str, int]
) -> numpy.ndarray | None:
    """Make the mask of tags that may be predicted, with the rules of spaCy's `ner`.

    Existing entities are kept, blocked tokens stay outside of entities, and no new
    entity starts or ends with whitespace or crosses a sentence boundary. All other
    tokens, also those marked as outside, may be part of an entity.

    docs (Sequence[Doc]): The documents.
    scheme (TagScheme): The tag scheme.
    labels (Mapping[str, int]): Index of each label.
    RETURNS (numpy.ndarray | None): Booleans; None if there are no constraints.
        *Shape:* (n_tokens, n_tags)
    """
    attributes = [doc.to_array([ENT_IOB, IS_SPACE, SENT_START]) for doc in docs]
    iob, is_space, sent_start = numpy.concatenate(attributes).astype(numpy.int64).T
    starts_sentence = sent_start == 1
    lengths = numpy.array([len(doc) for doc in docs])
    starts_sentence[(lengths.cumsum() - lengths)[lengths > 0]] = False
    is_set = (iob == INSIDE) | (iob == BEGIN)
    if not (is_set.any() or is_space.any() or starts_sentence.any()):
        return None
    n_labels = len(labels)
    goes_on = scheme.tags_with_prefix("IL", n_labels).numpy()
    edges = "BLU" if scheme.has_last else "BI"
    is_edge = scheme.tags_with_prefix(edges, n_labels).numpy()
    allowed = numpy.ones((len(iob), scheme.n_tags(n_labels)), dtype=bool)
    allowed[starts_sentence[:, None] & goes_on] = False
    allowed[is_space.astype(bool)[:, None] & is_edge] = False
    allowed[is_set] = numpy.arange(allowed.shape[1]) == 0
    for doc, rows in zip(
        docs, numpy.split(allowed, lengths.cumsum()[:-1]), strict=True
    ):
        for ent in doc.ents:
            if ent.label_ in labels:
                scheme.constrain_to_span(rows, (ent.start, ent.end, labels[ent.label_]))
    return allowed


@dataclass
class FoundEntities:
    """The predicted entities of one document.

    entities (list[tuple[int, int, int]]): First token, end and index of the label of
        the entities on any of the n best paths, in the order of the text.
    best (set[tuple[int, int, int]]): Entities on the best path.
    probabilities (numpy.ndarray | None): Marginal probability of each entity; None if
        not computed.
        *Shape:* (n_entities,)
    """

    entities: list[Entity]
    best: set[Entity]
    probabilities: numpy.ndarray | None = None

    def above(self, threshold: float) -> list[bool]:
        """Find the entities on the best path that reach a probability.

        threshold (float): The smallest probability.
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
    """Decode the n best paths to entities that are not in the document yet.

    doc (Doc): The document.
    paths (Iterable[numpy.ndarray]): Tags of the n best paths, best first. *Shape* of
        each: (n_tokens,)
    scheme (TagScheme): The tag scheme.
    RETURNS (FoundEntities): The entities.
    """
    present = {ent.start for ent in doc.ents}
    by_path = [
        {ent for ent in scheme.entities(path.tolist()) if ent[0] not in present}
        for path in paths
    ]
    best = by_path[0] if by_path else set()
    return FoundEntities(sorted(best.union(*by_path)), best)


def to_batch_offsets(
    docs: Iterable[Doc], found: Iterable[FoundEntities]
) -> list[Entity]:
    """Convert offsets within documents to offsets within the flat batch.

    docs (Iterable[Doc]): The documents.
    found (Iterable[FoundEntities]): The entities of each document.
    RETURNS (list[tuple[int, int, int]]): First token and end in the flat batch, and
        index of the label, of all entities.
    """
    firsts = accumulate((len(doc) for doc in docs), initial=0)
    return [
        (first + start, first + end, label)
        for first, own in zip(firsts, found, strict=False)
        for start, end, label in own.entities
    ]


def assign_probabilities(
    probabilities: numpy.ndarray, found: Sequence[FoundEntities]
) -> None:
    """Assign the probabilities of a batch to the entities of each document.

    probabilities (numpy.ndarray): Probabilities of the entities of all documents.
        *Shape:* (n_entities,)
    found (Sequence[FoundEntities]): The entities of each document, modified in place.
    """
    ends = list(accumulate(len(own.entities) for own in found))
    parts = numpy.split(probabilities, ends[:-1])
    for own, part in zip(found, parts, strict=True):
        own.probabilities = part


def set_entities(doc: Doc, entities: list[Span]) -> None:
    """Add entities to a document, as spaCy's `ner` does.

    Tokens without annotation become outside of entities; blocked tokens stay blocked.

    doc (Doc): The document, modified in place.
    entities (list[Span]): Entities that don't overlap with existing ones.
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

    doc (Doc): The document, modified in place.
    found (FoundEntities): The entities.
    spans (list[Span]): The entities as spans.
    key (str): Key in `doc.spans`.
    """
    group = SpanGroup(doc, name=key, spans=spans)
    group.attrs["scores"] = found.probabilities
    doc.spans[key] = group
