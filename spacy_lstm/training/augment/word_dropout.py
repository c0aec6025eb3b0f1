"""Augmentation by dropping words."""

from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc

from .augmenter import Augmenter
from .doc_builder import DocBuilder, tokens_outside_spans


class WordDropout(Augmenter):
    """Drops words (Iyyer et al. 2015).

    Words in entities and in spans of `doc.spans` are never dropped. If dependencies are
    annotated, only words without dependents are dropped, so that all heads stay valid.
    At least one word is kept.

    level (float): Proportion of examples to augment.
    per_word (float): Proportion of words to drop, of those that can be dropped.
    seed (int): Random seed.
    keep_original (bool): Whether to yield the original examples as well.
    RAISES (ValueError): If `level` or `per_word` is invalid.
    """

    name = "spacy-lstm.WordDropout.v1"

    def change(self, nlp: Language, reference: Doc) -> DocBuilder | None:
        is_free = tokens_outside_spans(reference)
        is_parsed = reference.has_annotation("DEP")
        heads = {token.head.i for token in reference} if is_parsed else set()
        dropped = {
            i
            for i in range(len(reference))
            if is_free[i] and i not in heads and self.is_chosen()
        }
        words = [token.i for token in reference if not token.is_space]
        if dropped and len(dropped) == len(words):
            dropped.remove(self.random.choice(words))
        return drop_tokens(reference, dropped) if dropped else None


def drop_tokens(reference: Doc, dropped: set[int]) -> DocBuilder:
    """Drop tokens.

    The space after a dropped token moves to the preceding token, and its sentence start
    to the following token.

    reference (Doc): The document.
    dropped (set[int]): Indices of the tokens to drop, none of which is a head.
    RETURNS (DocBuilder): The new document.
    """
    builder, is_start = DocBuilder(reference), False
    for token in reference:
        is_start = is_start or token.is_sent_start is True
        if token.i in dropped:
            if builder.spaces and token.whitespace_:
                builder.spaces[-1] = True
            continue
        if is_start:
            builder.values[len(builder.words), SENT_START] = 1
        is_start = False
        builder.copy(token.i, token.i + 1)
    return builder
