"""Augmentation by replacing words with synonyms."""

from pathlib import Path

from spacy.attrs import LEMMA
from spacy.language import Language
from spacy.tokens import Doc

from .augmenter import Augmenter
from .doc_builder import DocBuilder
from .tables import Table, read_table


class WordReplacement(Augmenter):
    """Replaces words outside of entities with other words, such as synonyms.

    Tags, features, heads and other annotations are kept, so use words of the same part
    of speech and form. Only the lemmas of replaced words are removed.

    level (float): Proportion of examples to augment.
    synonyms (dict[str, list[str]] | str | Path): Replacements by word, or a JSON file
        with them. Words are looked up as written, then in lower case. Replacements
        found in lower case take over the casing of the word.
    per_word (float): Proportion of words to replace, of those with replacements.
    seed (int): Random seed.
    keep_original (bool): Whether to yield the original examples as well.
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

    def change(self, nlp: Language, reference: Doc) -> DocBuilder | None:
        builder = DocBuilder.from_doc(reference)
        for token in reference:
            others = [] if token.ent_type else self._find(token.text)
            if others and self.is_chosen():
                builder.words[token.i] = self.random.choice(others)
                builder.values[token.i, LEMMA] = 0
        return builder if builder.values else None

    def _find(self, word: str) -> list[str]:
        others = self.synonyms.get(word)
        if others is None:
            others = [
                match_casing(word, other)
                for other in self.synonyms.get(word.lower(), [])
            ]
        return [other for other in others if other != word]


def match_casing(word: str, other: str) -> str:
    """Convert a word to the casing of another word."""
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other[0].upper() + other[1:] if word[0].isupper() else other
