"""Base classes of augmenters."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ...errors import Errors
from ...models.checks import check_size, is_number
from .doc_builder import DocBuilder

Augment = Callable[[Language, Example], Iterator[Example]]


class Augmenter(ABC):
    """Base class of augmenters.

    Each augmenter has its own random number generator. Results therefore only depend on
    the seed and on the order of the examples, and differ between epochs.

    level (float): Proportion of examples to augment, as in spaCy's augmenters.
    per_word (float): Proportion of words, or other units, to change in these examples.
    seed (int): Random seed.
    keep_original (bool): Whether to yield the original examples as well.
    RAISES (ValueError): If `level` or the rate is invalid.
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
        """Augment an example.

        nlp (Language): The pipeline, whose tokenizer is applied to the new text.
        example (Example): The example, which is not modified.
        YIELDS (Example): The original or the augmented example, or both with
            `keep_original`.
        """
        builder = None
        if self.random.random() < self.level:
            builder = self.change(nlp, example.reference)
        if builder is None or self.keep_original:
            yield example
        if builder is not None:
            yield builder.to_example(nlp, example)

    def is_chosen(self) -> bool:
        """RETURNS (bool): Whether to change the next word, chosen at random."""
        return self.random.random() < self.rate

    @abstractmethod
    def change(self, nlp: Language, reference: Doc) -> DocBuilder | None:
        """Change a document.

        nlp (Language): The pipeline.
        reference (Doc): The annotated document, which is not modified.
        RETURNS (DocBuilder | None): The new document, or None if nothing changed.
        """


class WordAugmenter(Augmenter):
    """Base class of augmenters that only change the text of words.

    The arguments are those of `Augmenter`.
    """

    def change(self, nlp: Language, reference: Doc) -> DocBuilder | None:
        builder = DocBuilder.from_doc(reference)
        for i in range(len(reference)):
            if self.is_chosen():
                builder.words[i] = self.rewrite(reference, i)
        return builder if builder.words != [token.text for token in reference] else None

    @abstractmethod
    def rewrite(self, reference: Doc, i: int) -> str:
        """Change a word.

        reference (Doc): The document.
        i (int): Index of the word.
        RETURNS (str): The new word, or the original word if it can't be changed.
        """


def check_rate(name: str, argument: str, value: float) -> None:
    """Check a rate.

    name (str): Name of the augmenter.
    argument (str): Name of the argument.
    value (float): The rate.
    RAISES (ValueError): If the rate is not between 0 and 1.
    """
    if not is_number(value) or not 0 <= value <= 1:
        raise ValueError(Errors.L096.format(name=name, argument=argument, value=value))
