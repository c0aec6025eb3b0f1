"""Sequences of augmenters."""

from collections.abc import Iterator

from spacy.language import Language
from spacy.training import Example

from ...errors import Errors
from .augmenter import Augment


class Chain:
    """Applies several augmenters in sequence.

    augmenters (Callable): The augmenters, in order.
    RAISES (ValueError): If there are no augmenters, or one is not callable.
    """

    name = "spacy-lstm.Chain.v1"

    def __init__(self, *augmenters: Augment) -> None:
        if not augmenters:
            raise ValueError(Errors.L100.format(name=self.name))
        for augment in augmenters:
            if not callable(augment):
                raise ValueError(Errors.L115.format(name=self.name, value=augment))
        self.augmenters = augmenters

    def __call__(self, nlp: Language, example: Example) -> Iterator[Example]:
        """Augment an example with all augmenters.

        nlp (Language): The pipeline.
        example (Example): The example, which is not modified.
        YIELDS (Example): At least one example.
        """
        examples = [example]
        for augment in self.augmenters:
            examples = [made for eg in examples for made in augment(nlp, eg)]
        yield from examples
