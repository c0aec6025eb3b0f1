"""Augmentation by other casing."""

from spacy.tokens import Doc

from ...errors import Errors
from .augmenter import WordAugmenter

CASINGS = ("lower", "upper", "title")


class Casing(WordAugmenter):
    """Writes words in lower case, in upper case, or like a title.

    level (float): Share of the examples that are changed.
    casing (str): "lower", "upper" or "title", where each word has one capital letter.
    per_word (float): Share of the words to write in that way.
    seed (int): What the random numbers begin with.
    keep_original (bool): Whether changed examples are given beside the originals.
    RAISES (ValueError): If an argument is invalid.
    """

    name = "spacy-lstm.Casing.v1"

    def __init__(
        self,
        level: float,
        casing: str = "lower",
        per_word: float = 1.0,
        seed: int = 0,
        keep_original: bool = False,
    ) -> None:
        super().__init__(level, per_word, seed, keep_original)
        if casing not in CASINGS:
            message = Errors.L001.format(
                name=self.name,
                argument="casing",
                value=casing,
                known=", ".join(CASINGS),
            )
            raise ValueError(message)
        self.casing = casing

    def rewrite(self, reference: Doc, i: int) -> str:
        token = reference[i]
        if self.casing == "upper":
            return token.text.upper()
        if self.casing == "lower" or goes_on(reference, i):
            return token.text.lower()
        return token.text.capitalize()


def goes_on(reference: Doc, i: int) -> bool:
    """Say whether a token goes on with a word, as "n't" does with "don't"."""
    if i == 0 or reference[i - 1].whitespace_:
        return False
    return reference[i - 1].text[-1].isalpha()
