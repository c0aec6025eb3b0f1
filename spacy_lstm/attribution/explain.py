"""Explanations of the decisions of a pipeline."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from numbers import Integral
from typing import Any

import numpy
from spacy.language import Language
from spacy.pipeline import (
    EntityRecognizer,
    SentenceRecognizer,
    TextCategorizer,
    TrainablePipe,
)
from spacy.pipeline.tagger import Tagger
from spacy.tokens import Doc

from ..errors import Errors, first_line
from ..pipeline.ner import LSTMEntityRecognizer
from .attention import find_attention, read_attention
from .entity_targets import decide_entities
from .explanation import Explanation
from .interpolation import N_NODES, integrate
from .scaled_model import ScaledModel
from .targets import Decision, decide_text, decide_tokens
from .transitions import decide_entities_by_moves

METHODS = ("gradients", "attention")
STEPS = f"an integer of at least {N_NODES}"


def explain(
    nlp: Language,
    text: str | Doc,
    component: str | None = None,
    *,
    label: str | None = None,
    token: int | None = None,
    method: str = "gradients",
    steps: int = 64,
) -> list[Explanation]:
    """Explain which tokens of a text led to the decisions of a pipeline.

    By default, scores are integrated gradients (Sundararajan et al. 2017): the gradient
    of a decision's logit with respect to the token embeddings is averaged along the
    path from zero embeddings to the actual ones, and multiplied by the embeddings. The
    score of a token is its contribution to the logit. The scores add up to the
    difference between the logits of text and baseline, within 1% unless
    `Explanation.adds_up` is False.

    Text classifiers, taggers, morphologizers and entity recognizers are supported, from
    this package and from spaCy, with their own or a shared tok2vec. The pipeline is not
    modified.

    nlp (Language): The trained pipeline.
    text (str | Doc): The text, or a document. Annotations of the document are ignored.
    component (str | None): Name of the component to explain, or None for all supported
        components.
    label (str | None): Only explain decisions for this label. For a text classifier,
        and for a tagger with `token`, explain this label even if it was not predicted.
        None for the predicted labels, and at least the most probable label of a text
        classifier.
    token (int | None): For taggers and entity recognizers, only explain decisions for
        the token at this index; None for all tokens or entities.
    method (str): "gradients", or "attention" for the attention weights of a text
        classifier.
    steps (int): Number of points at which gradients are calculated, at least 8. More
        points, up to 2,048, are added if the scores don't add up.
    RETURNS (list[Explanation]): One explanation per decision, in the order of the
        pipeline. Empty if no entity was found.
    RAISES (ValueError): If an argument is invalid, or there is nothing to explain.
    """
    check_arguments(nlp, text, token, method, steps)
    doc = make_doc(nlp, text)
    pipes = choose_components(nlp, component, method)
    remaining = filter_components(pipes, doc, label, token)
    explanations: list[Explanation] = []
    for name, pipe in nlp.pipeline:
        if pipe in remaining:
            remaining.remove(pipe)
            with component_errors(name):
                pipe.predict([doc])  # type: ignore[attr-defined]
            model = ScaledModel(nlp, pipe, doc)
            explanations += [
                explain_decision(pipe, model, decision, method, steps)
                for decision in decide(pipe, model, label, token)
            ]
        if not remaining:
            break
        with component_errors(name):
            doc = pipe(doc)
    return explanations


@contextmanager
def component_errors(name: str) -> Iterator[None]:
    """Add the name of the component to its errors, such as for missing weights.

    name (str): Name of the component.
    RAISES (ValueError): If the component raises any error.
    """
    try:
        yield
    except Exception as error:
        message = Errors.L109.format(name=name, reason=first_line(error))
        raise ValueError(message) from error


def check_arguments(
    nlp: Language, text: str | Doc, token: int | None, method: str, steps: int
) -> None:
    """Check the arguments of `explain`.

    nlp (Language): As for `explain`.
    text (str | Doc): As for `explain`.
    token (int | None): As for `explain`.
    method (str): As for `explain`.
    steps (int): As for `explain`.
    RAISES (ValueError): If an argument is invalid.
    """
    known = ", ".join(map(repr, METHODS))
    for argument, value, is_right, expected in (
        ("nlp", nlp, isinstance(nlp, Language), "a spaCy pipeline"),
        ("text", text, isinstance(text, str | Doc), "a string or a Doc"),
        ("token", token, token is None or is_integer(token), "an integer"),
        ("method", method, method in METHODS, f"one of: {known}"),
        ("steps", steps, is_integer(steps) and steps >= N_NODES, STEPS),
    ):
        if not is_right:
            message = Errors.L101.format(
                name="explain", argument=argument, value=value, expected=expected
            )
            raise ValueError(message)


def is_integer(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def make_doc(nlp: Language, text: str | Doc) -> Doc:
    if isinstance(text, str):
        doc = nlp.make_doc(text)
    else:
        words = [token.text for token in text]
        spaces = [bool(token.whitespace_) for token in text]
        doc = Doc(nlp.vocab, words=words, spaces=spaces)
    if not doc.text.strip():
        raise ValueError(Errors.L089)
    return doc


def choose_components(
    nlp: Language, component: str | None, method: str
) -> list[TrainablePipe]:
    """Choose the components to explain.

    nlp (Language): The pipeline.
    component (str | None): Name of one component, or None for all.
    method (str): "gradients" or "attention".
    RETURNS (list[TrainablePipe]): The components, at least one.
    RAISES (ValueError): If there is no supported component.
    """
    known: dict[str, Any] = {
        name: pipe for name, pipe in nlp.pipeline if is_explained(pipe)
    }
    chosen = [pipe for name, pipe in known.items() if component in (None, name)]
    if not chosen:
        asked = "" if component is None else f" of the name {component!r}"
        raise ValueError(Errors.L090.format(asked=asked, names=list(known) or "none"))
    if method == "gradients":
        return chosen
    with_attention = [pipe for pipe in chosen if find_attention(pipe)]
    if not with_attention:
        names = ", ".join(pipe.name for pipe in chosen)
        raise ValueError(Errors.L095.format(name=names))
    return with_attention


def is_explained(pipe: object) -> bool:
    if isinstance(pipe, EntityRecognizer):
        return pipe.cfg["beam_width"] == 1
    if isinstance(pipe, SentenceRecognizer):
        return False
    return isinstance(pipe, TextCategorizer | Tagger | LSTMEntityRecognizer)


def filter_components(
    pipes: list[TrainablePipe], doc: Doc, label: str | None, token: int | None
) -> list[TrainablePipe]:
    """Remove the components that a label or token doesn't apply to.

    pipes (list[TrainablePipe]): The components.
    doc (Doc): The document.
    label (str | None): The label, or None.
    token (int | None): The token index, or None.
    RETURNS (list[TrainablePipe]): The remaining components, at least one.
    RAISES (ValueError): If no component remains.
    """
    if label is not None:
        with_label = [pipe for pipe in pipes if label in pipe.labels]
        if not with_label:
            names = ", ".join(pipe.name for pipe in pipes)
            labels = [other for pipe in pipes for other in pipe.labels]
            message = Errors.L092.format(name=names, label=label, labels=labels)
            raise ValueError(message)
        pipes = with_label
    if token is None:
        return pipes
    if not 0 <= token < len(doc):
        raise ValueError(Errors.L093.format(token=token, last=len(doc) - 1))
    taggers = [pipe for pipe in pipes if not isinstance(pipe, TextCategorizer)]
    if not taggers:
        raise ValueError(Errors.L108.format(token=token, name=pipes[0].name))
    return taggers


def decide(
    pipe: TrainablePipe, model: ScaledModel, label: str | None, token: int | None
) -> list[Decision]:
    """List the decisions of a component.

    pipe (TrainablePipe): The component.
    model (ScaledModel): The model of the component, with the document.
    label (str | None): As for `explain`.
    token (int | None): As for `explain`.
    RETURNS (list[Decision]): The decisions.
    """
    if isinstance(pipe, TextCategorizer):
        return decide_text(pipe, model, label)
    if isinstance(pipe, Tagger):
        return decide_tokens(pipe, model, label, token)
    is_crf = isinstance(pipe, LSTMEntityRecognizer)
    find = decide_entities if is_crf else decide_entities_by_moves
    return [
        entity
        for entity in find(pipe, model)
        if label in (None, entity.label) and (token is None or entity.covers(token))
    ]


def explain_decision(
    pipe: TrainablePipe,
    model: ScaledModel,
    decision: Decision,
    method: str,
    steps: int,
) -> Explanation:
    """Calculate the score of each token for a decision.

    pipe (TrainablePipe): The component.
    model (ScaledModel): The model of the component, with the document.
    decision (Decision): The decision.
    method (str): As for `explain`.
    steps (int): As for `explain`.
    RETURNS (Explanation): The explanation.
    """
    explained = partial(
        Explanation,
        component=pipe.name,
        label=decision.label,
        tokens=[token.text for token in model.doc],
        whitespace=[token.whitespace_ for token in model.doc],
        method=method,
        start=decision.start,
        end=decision.end,
    )
    if method == "attention":
        (logit,), _ = decision.evaluate(numpy.ones(1))
        return explained(scores=read_attention(pipe, model.doc), logit=float(logit))
    integral = integrate(decision.evaluate, steps)
    if not numpy.isfinite([integral.low, integral.high, *integral.scores]).all():
        message = Errors.L105.format(name=pipe.name, label=decision.label)
        raise ValueError(message)
    return explained(
        scores=integral.scores.tolist(),
        logit=integral.high,
        baseline=integral.low,
        n_steps=integral.n_steps,
    )
