"""Callbacks of training."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from spacy.language import Language
from spacy.training import Example


def make_calibrate(
    corpus: Callable[[Language], Iterable[Example]],
) -> Callable[[Language], Language]:
    """Make a callback that makes probabilities true before a pipeline is saved.

    It is meant for `before_to_disk` in [training], and changes components that can be
    calibrated, such as `lstm_ner`.

    corpus (Callable): Reads examples that the pipeline is not trained on.
    RETURNS (Callable): The callback.
    """

    def calibrate(nlp: Language) -> Language:
        names = [name for name, pipe in nlp.pipeline if hasattr(pipe, "calibrate")]
        examples = list(corpus(nlp)) if names else []
        docs = [example.predicted for example in examples]
        for name, pipe in cast(list[tuple[str, Any]], nlp.pipeline):
            if name in names:
                pipe.calibrate(examples)
            if not names or name == names[-1]:
                break
            docs = list(pipe.pipe(docs))
        return nlp

    return calibrate
