"""Augmentation by words that mean the same."""

from pathlib import Path

from spacy.attrs import LEMMA
from spacy.language import Language
from spacy.tokens import Doc

from .augmenter import Augmenter
from .draft import Draft
from .tables import Table, read_table


class WordReplacement(Augmenter):
    """Writes other words, such as synonyms, in the place of words outside entities.

    Tags, features, heads and whatever else is annotated stay, so that a list should
    hold words of one part of speech and form; only the lemma of a word that was
    replaced is left out, as missing.

    level (float): Share of the examples that are changed.
    synonyms (dict[str, list[str]] | str | Path): For each word those that can stand in
        its place, or a file of JSON with that. A word is looked up as it is written,
        then in lower case; what is found in lower case gets the casing of the word.
    per_word (float): Share of the words to replace, of those that have others.
    seed (int): What the random numbers begin with.
    keep_original (bool): Whether changed examples are given beside the originals.
    RAISES (ValueError): If an argument is invalid, or the file can't be read.
    """

    name = "spacy-lstm.WordReplacement.v1"

    def __init__(
        self,
        level: float,
        synonyms: Table | str | Path,
        per_word: float = 0.1,
        seed: int = 0,
        keep_original: bool = False,
    ) -> None:
        super().__init__(level, per_word, seed, keep_original)
        self.synonyms = read_table(
            self.name,
            "synonyms",
            synonyms,
            "words without spaces",
            lambda word: bool(word) and not any(map(str.isspace, word)),
        )

    def change(self, nlp: Language, reference: Doc) -> Draft | None:
        draft = Draft.of(reference)
        for token in reference:
            others = [] if token.ent_type else self._find(token.text)
            if others and self.is_chosen():
                draft.words[token.i] = self.random.choice(others)
                draft.values[token.i, LEMMA] = 0
        return draft if draft.values else None

    def _find(self, word: str) -> list[str]:
        others = self.synonyms.get(word)
        if others is None:
            others = [
                like(word, other) for other in self.synonyms.get(word.lower(), [])
            ]
        return [other for other in others if other != word]


def like(word: str, other: str) -> str:
    """Write a word with the casing of another one."""
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other[0].upper() + other[1:] if word[0].isupper() else other
