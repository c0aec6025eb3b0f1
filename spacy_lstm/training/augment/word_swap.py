"""Augmentation by words that change places."""

from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Token

from .augmenter import Augmenter
from .draft import Draft, free_tokens


class WordSwap(Augmenter):
    """Lets words change places with the word after them (Wei and Zou 2019).

    Both are of one sentence, as far as sentences are known. Neither is punctuation, or
    in an entity or a span in `doc.spans`, or, in a text with spaces, written together
    with another word, as "do" and "n't" are. Each takes its annotations along, its head
    and its dependents, too.

    level (float): Share of the examples that are changed.
    per_word (float): Share of the words to move, of those that can be.
    seed (int): What the random numbers begin with.
    keep_original (bool): Whether changed examples are given beside the originals.
    RAISES (ValueError): If `level` or `per_word` is no rate.
    """

    name = "spacy-lstm.WordSwap.v1"

    def change(self, nlp: Language, reference: Doc) -> Draft | None:
        can_move = find_movable(reference)
        draft, i = Draft.of(reference), 0
        while i + 1 < len(reference):
            is_pair = can_move[i] and can_move[i + 1]
            if is_pair and not reference[i + 1].is_sent_start and self.is_chosen():
                swap(draft, i)
                i += 1
            i += 1
        return draft if draft.values else None


def find_movable(reference: Doc) -> list[bool]:
    """Find the tokens that can stand in another place.

    reference (Doc): The document.
    RETURNS (list[bool]): Whether each can.
    """
    can_move = free_tokens(reference)
    has_spaces = any(token.whitespace_ for token in reference)
    for token in reference:
        if not is_word(token) or (has_spaces and not stands_alone(token)):
            can_move[token.i] = False
    return can_move


def stands_alone(token: Token) -> bool:
    """RETURNS (bool): Whether no other word is written together with a token."""
    doc, i = token.doc, token.i
    first = i == 0 or doc[i - 1].whitespace_ or not is_word(doc[i - 1])
    last = i + 1 == len(doc) or token.whitespace_ or not is_word(doc[i + 1])
    return bool(first and last)


def is_word(token: Token) -> bool:
    return not (token.is_punct or token.is_space)


def swap(draft: Draft, i: int) -> None:
    """Swap two neighbours; spaces and the beginning of a sentence stay in their place.

    draft (Draft): The document, which is changed.
    i (int): Number of the first of them.
    """
    j = i + 1
    draft.words[i : j + 1] = draft.words[j], draft.words[i]
    draft.sources[i : j + 1] = draft.sources[j], draft.sources[i]
    for place in (i, j):
        draft.values[place, SENT_START] = sentence_start(draft.reference, place)


def sentence_start(reference: Doc, i: int) -> int:
    is_start = reference[i].is_sent_start
    return 0 if is_start is None else 1 if is_start else -1
