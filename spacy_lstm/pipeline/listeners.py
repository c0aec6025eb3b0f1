"""Checks of a shared tok2vec."""

from collections.abc import Iterable
from textwrap import shorten

from spacy.language import Language
from spacy.pipeline import Tok2Vec, TrainablePipe
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Model

from ..errors import Errors


def check_listener_widths(pipe: TrainablePipe, nlp: Language) -> None:
    """Compare the widths of a component's listeners with what they listen to.

    pipe (TrainablePipe): The component.
    nlp (Language): Its pipeline.
    RAISES (ValueError): If an upstream component gives vectors of another width.
    """
    for name, upstream in nlp.components:
        if not isinstance(upstream, Tok2Vec):
            continue
        found = upstream.model.maybe_get_dim("nO")
        for listener in upstream.listener_map.get(pipe.name, []):
            expected = listener.get_dim("nO")
            if found is not None and found != expected:
                message = Errors.L032.format(
                    name=pipe.name, upstream=name, expected=expected, found=found
                )
                raise ValueError(message)


def check_upstream_has_read(pipe: TrainablePipe, docs: Iterable[Doc]) -> None:
    """Find documents that a component can't read, as what it listens to has not.

    pipe (TrainablePipe): The component.
    docs (Iterable[Doc]): The documents.
    RAISES (ValueError): If there is one.
    """
    if not any(isinstance(node, Tok2VecListener) for node in pipe.model.walk()):
        return
    for doc in docs:
        if len(doc.tensor) != len(doc):
            text = shorten(doc.text, 80)
            raise ValueError(Errors.L054.format(name=pipe.name, text=text))


def upstream_models(pipe: TrainablePipe, nlp: Language) -> list[Model]:
    """List the models that a component listens to.

    pipe (TrainablePipe): The component.
    nlp (Language): Its pipeline.
    RETURNS (list[Model]): The models.
    """
    return [
        upstream.model
        for _, upstream in nlp.components
        if isinstance(upstream, Tok2Vec) and pipe.name in upstream.listener_map
    ]
