"""Decisions of text classifiers and taggers, and their logits."""

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
    evaluate (Callable): Calculates the logit and the gradient of each token.
    start (int | None): Index of the first labelled token, or None for the whole text.
    end (int | None): Index after the last labelled token, or None for the whole text.
    """

    label: str
    evaluate: Evaluate
    start: int | None = None
    end: int | None = None

    def covers(self, token: int) -> bool:
        """Check whether the labelled span contains a token.

        token (int): Index of the token.
        RETURNS (bool): Whether it does. False if the whole text is labelled.
        """
        if self.start is None or self.end is None:
            return False
        return self.start <= token < self.end


def decide_text(
    pipe: TextCategorizer, model: ScaledModel, label: str | None
) -> list[Decision]:
    """List the labels of a text.

    pipe (TextCategorizer): The component.
    model (ScaledModel): The model of the component, with the document.
    label (str | None): The label to explain, or None for the most probable label and,
        for multilabel components, all labels above the threshold.
    RETURNS (list[Decision]): The labels.
    """
    if label is None:
        numbers = predict_labels(pipe, model.doc)
    else:
        numbers = [pipe.labels.index(label)]
    return [
        Decision(
            pipe.labels[number],
            model.evaluator(partial(label_logits, label=number, output=model.output)),
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
    model (ScaledModel): The model of the component, with the document.
    label (str | None): The label to explain for `token`. Without `token`, only tokens
        with this predicted label are listed.
    token (int | None): Index of a token, or None for all tokens.
    RETURNS (list[Decision]): The labels.
    """
    predicted = to_numpy(pipe.predict([model.doc])[0]).tolist()
    if token is not None and label is not None:
        predicted[token] = pipe.labels.index(label)
    return [
        Decision(
            pipe.labels[number],
            model.evaluator(partial(token_logits, token=i, label=number, model=model)),
            start=i,
            end=i + 1,
        )
        for i, number in enumerate(predicted)
        if token in (None, i) and label in (None, pipe.labels[number])
    ]


def token_logits(outputs: Tensor, token: int, label: int, model: ScaledModel) -> Tensor:
    return label_logits(outputs[:, token], label, model.output)


def label_logits(outputs: Tensor, label: int, output: str) -> Tensor:
    """Calculate the logit of a label's probability.

    outputs (Tensor): The output of the model. *Shape:* (n_copies, n_labels)
    label (int): Index of the label.
    output (str): The activation to apply to the output: "softmax", "logistic", or "" if
        it already contains probabilities.
    RETURNS (Tensor): The logits. *Shape:* (n_copies,)
    """
    own = outputs[:, label]
    if output == "logistic":
        return own
    if output == "":
        return torch.logit(own)
    others = torch.cat([outputs[:, :label], outputs[:, label + 1 :]], dim=1)
    return own - others.logsumexp(1)
