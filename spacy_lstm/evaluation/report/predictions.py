"""Gold and predicted labels of the components of a pipeline."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.pipeline import (
    EntityRecognizer,
    Morphologizer,
    MultiLabel_TextCategorizer,
    SentenceRecognizer,
    Tagger,
    TextCategorizer,
)
from spacy.scorer import Scorer
from spacy.tokens import Doc, Span, Token
from spacy.training import Example

from ...pipeline.ner import LSTMEntityRecognizer
from ...pipeline.ner_annotation import MISSING
from ...pipeline.textcat_targets import own_cats, round_gold_cats
from ...pipeline.token_classifier import TokenClassifier

# As in CoNLL-U.
NO_FEATURES = "_"

Component = Callable[[Doc], Doc]


class Prediction(NamedTuple):
    """The gold and predicted label of one text, token or entity.

    doc (int): Index of the document.
    start (int): Index of the first token, in the reference.
    end (int): Index after the last token.
    gold (str): The gold label, "" for none.
    predicted (str): The predicted label, "" for none.
    probability (float | None): Probability of the predicted label, if available.
    label (str): The label that is "yes" or "no", "" unless the unit is "labels".
    """

    doc: int
    start: int
    end: int
    gold: str
    predicted: str
    probability: float | None = None
    label: str = ""

    @property
    def is_correct(self) -> bool:
        """RETURNS (bool): Whether the predicted label is the gold label."""
        return self.gold == self.predicted


@dataclass
class Predictions:
    """The predictions of a component.

    unit (str): What is labelled: "texts", "labels" (yes or no for each label of each
        text), "tokens" or "entities".
    items (list[Prediction]): The predictions, in the order of the documents.
    is_annotated (bool): Whether any document has gold labels.
    """

    unit: str
    items: list[Prediction]
    is_annotated: bool = True


class RecordingScorer(Scorer):
    """A scorer that stores the examples it scores.

    nlp (Language): The pipeline.
    """

    def __init__(self, nlp: Language) -> None:
        super().__init__(nlp)
        self.examples: list[Example] = []

    def score(
        self, examples: Iterable[Example], *, per_component: bool = False
    ) -> dict[str, Any]:
        """Score examples and store them.

        examples (Iterable[Example]): The examples.
        per_component (bool): Whether to return the scores of each component.
        RETURNS (dict[str, Any]): The scores.
        """
        self.examples = list(examples)
        return super().score(self.examples, per_component=per_component)


def evaluate(
    nlp: Language, examples: Iterable[Example]
) -> tuple[dict[str, Any], list[Example]]:
    """Score a pipeline with `nlp.evaluate` and keep its predictions.

    nlp (Language): The pipeline.
    examples (Iterable[Example]): The annotated documents, which are not modified.
    RETURNS (tuple[dict[str, Any], list[Example]]): The scores by component, and
        examples with the predicted documents, including probabilities if available.
    """
    scorer = RecordingScorer(nlp)
    with probabilities_enabled(nlp):
        scores = nlp.evaluate(examples, scorer=scorer, per_component=True)
    return scores, scorer.examples


@contextmanager
def probabilities_enabled(nlp: Language) -> Iterator[None]:
    """Let components write the probabilities of their annotations.

    nlp (Language): The pipeline. Its settings are restored on exit.
    """
    settings: list[tuple[Any, str, Any]] = []
    for _, pipe in nlp.pipeline:
        if isinstance(pipe, TokenClassifier):
            settings.append((pipe, "probabilities", True))
        elif isinstance(pipe, LSTMEntityRecognizer):
            settings.append((pipe, "spans_key", spans_key_of(pipe)))
    before = [getattr(pipe, name) for pipe, name, _ in settings]
    try:
        for pipe, name, value in settings:
            setattr(pipe, name, value)
        yield
    finally:
        for (pipe, name, _), value in zip(settings, before, strict=True):
            setattr(pipe, name, value)


def spans_key_of(pipe: LSTMEntityRecognizer) -> str:
    return pipe.spans_key or f"probabilities of {pipe.name}"


@singledispatch
def read_predictions(
    pipe: Component, examples: Sequence[Example]
) -> Predictions | None:
    """Collect gold and predicted labels of a component.

    pipe (Callable): The component.
    examples (Sequence[Example]): Predicted and annotated documents.
    RETURNS (Predictions | None): The predictions wherever gold labels exist; None for a
        component that doesn't label texts, tokens or entities.
    """
    return None


@read_predictions.register(TextCategorizer)
def _(pipe: TextCategorizer, examples: Sequence[Example]) -> Predictions:
    items = []
    for number, example in enumerate(examples):
        gold_cats = read_gold_cats(pipe, example, exclusive=True)
        cats = own_cats(example.predicted, pipe.labels)
        if cats and any(gold_cats.values()):
            gold, predicted = (max(x, key=x.__getitem__) for x in (gold_cats, cats))
            end = len(example.reference)
            items.append(Prediction(number, 0, end, gold, predicted, cats[predicted]))
    return Predictions("texts", items, has_gold_cats(pipe, examples))


@read_predictions.register(MultiLabel_TextCategorizer)
def _(pipe: MultiLabel_TextCategorizer, examples: Sequence[Example]) -> Predictions:
    items = []
    for number, example in enumerate(examples):
        gold_cats = read_gold_cats(pipe, example, exclusive=False)
        cats = own_cats(example.predicted, pipe.labels)
        for label in [label for label in gold_cats if label in cats]:
            is_set = cats[label] >= pipe.cfg["threshold"]
            prediction = Prediction(
                number,
                0,
                len(example.reference),
                "yes" if gold_cats[label] else "no",
                "yes" if is_set else "no",
                cats[label] if is_set else 1 - cats[label],
                label,
            )
            items.append(prediction)
    return Predictions("labels", items, has_gold_cats(pipe, examples))


def read_gold_cats(
    pipe: TextCategorizer, example: Example, exclusive: bool
) -> dict[str, float]:
    rounded = round_gold_cats(example, exclusive, pipe.labels)
    return own_cats(rounded.reference, pipe.labels)


def has_gold_cats(pipe: TextCategorizer, examples: Sequence[Example]) -> bool:
    return any(own_cats(example.reference, pipe.labels) for example in examples)


def has_annotation(examples: Sequence[Example], *attrs: str) -> bool:
    """RETURNS (bool): Whether any reference is annotated with any of the attributes."""
    # In spaCy, documents without tokens have every annotation.
    docs = [example.reference for example in examples if len(example.reference)]
    return any(doc.has_annotation(attr) for doc in docs for attr in attrs)


@read_predictions.register(SentenceRecognizer)
def _(pipe: SentenceRecognizer, examples: Sequence[Example]) -> None:
    """Return None, although sentence recognizers are taggers in spaCy."""


@read_predictions.register(Tagger)
def _(pipe: Tagger, examples: Sequence[Example]) -> Predictions:
    return Predictions(
        "tokens",
        [
            Prediction(
                number,
                gold.i,
                gold.i + 1,
                gold.tag_,
                token.tag_,
                read_probability(pipe, token),
            )
            for number, example in enumerate(examples)
            for gold, token in align_tokens(example)
            if gold.tag_
        ],
        has_annotation(examples, "TAG"),
    )


@read_predictions.register(Morphologizer)
def _(pipe: Morphologizer, examples: Sequence[Example]) -> Predictions:
    items = []
    for number, example in enumerate(examples):
        for gold, token in align_tokens(example):
            annotated = (bool(gold.pos_), gold.has_morph())
            if any(annotated):
                label, predicted = (
                    describe_token(t, *annotated) for t in (gold, token)
                )
                probability = read_probability(pipe, token)
                if predicted != describe_token(token, True, True):
                    probability = None  # it also covers the other annotation
                items.append(
                    Prediction(
                        number, gold.i, gold.i + 1, label, predicted, probability
                    )
                )
    return Predictions("tokens", items, has_annotation(examples, "POS", "MORPH"))


def describe_token(token: Token, with_pos: bool, with_features: bool) -> str:
    """Format part of speech and features as one label.

    token (Token): The token.
    with_pos (bool): Whether to include the part of speech.
    with_features (bool): Whether to include the features.
    RETURNS (str): A label such as "NOUN Number=Sing"; "_" if only features are
        included and there are none.
    """
    pos = token.pos_ if with_pos else ""
    features = str(token.morph) if with_features else ""
    label = f"{pos} {features}".strip()
    return label or NO_FEATURES * (with_features and token.has_morph())


def align_tokens(example: Example) -> Iterator[tuple[Token, Token]]:
    """Align tokens as spaCy's scorer does.

    example (Example): The predicted and the annotated document.
    YIELDS (tuple[Token, Token]): The gold token and the predicted token.
    """
    alignment = example.alignment.x2y
    for token in example.predicted:
        if alignment.lengths[token.i] == 1 and not token.is_space:
            yield example.reference[int(alignment[token.i][0])], token


def read_probability(pipe: Tagger, token: Token) -> float | None:
    if isinstance(pipe, TokenClassifier):
        return token._.get(pipe.probability_attr)
    return None


@read_predictions.register(EntityRecognizer)
@read_predictions.register(LSTMEntityRecognizer)
def _(pipe: Component, examples: Sequence[Example]) -> Predictions:
    items: list[Prediction] = []
    for number, example in enumerate(examples):
        if example.reference.has_annotation("ENT_IOB"):
            items += read_entities(pipe, example, number)
    return Predictions("entities", items, has_annotation(examples, "ENT_IOB"))


def read_entities(
    pipe: Component, example: Example, number: int
) -> Iterator[Prediction]:
    """Match predicted and gold entities by their boundaries, as spaCy's scorer does.

    pipe (Callable): The component.
    example (Example): The predicted and the annotated document.
    number (int): Index of the document.
    YIELDS (Prediction): The predicted entities, except where gold annotation is
        missing, followed by the missed entities.
    """
    gold_labels = {(ent.start, ent.end): ent.label_ for ent in example.reference.ents}
    probabilities = read_probabilities(pipe, example.predicted)
    for ent in example.predicted.ents:
        indices = example.alignment.x2y[ent.start : ent.end]
        if len(indices):
            start, end = int(indices[0]), int(indices[-1]) + 1
            if all(token.ent_iob != MISSING for token in example.reference[start:end]):
                gold = gold_labels.pop((start, end), "")
                probability = probabilities.get(as_key(ent))
                yield Prediction(number, start, end, gold, ent.label_, probability)
    for (start, end), gold in gold_labels.items():
        yield Prediction(number, start, end, gold, "")


def read_probabilities(pipe: Component, doc: Doc) -> dict[tuple[int, int, str], float]:
    """Read the probabilities of predicted entities.

    pipe (Callable): The component that predicted them.
    doc (Doc): The predicted document.
    RETURNS (dict[tuple[int, int, str], float]): The probabilities by start, end and
        label.
    """
    if not isinstance(pipe, LSTMEntityRecognizer):
        return {}
    group = doc.spans.get(spans_key_of(pipe))
    if group is None:
        return {}
    probabilities = group.attrs["scores"].tolist()
    return dict(zip(map(as_key, group), probabilities, strict=True))


def as_key(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.label_
