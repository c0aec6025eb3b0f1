"""Whether one label is right, or any number: model and component have to agree."""

from spacy.pipeline import TrainablePipe
from thinc.api import Model

from ..errors import Errors

FACTORIES = {True: "lstm_textcat", False: "lstm_textcat_multilabel"}


def is_exclusive(model: Model) -> bool | None:
    """Say what the output layer of a text classifier is made for.

    model (Model): The classifier.
    RETURNS (bool | None): Whether exactly one label is right; None where the
        architecture doesn't say.
    """
    multi_label = model.attrs.get("multi_label")
    return None if multi_label is None else not multi_label


def check_exclusivity(pipe: TrainablePipe, expected: bool) -> None:
    """Check that the model of a component is made for its task.

    pipe (TrainablePipe): The component.
    expected (bool): Whether exactly one of its labels is right.
    RAISES (ValueError): If the model is made for the other task.
    """
    if is_exclusive(pipe.model) == (not expected):
        message = Errors.L033.format(
            name=pipe.name,
            found=str(not expected).lower(),
            expected=str(expected).lower(),
            other=FACTORIES[not expected],
        )
        raise ValueError(message)
