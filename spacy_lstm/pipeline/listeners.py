"""Checks of a shared tok2vec."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from textwrap import shorten

from spacy.language import Language
from spacy.pipeline import Tok2Vec, TrainablePipe
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Model

from ..errors import Errors, Warnings


def listeners_of(pipe: TrainablePipe, nlp: Language) -> Iterator[tuple[Model, Tok2Vec]]:
    """Find the listeners of a component.

    pipe (TrainablePipe): The component.
    nlp (Language): Its pipeline.
    YIELDS (tuple[Model, Tok2Vec]): Each listener and its upstream component.
    """
    for _, upstream in nlp.components:
        if isinstance(upstream, Tok2Vec):
            for listener in upstream.listener_map.get(pipe.name, []):
                yield listener, upstream


def check_listener_widths(pipe: TrainablePipe, nlp: Language) -> None:
    """Check that the listeners of a component have the width of their upstream.

    pipe (TrainablePipe): The component.
    nlp (Language): Its pipeline.
    RAISES (ValueError): If the widths differ.
    """
    for listener, upstream in listeners_of(pipe, nlp):
        expected, found = listener.get_dim("nO"), upstream.model.maybe_get_dim("nO")
        if found not in (None, expected):
            message = Errors.L032.format(
                name=pipe.name, upstream=upstream.name, expected=expected, found=found
            )
            raise ValueError(message)


def warn_of_missing_upstream(pipe: TrainablePipe, docs: Sequence[Doc]) -> None:
    """Warn once if the shared tok2vec of a component has not read the documents.

    spaCy's listeners return zeros for them.

    pipe (TrainablePipe): The component.
    docs (Sequence[Doc]): The documents to predict.
    """
    if vars(pipe).get("_has_warned_of_upstream"):
        return
    if any(len(doc) and not doc.tensor.size for doc in docs) and is_listening(pipe):
        vars(pipe)["_has_warned_of_upstream"] = True
        warnings.warn(Warnings.W006.format(name=pipe.name), stacklevel=3)


def is_listening(pipe: TrainablePipe) -> bool:
    """RETURNS (bool): Whether the component has a listener."""
    return any(isinstance(node, Tok2VecListener) for node in pipe.model.walk())


def check_upstream_has_read(pipe: TrainablePipe, docs: Iterable[Doc]) -> None:
    """Check that the shared tok2vec of a component has read the documents.

    pipe (TrainablePipe): The component.
    docs (Iterable[Doc]): The documents.
    RAISES (ValueError): If it has not.
    """
    if not is_listening(pipe):
        return
    for doc in docs:
        if len(doc.tensor) != len(doc):
            text = shorten(doc.text, 80)
            raise ValueError(Errors.L054.format(name=pipe.name, text=text))
