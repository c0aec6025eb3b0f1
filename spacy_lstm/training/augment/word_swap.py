"""Augmentation by swapping words."""

from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Token

from .augmenter import Augmenter
from .doc_builder import DocBuilder, tokens_outside_spans


class WordSwap(Augmenter):
    """Swaps neighbouring words (Wei and Zou 2019).

    Both words are in the same sentence, if sentences are annotated. Punctuation, words
    in entities or in spans of `doc.spans`, and, in texts with spaces, words attached to
    others, such as "do" and "n't", are not swapped. Words keep their annotations,
    including heads and dependents.

    level (float): Proportion of examples to augment.
    per_word (float): Proportion of words to swap, of those that can be swapped.
    seed (int): Random seed.
    keep_original (bool): Whether to yield the original examples as well.
    RAISES (ValueError): If `level` or `per_word` is invalid.
    """

    name = "spacy-lstm.WordSwap.v1"

    def change(self, nlp: Language, reference: Doc) -> DocBuilder | None:
        can_move = find_movable(reference)
        builder, i = DocBuilder.from_doc(reference), 0
        while i + 1 < len(reference):
            is_pair = can_move[i] and can_move[i + 1]
            if is_pair and not reference[i + 1].is_sent_start and self.is_chosen():
                swap(builder, i)
                i += 1
            i += 1
        return builder if builder.values else None


def find_movable(reference: Doc) -> list[bool]:
    """Find the tokens that can be swapped.

    reference (Doc): The document.
    RETURNS (list[bool]): Whether each token can be swapped.
    """
    can_move = tokens_outside_spans(reference)
    has_spaces = any(token.whitespace_ for token in reference)
    for token in reference:
        if not is_word(token) or (has_spaces and not stands_alone(token)):
            can_move[token.i] = False
    return can_move


def stands_alone(token: Token) -> bool:
    """RETURNS (bool): Whether a token is not attached to another word."""
    doc, i = token.doc, token.i
    first = i == 0 or doc[i - 1].whitespace_ or not is_word(doc[i - 1])
    last = i + 1 == len(doc) or token.whitespace_ or not is_word(doc[i + 1])
    return bool(first and last)


def is_word(token: Token) -> bool:
    return not (token.is_punct or token.is_space)


def swap(builder: DocBuilder, i: int) -> None:
    """Swap two neighbouring words. Spaces and sentence starts keep their positions.

    builder (DocBuilder): The document, which is modified in place.
    i (int): Index of the first word.
    """
    j = i + 1
    builder.words[i : j + 1] = builder.words[j], builder.words[i]
    builder.sources[i : j + 1] = builder.sources[j], builder.sources[i]
    for place in (i, j):
        builder.values[place, SENT_START] = sentence_start(builder.reference, place)


def sentence_start(reference: Doc, i: int) -> int:
    is_start = reference[i].is_sent_start
    return 0 if is_start is None else 1 if is_start else -1
