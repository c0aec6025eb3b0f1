"""Counts of the words of the training data."""

from collections.abc import Callable, Iterable

from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.training import Example

from ..layers.lexemes import count_words
from .listeners import listeners_of


def count_training_words(
    pipe: TrainablePipe,
    nlp: Language | None,
    get_examples: Callable[[], Iterable[Example]],
) -> None:
    """Tell embeddings of a component, also those it listens to, which words are rare.

    pipe (TrainablePipe): The component, whose model is initialized.
    nlp (Language | None): Its pipeline.
    get_examples (Callable): Returns the training examples.
    """
    models = [pipe.model]
    if nlp is not None:
        models += [upstream.model for _, upstream in listeners_of(pipe, nlp)]
    # A component may listen to the same one several times.
    for model in {model.id: model for model in models}.values():
        count_words(model, (example.predicted for example in get_examples()))
