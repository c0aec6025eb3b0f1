"""What examples tell about the entities of the tokens that the pipeline sees."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import shorten

import numpy
from spacy.attrs import ENT_IOB, ENT_TYPE, ORTH
from spacy.tokens import Span
from spacy.training import Example

from ..errors import Errors, Warnings
from ..modules.crf.tag_scheme import Entity, TagScheme
from .iob import BEGIN, OUTSIDE


@dataclass
class EntityTruths:
    """What is known of the entities of one document.

    entities (list[tuple[int, int, str]]): First token, end and label.
    outside (numpy.ndarray): Whether a token is known to be in no entity.
        *Shape:* (n_tokens,)
    lost (list[Span]): Entities of the reference that can't be entities here.
    """

    entities: list[tuple[int, int, str]]
    outside: numpy.ndarray
    lost: list[Span]

    def spell(self, scheme: TagScheme, labels: Mapping[str, int]) -> numpy.ndarray:
        """Tell which tags the tokens may have, as far as is known.

        scheme (TagScheme): How entities are spelled.
        labels (Mapping[str, int]): Numbers of the component's labels.
        RETURNS (numpy.ndarray): Booleans. *Shape:* (n_tokens, n_tags)
        """
        n_tags = scheme.n_tags(len(labels))
        known = numpy.ones((len(self.outside), n_tags), dtype=bool)
        known[self.outside, 1:] = False
        for start, end, label in self.entities:
            if label in labels:
                scheme.hold(known, (start, end, labels[label]))
        return known


def read_truths(example: Example) -> EntityTruths:
    """Read the entities of an example.

    A token of the reference is in an entity, outside, or missing. Missing are also the
    tokens of an entity that doesn't start and end where tokens do, or that starts or
    ends with whitespace. Blocked tokens are outside; for spaCy's `ner` they are
    missing.

    example (Example): The example.
    RETURNS (EntityTruths): What is known.
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
    return EntityTruths([entity for _, entity in kept], outside, lost)


def read_wrong(
    name: str,
    example: Example,
    truths: EntityTruths,
    key: str,
    labels: Mapping[str, int],
) -> list[Entity]:
    """Read the entities that an example calls wrong.

    name (str): Name of the component.
    example (Example): The example.
    truths (EntityTruths): What it says of entities that are right.
    key (str): Key of these in `doc.spans` of the reference.
    labels (Mapping[str, int]): Numbers of the component's labels; entities with another
        label are left out.
    RETURNS (list[tuple[int, int, int]]): First token, end and number of the label.
    RAISES (ValueError): If an entity is annotated as right, too.
    """
    spans = example.reference.spans.get(key, [])
    aligned = example.get_aligned_spans_y2x(spans, allow_overlap=True)
    for span in aligned:
        if (span.start, span.end, span.label_) in truths.entities:
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
    """Warn of entities that can't be learned, once, and count them.

    name (str): Name of the component.
    examples (Iterable[Example]): The training examples.
    """
    lost = [span for example in examples for span in read_truths(example).lost]
    if lost:
        message = Warnings.W002.format(
            name=name,
            n_lost=len(lost),
            span=lost[0].text,
            label=lost[0].label_,
            text=shorten(lost[0].doc.text, 80),
        )
        warnings.warn(message, stacklevel=3)
