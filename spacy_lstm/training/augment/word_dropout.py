"""Augmentation by leaving words out."""

from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc

from .augmenter import Augmenter
from .draft import Draft, free_tokens


class WordDropout(Augmenter):
    """Leaves words out (Iyyer et al. 2015).

    Words of entities and of spans in `doc.spans` stay, so that these mean what they
    meant. Where dependencies are annotated, only words without dependents go: each
    word that is left then has the head that it had, and trees stay trees. At least one
    word is left.

    level (float): Share of the examples that are changed.
    per_word (float): Share of the words to leave out, of those that can be.
    seed (int): What the random numbers begin with.
    keep_original (bool): Whether changed examples are given beside the originals.
    RAISES (ValueError): If `level` or `per_word` is no rate.
    """

    name = "spacy-lstm.WordDropout.v1"

    def change(self, nlp: Language, reference: Doc) -> Draft | None:
        is_free = free_tokens(reference)
        is_parsed = reference.has_annotation("DEP")
        heads = {token.head.i for token in reference} if is_parsed else set()
        lost = {
            i
            for i in range(len(reference))
            if is_free[i] and i not in heads and self.is_chosen()
        }
        words = [token.i for token in reference if not token.is_space]
        if lost and len(lost) == len(words):
            lost.remove(self.random.choice(words))
        return leave_out(reference, lost) if lost else None


def leave_out(reference: Doc, lost: set[int]) -> Draft:
    """Leave tokens out.

    A space after one of them follows the token before it, and a sentence that began
    with one of them begins with the token after it.

    reference (Doc): The document.
    lost (set[int]): The tokens; none of them is a head.
    RETURNS (Draft): The document without them.
    """
    draft, begins = Draft(reference), False
    for token in reference:
        begins = begins or token.is_sent_start is True
        if token.i in lost:
            if draft.spaces and token.whitespace_:
                draft.spaces[-1] = True
            continue
        if begins:
            draft.values[len(draft.words), SENT_START] = 1
        begins = False
        draft.copy(token.i, token.i + 1)
    return draft
