"""What all augmenters have in common."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ...errors import Errors
from ...models.checks import check_size, is_number
from .draft import Draft

Augment = Callable[[Language, Example], Iterator[Example]]


class Augmenter(ABC):
    """Gives a part of the examples in another form.

    It has random numbers of its own, so that the same examples in the same order are
    given the same forms whatever else is random; those of a second pass are others.

    level (float): Share of the examples that are changed, as in spaCy's augmenters.
    per_word (float): Share of the words, or of whatever else is changed in them.
    seed (int): What the random numbers begin with.
    keep_original (bool): Whether a changed example is given beside the original, and
        not in its place.
    RAISES (ValueError): If `level` or the rate is none.
    """

    name: str
    rate_argument = "per_word"

    def __init__(
        self,
        level: float,
        per_word: float = 0.1,
        seed: int = 0,
        keep_original: bool = False,
    ) -> None:
        check_rate(self.name, "level", level)
        check_rate(self.name, self.rate_argument, per_word)
        check_size(self.name, "seed", seed, 0)
        self.level = level
        self.rate = per_word
        self.keep_original = keep_original
        self.random = random.Random(seed)  # noqa: S311

    def __call__(self, nlp: Language, example: Example) -> Iterator[Example]:
        """Give an example as it is, or changed, or both.

        nlp (Language): The pipeline, whose tokenizer reads the new text.
        example (Example): The example, which is not changed.
        YIELDS (Example): One example, or with `keep_original` up to two.
        """
        draft = None
        if self.random.random() < self.level:
            draft = self.change(nlp, example.reference)
        if draft is None or self.keep_original:
            yield example
        if draft is not None:
            yield draft.to_example(nlp, example)

    def is_chosen(self) -> bool:
        """RETURNS (bool): Whether the next word is one of those to change."""
        return self.random.random() < self.rate

    @abstractmethod
    def change(self, nlp: Language, reference: Doc) -> Draft | None:
        """Write a document in another form.

        nlp (Language): The pipeline.
        reference (Doc): The annotated document, which is not changed.
        RETURNS (Draft | None): The other form; None where it would be the same.
        """


class WordAugmenter(Augmenter):
    """Writes some words in another way, and leaves the others as they are.

    Arguments are those of `Augmenter`.
    """

    def change(self, nlp: Language, reference: Doc) -> Draft | None:
        draft = Draft.of(reference)
        for i in range(len(reference)):
            if self.is_chosen():
                draft.words[i] = self.rewrite(reference, i)
        return draft if draft.words != [token.text for token in reference] else None

    @abstractmethod
    def rewrite(self, reference: Doc, i: int) -> str:
        """Write a word in another way.

        reference (Doc): The document.
        i (int): Number of the word.
        RETURNS (str): The other form, or the same where there is none.
        """


def check_rate(name: str, argument: str, value: float) -> None:
    """Check that a rate is one.

    name (str): Name of the augmenter.
    argument (str): Name of the argument.
    value (float): The rate.
    RAISES (ValueError): If it is not from 0 to 1.
    """
    if not is_number(value) or not 0 <= value <= 1:
        raise ValueError(Errors.L096.format(name=name, argument=argument, value=value))
