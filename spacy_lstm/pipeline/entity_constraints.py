"""What is settled of the entities of documents before they are decoded."""

from collections.abc import Mapping, Sequence

import numpy
from spacy.attrs import ENT_IOB, IS_SPACE, SENT_START
from spacy.tokens import Doc

from ..modules.crf.tag_scheme import TagScheme
from .iob import BEGIN, INSIDE


def read_constraints(
    docs: Sequence[Doc], scheme: TagScheme, labels: Mapping[str, int]
) -> numpy.ndarray | None:
    """Tell which tags the tokens of documents may have, as spaCy's `ner` has it.

    Entities that are there already are kept, blocked tokens are in none, and no new
    entity starts or ends with whitespace or goes beyond a sentence. All other tokens,
    also those that are marked as outside, may be in one.

    docs (Sequence[Doc]): The documents.
    scheme (TagScheme): How entities are spelled.
    labels (Mapping[str, int]): Numbers of the component's labels.
    RETURNS (numpy.ndarray | None): Booleans; None where nothing is settled.
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
    goes_on = scheme.having("IL", n_labels).numpy()
    is_edge = scheme.having("BLU" if scheme.has_last else "BI", n_labels).numpy()
    allowed = numpy.ones((len(iob), scheme.n_tags(n_labels)), dtype=bool)
    allowed[starts_sentence[:, None] & goes_on] = False
    allowed[is_space.astype(bool)[:, None] & is_edge] = False
    allowed[is_set] = numpy.arange(allowed.shape[1]) == 0
    for doc, rows in zip(
        docs, numpy.split(allowed, lengths.cumsum()[:-1]), strict=True
    ):
        for ent in doc.ents:
            if ent.label_ in labels:
                scheme.hold(rows, (ent.start, ent.end, labels[ent.label_]))
    return allowed
