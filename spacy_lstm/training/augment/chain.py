"""Several augmenters, one after the other."""

from collections.abc import Iterator

from spacy.language import Language
from spacy.training import Example

from ...errors import Errors
from .augmenter import Augment


class Chain:
    """Gives what an augmenter makes of an example to the next one.

    augmenters (Callable): The augmenters, in their order.
    RAISES (ValueError): If there are none, or one is no function.
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
        """Give what becomes of an example.

        nlp (Language): The pipeline.
        example (Example): The example, which is not changed.
        YIELDS (Example): One example or more.
        """
        examples = [example]
        for augment in self.augmenters:
            examples = [made for eg in examples for made in augment(nlp, eg)]
        yield from examples
