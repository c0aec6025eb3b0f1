"""What text classifiers and taggers decided, and the logit of it."""

from dataclasses import dataclass
from functools import partial

import numpy
import torch
from spacy.pipeline import TextCategorizer
from spacy.pipeline.tagger import Tagger
from spacy.pipeline.textcat_multilabel import MultiLabel_TextCategorizer
from spacy.tokens import Doc
from thinc.api import to_numpy
from torch import Tensor

from .interpolation import Evaluate
from .scaled_model import ScaledModel


@dataclass(frozen=True)
class Decision:
    """The label of a text, a token or an entity.

    label (str): The label.
    evaluate (Callable): Finds its logit, and how fast each token raises that.
    start (int | None): First token of what is labelled; None for the whole text.
    end (int | None): The token after the last one of it; None for the whole text.
    """

    label: str
    evaluate: Evaluate
    start: int | None = None
    end: int | None = None

    def holds(self, token: int) -> bool:
        """Tell whether a token is part of what is labelled.

        token (int): Number of the token.
        RETURNS (bool): Whether it is; False where the whole text is labelled.
        """
        if self.start is None or self.end is None:
            return False
        return self.start <= token < self.end


def decide_text(
    pipe: TextCategorizer, model: ScaledModel, label: str | None
) -> list[Decision]:
    """List the labels of a text.

    pipe (TextCategorizer): The component.
    model (ScaledModel): Its model, with the document.
    label (str | None): The label that is asked about; None for the most probable one,
        and all others above the threshold of a component that gives any number.
    RETURNS (list[Decision]): The labels.
    """
    if label is None:
        numbers = predict_labels(pipe, model.doc)
    else:
        numbers = [pipe.labels.index(label)]
    return [
        Decision(
            pipe.labels[number],
            model.along(partial(label_logits, label=number, output=model.output)),
        )
        for number in numbers
    ]


def predict_labels(pipe: TextCategorizer, doc: Doc) -> list[int]:
    probabilities = to_numpy(pipe.predict([doc]))[0]
    order = numpy.argsort(-probabilities, kind="stable").tolist()
    if not isinstance(pipe, MultiLabel_TextCategorizer):
        return order[:1]
    threshold = pipe.cfg["threshold"]
    return order[:1] + [i for i in order[1:] if probabilities[i] >= threshold]


def decide_tokens(
    pipe: Tagger, model: ScaledModel, label: str | None, token: int | None
) -> list[Decision]:
    """List the labels of tokens.

    pipe (Tagger): The component.
    model (ScaledModel): Its model, with the document.
    label (str | None): The label that is asked about for `token`; without that, only
        tokens that got this label are listed.
    token (int | None): The token; None for each.
    RETURNS (list[Decision]): The labels.
    """
    guesses = to_numpy(pipe.predict([model.doc])[0]).tolist()
    if token is not None and label is not None:
        guesses[token] = pipe.labels.index(label)
    return [
        Decision(
            pipe.labels[number],
            model.along(partial(token_logits, token=i, label=number, model=model)),
            start=i,
            end=i + 1,
        )
        for i, number in enumerate(guesses)
        if token in (None, i) and label in (None, pipe.labels[number])
    ]


def token_logits(outputs: Tensor, token: int, label: int, model: ScaledModel) -> Tensor:
    return label_logits(outputs[:, token], label, model.output)


def label_logits(outputs: Tensor, label: int, output: str) -> Tensor:
    """Find the logit of a label's probability.

    outputs (Tensor): *Shape:* (n_copies, n_labels)
    label (int): Number of the label.
    output (str): What makes probabilities of the outputs: "softmax", "logistic", or ""
        where they are probabilities.
    RETURNS (Tensor): *Shape:* (n_copies,)
    """
    own = outputs[:, label]
    if output == "logistic":
        return own
    if output == "":
        return torch.logit(own)
    others = torch.cat([outputs[:, :label], outputs[:, label + 1 :]], dim=1)
    return own - others.logsumexp(1)
