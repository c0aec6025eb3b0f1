"""Augmentation by changing the case of words."""

from spacy.tokens import Doc

from ...errors import Errors
from .augmenter import WordAugmenter

CASINGS = ("lower", "upper", "title")


class Casing(WordAugmenter):
    """Converts words to lower case, upper case or title case.

    level (float): Proportion of examples to augment.
    casing (str): "lower", "upper" or "title".
    per_word (float): Proportion of words to convert.
    seed (int): Random seed.
    keep_original (bool): Whether to yield the original examples as well.
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
        if self.casing == "lower" or continues_word(reference, i):
            return token.text.lower()
        return token.text.capitalize()


def continues_word(reference: Doc, i: int) -> bool:
    """RETURNS (bool): Whether a token continues a word, such as "n't" in "don't"."""
    if i == 0 or reference[i - 1].whitespace_:
        return False
    return reference[i - 1].text[-1].isalpha()
