"""Checks of a shared tok2vec."""

from spacy.language import Language
from spacy.pipeline import Tok2Vec, TrainablePipe
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
