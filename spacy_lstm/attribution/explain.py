"""Which tokens made a pipeline decide as it did."""

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
STEPS = f"a whole number, {N_NODES} or more"


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
    """Tell which tokens of a text made a pipeline decide as it did.

    By integrated gradients (Sundararajan et al. 2017): the gradient of a decision's
    logit with respect to the embeddings of the tokens is averaged on the way from zeros
    to these embeddings, and multiplied by them. So a token's number is how much it
    added to the logit, and the numbers add up to what the whole text added, within 1 %
    unless `Explanation.adds_up` is false.

    Text classifiers, taggers, morphologizers and entity recognizers are explained,
    those of this package and spaCy's, over a tok2vec of their own or a shared one. The
    pipeline is not changed.

    nlp (Language): The trained pipeline.
    text (str | Doc): The text, or a document, of which the tokens alone are taken.
    component (str | None): Name of the component; None for all that can be explained.
    label (str | None): For a text classifier, and for a tagger together with `token`,
        the label that is asked about; else only decisions for this label are explained.
        None for what was decided, of text classifiers at least the most probable label.
    token (int | None): For taggers and entity recognizers, only what was decided for
        this token; None for all tokens or entities.
    method (str): "gradients", or "attention" for the weights of a text classifier that
        pools by attention.
    steps (int): Number of points at which gradients are taken, 8 or more. Where the
        numbers don't add up, points are added, up to 2,048.
    RETURNS (list[Explanation]): One for each decision, in the order of the pipeline;
        none where no entity was found.
    RAISES (ValueError): If there is nothing of the kind to explain.
    """
    check_arguments(nlp, text, token, method, steps)
    doc = make_doc(nlp, text)
    left = narrow(choose_components(nlp, component, method), doc, label, token)
    explanations: list[Explanation] = []
    for name, pipe in nlp.pipeline:
        if pipe in left:
            left.remove(pipe)
            with errors_of(name):
                pipe.predict([doc])  # type: ignore[attr-defined]
            model = ScaledModel(nlp, pipe, doc)
            explanations += [
                explain_decision(pipe, model, decision, method, steps)
                for decision in decide(pipe, model, label, token)
            ]
        if not left:
            break
        with errors_of(name):
            doc = pipe(doc)
    return explanations


@contextmanager
def errors_of(name: str) -> Iterator[None]:
    """Name the component in whatever error it raises, as without weights.

    name (str): Name of the component.
    RAISES (ValueError): If it raises any error.
    """
    try:
        yield
    except Exception as error:
        message = Errors.L109.format(name=name, reason=first_line(error))
        raise ValueError(message) from error


def check_arguments(
    nlp: Language, text: str | Doc, token: int | None, method: str, steps: int
) -> None:
    """Check arguments of `explain`.

    nlp (Language): As for `explain`.
    text (str | Doc): As for `explain`.
    token (int | None): As for `explain`.
    method (str): As for `explain`.
    steps (int): As for `explain`.
    RAISES (ValueError): If one is invalid.
    """
    known = ", ".join(map(repr, METHODS))
    for argument, value, is_right, expected in (
        ("nlp", nlp, isinstance(nlp, Language), "a pipeline, as of `spacy.load`"),
        ("text", text, isinstance(text, str | Doc), "a string or a Doc"),
        ("token", token, token is None or is_whole(token), "a whole number"),
        ("method", method, method in METHODS, f"one of: {known}"),
        ("steps", steps, is_whole(steps) and steps >= N_NODES, STEPS),
    ):
        if not is_right:
            message = Errors.L101.format(
                name="explain", argument=argument, value=value, expected=expected
            )
            raise ValueError(message)


def is_whole(value: object) -> bool:
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
    """Find the components that are to be explained.

    nlp (Language): The pipeline.
    component (str | None): Name of the only one, or None.
    method (str): "gradients" or "attention".
    RETURNS (list[TrainablePipe]): The components, at least one.
    RAISES (ValueError): If there is none.
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
    attending = [pipe for pipe in chosen if find_attention(pipe)]
    if not attending:
        names = ", ".join(pipe.name for pipe in chosen)
        raise ValueError(Errors.L095.format(name=names))
    return attending


def is_explained(pipe: object) -> bool:
    if isinstance(pipe, EntityRecognizer):
        return pipe.cfg["beam_width"] == 1
    if isinstance(pipe, SentenceRecognizer):
        return False
    return isinstance(pipe, TextCategorizer | Tagger | LSTMEntityRecognizer)


def narrow(
    pipes: list[TrainablePipe], doc: Doc, label: str | None, token: int | None
) -> list[TrainablePipe]:
    """Leave out components that a label or token says nothing about.

    pipes (list[TrainablePipe]): The components.
    doc (Doc): The document.
    label (str | None): The label, or None.
    token (int | None): The token, or None.
    RETURNS (list[TrainablePipe]): Those that are left, at least one.
    RAISES (ValueError): If none is left.
    """
    if label is not None:
        having = [pipe for pipe in pipes if label in pipe.labels]
        if not having:
            names = ", ".join(pipe.name for pipe in pipes)
            labels = [other for pipe in pipes for other in pipe.labels]
            message = Errors.L092.format(name=names, label=label, labels=labels)
            raise ValueError(message)
        pipes = having
    if token is None:
        return pipes
    if not 0 <= token < len(doc):
        raise ValueError(Errors.L093.format(token=token, last=len(doc) - 1))
    of_tokens = [pipe for pipe in pipes if not isinstance(pipe, TextCategorizer)]
    if not of_tokens:
        raise ValueError(Errors.L108.format(token=token, name=pipes[0].name))
    return of_tokens


def decide(
    pipe: TrainablePipe, model: ScaledModel, label: str | None, token: int | None
) -> list[Decision]:
    """List what a component decides.

    pipe (TrainablePipe): The component.
    model (ScaledModel): Its model, with the document.
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
        if label in (None, entity.label) and (token is None or entity.holds(token))
    ]


def explain_decision(
    pipe: TrainablePipe,
    model: ScaledModel,
    decision: Decision,
    method: str,
    steps: int,
) -> Explanation:
    """Find what each token did for a decision.

    pipe (TrainablePipe): The component.
    model (ScaledModel): Its model, with the document.
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
