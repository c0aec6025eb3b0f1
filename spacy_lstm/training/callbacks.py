"""Training callbacks."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, cast

from spacy.language import Language
from spacy.training import Example
from spacy.util import _pipe

from ..models.checks import check_size
from .frozen import find_frozen


def make_calibrate(
    corpus: Callable[[Language], Iterable[Example]], limit: int = 0
) -> Callable[[Language], Language]:
    """Create a callback that calibrates probabilities before a pipeline is saved.

    Use it as `before_to_disk` in [training]. It calibrates all components that support
    it, such as `lstm_ner` and `lstm_textcat`, and are not frozen.

    corpus (Callable): Reads examples that are not used for training.
    limit (int): Maximum number of examples to read; 0 for all.
    RETURNS (Callable): The callback.
    RAISES (ValueError): If `limit` is invalid.
    """
    check_size("spacy-lstm.Calibrate.v1", "limit", limit, 0)

    def calibrate(nlp: Language) -> Language:
        frozen = find_frozen(nlp)
        names = [
            name
            for name, pipe in nlp.pipeline
            if hasattr(pipe, "calibrate") and name not in frozen
        ]
        if not names:
            return nlp
        examples = list(islice(corpus(nlp), limit or None))
        for name, pipe in cast(list[tuple[str, Any]], nlp.pipeline):
            if name in names:
                pipe.calibrate(examples)
            if name == names[-1]:
                break
            annotate(nlp, name, pipe, examples)
        return nlp

    return calibrate


def annotate(nlp: Language, name: str, pipe: Any, examples: list[Example]) -> None:
    """Apply a component to the predicted documents of examples.

    nlp (Language): The pipeline.
    name (str): Name of the component.
    pipe (Callable): The component, which can be a function.
    examples (list[Example]): The examples, which are modified in place.
    """
    docs = (example.predicted for example in examples)
    handle = nlp.default_error_handler
    output = _pipe(docs, proc=pipe, name=name, default_error_handler=handle, kwargs={})
    for example, doc in zip(examples, list(output), strict=True):
        example.predicted = doc
