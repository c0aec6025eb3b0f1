"""What the components of a pipeline say of annotated documents."""

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

from ...pipeline.iob import MISSING
from ...pipeline.ner import LSTMEntityRecognizer
from ...pipeline.token_labels import RecurrentTagger
from ...pipeline.truths import own_cats, round_truths

# As in CoNLL-U.
NO_FEATURES = "_"

Component = Callable[[Doc], Doc]


class Answer(NamedTuple):
    """What a component says of one text, token or entity, beside the truth.

    doc (int): Number of the document.
    start (int): First token, in the annotated document.
    end (int): End of the tokens.
    truth (str): The right label, "" for none.
    guess (str): The label that the component gave, "" for none.
    probability (float | None): How probable the component says that is, where it does.
    question (str): The label that a yes or no is about, "" for other answers.
    """

    doc: int
    start: int
    end: int
    truth: str
    guess: str
    probability: float | None = None
    question: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the answer is the truth."""
        return self.truth == self.guess


@dataclass
class Answers:
    """What a component says.

    about (str): "texts", "labels" (each a yes or no for each text), "tokens" or
        "entities".
    items (list[Answer]): In the order of the documents.
    is_annotated (bool): Whether the truth is known of any document.
    """

    about: str
    items: list[Answer]
    is_annotated: bool = True


class KeepingScorer(Scorer):
    """A scorer that keeps what it scored.

    nlp (Language): The pipeline.
    """

    def __init__(self, nlp: Language) -> None:
        super().__init__(nlp)
        self.examples: list[Example] = []

    def score(
        self, examples: Iterable[Example], *, per_component: bool = False
    ) -> dict[str, Any]:
        """Score examples as spaCy does.

        examples (Iterable[Example]): The examples.
        per_component (bool): Whether scores are given for each component.
        RETURNS (dict[str, Any]): The scores.
        """
        self.examples = list(examples)
        return super().score(self.examples, per_component=per_component)


def evaluate(
    nlp: Language, examples: Iterable[Example]
) -> tuple[dict[str, Any], list[Example]]:
    """Score a pipeline by `nlp.evaluate`, and keep what it read.

    nlp (Language): The pipeline.
    examples (Iterable[Example]): Annotated documents; they stay as they are.
    RETURNS (tuple[dict[str, Any], list[Example]]): Scores by component, and examples
        with what the pipeline read, and with probabilities where it has such.
    """
    scorer = KeepingScorer(nlp)
    with probabilities_set(nlp):
        scores = nlp.evaluate(examples, scorer=scorer, per_component=True)
    return scores, scorer.examples


@contextmanager
def probabilities_set(nlp: Language) -> Iterator[None]:
    """Make components write how probable their annotations are.

    nlp (Language): The pipeline, of which settings are as before afterwards.
    """
    settings: list[tuple[Any, str, Any]] = []
    for _, pipe in nlp.pipeline:
        if isinstance(pipe, RecurrentTagger):
            settings.append((pipe, "probabilities", True))
        elif isinstance(pipe, LSTMEntityRecognizer):
            settings.append((pipe, "spans_key", name_listing(pipe)))
    before = [getattr(pipe, name) for pipe, name, _ in settings]
    try:
        for pipe, name, value in settings:
            setattr(pipe, name, value)
        yield
    finally:
        for (pipe, name, _), value in zip(settings, before, strict=True):
            setattr(pipe, name, value)


def name_listing(pipe: LSTMEntityRecognizer) -> str:
    return pipe.spans_key or f"probabilities of {pipe.name}"


@singledispatch
def read_answers(pipe: Component, examples: Sequence[Example]) -> Answers | None:
    """Compare what a component annotated with the truth.

    pipe (Callable): The component.
    examples (Sequence[Example]): Documents that the pipeline read, and annotated ones.
    RETURNS (Answers | None): Its answers where there is a truth; None for a component
        that labels no texts, tokens or entities.
    """
    return None


@read_answers.register(TextCategorizer)
def _(pipe: TextCategorizer, examples: Sequence[Example]) -> Answers:
    items = []
    for number, example in enumerate(examples):
        truths = read_rounded_truths(pipe, example, exclusive=True)
        guesses = own_cats(example.predicted, pipe.labels)
        if guesses and any(truths.values()):
            truth, guess = (
                max(cats, key=cats.__getitem__) for cats in (truths, guesses)
            )
            end = len(example.reference)
            items.append(Answer(number, 0, end, truth, guess, guesses[guess]))
    return Answers("texts", items, knows_cats(pipe, examples))


@read_answers.register(MultiLabel_TextCategorizer)
def _(pipe: MultiLabel_TextCategorizer, examples: Sequence[Example]) -> Answers:
    items = []
    for number, example in enumerate(examples):
        truths = read_rounded_truths(pipe, example, exclusive=False)
        guesses = own_cats(example.predicted, pipe.labels)
        for label in [label for label in truths if label in guesses]:
            is_set = guesses[label] >= pipe.cfg["threshold"]
            answer = Answer(
                number,
                0,
                len(example.reference),
                "yes" if truths[label] else "no",
                "yes" if is_set else "no",
                guesses[label] if is_set else 1 - guesses[label],
                label,
            )
            items.append(answer)
    return Answers("labels", items, knows_cats(pipe, examples))


def read_rounded_truths(
    pipe: TextCategorizer, example: Example, exclusive: bool
) -> dict[str, float]:
    rounded = round_truths(example, exclusive, pipe.labels)
    return own_cats(rounded.reference, pipe.labels)


def knows_cats(pipe: TextCategorizer, examples: Sequence[Example]) -> bool:
    return any(own_cats(example.reference, pipe.labels) for example in examples)


def knows(examples: Sequence[Example], *attrs: str) -> bool:
    """RETURNS (bool): Whether any document is annotated with any of some attributes."""
    # To spaCy, documents without tokens have every annotation.
    docs = [example.reference for example in examples if len(example.reference)]
    return any(doc.has_annotation(attr) for doc in docs for attr in attrs)


@read_answers.register(SentenceRecognizer)
def _(pipe: SentenceRecognizer, examples: Sequence[Example]) -> None:
    """Say nothing: to spaCy it is a kind of tagger."""


@read_answers.register(Tagger)
def _(pipe: Tagger, examples: Sequence[Example]) -> Answers:
    return Answers(
        "tokens",
        [
            Answer(
                number,
                true.i,
                true.i + 1,
                true.tag_,
                token.tag_,
                read_probability(pipe, token),
            )
            for number, example in enumerate(examples)
            for true, token in align_tokens(example)
            if true.tag_
        ],
        knows(examples, "TAG"),
    )


@read_answers.register(Morphologizer)
def _(pipe: Morphologizer, examples: Sequence[Example]) -> Answers:
    items = []
    for number, example in enumerate(examples):
        for true, token in align_tokens(example):
            annotated = (bool(true.pos_), true.has_morph())
            if any(annotated):
                truth, guess = (describe(t, *annotated) for t in (true, token))
                probability = read_probability(pipe, token)
                if guess != describe(token, True, True):
                    probability = None  # it is that of the rest too
                items.append(
                    Answer(number, true.i, true.i + 1, truth, guess, probability)
                )
    return Answers("tokens", items, knows(examples, "POS", "MORPH"))


def describe(token: Token, with_pos: bool, with_features: bool) -> str:
    """Join part of speech and features, with a space that neither of them has.

    token (Token): The token.
    with_pos (bool): Whether to give the part of speech.
    with_features (bool): Whether to give the features.
    RETURNS (str): Such as "NOUN Number=Sing"; "_" where there is no feature alone.
    """
    pos = token.pos_ if with_pos else ""
    features = str(token.morph) if with_features else ""
    label = f"{pos} {features}".strip()
    return label or NO_FEATURES * (with_features and token.has_morph())


def align_tokens(example: Example) -> Iterator[tuple[Token, Token]]:
    """Pair tokens as spaCy's scorer does.

    example (Example): A document that the pipeline read, and the annotated one.
    YIELDS (tuple[Token, Token]): The annotated token and the one that was read.
    """
    alignment = example.alignment.x2y
    for token in example.predicted:
        if alignment.lengths[token.i] == 1 and not token.is_space:
            yield example.reference[int(alignment[token.i][0])], token


def read_probability(pipe: Tagger, token: Token) -> float | None:
    if isinstance(pipe, RecurrentTagger):
        return token._.get(pipe.probability_attr)
    return None


@read_answers.register(EntityRecognizer)
@read_answers.register(LSTMEntityRecognizer)
def _(pipe: Component, examples: Sequence[Example]) -> Answers:
    items: list[Answer] = []
    for number, example in enumerate(examples):
        if example.reference.has_annotation("ENT_IOB"):
            items += read_entities(pipe, example, number)
    return Answers("entities", items, knows(examples, "ENT_IOB"))


def read_entities(pipe: Component, example: Example, number: int) -> Iterator[Answer]:
    """Pair entities that start and end at the same tokens, as spaCy's scorer does.

    pipe (Callable): The component.
    example (Example): A document that the pipeline read, and the annotated one.
    number (int): Number of the document.
    YIELDS (Answer): What was found, but where annotation is missing, and then what was
        missed.
    """
    truths = {(ent.start, ent.end): ent.label_ for ent in example.reference.ents}
    listed = read_listing(pipe, example.predicted)
    for ent in example.predicted.ents:
        indices = example.alignment.x2y[ent.start : ent.end]
        if len(indices):
            start, end = int(indices[0]), int(indices[-1]) + 1
            if all(token.ent_iob != MISSING for token in example.reference[start:end]):
                truth = truths.pop((start, end), "")
                probability = listed.get(as_key(ent))
                yield Answer(number, start, end, truth, ent.label_, probability)
    for (start, end), truth in truths.items():
        yield Answer(number, start, end, truth, "")


def read_listing(pipe: Component, doc: Doc) -> dict[tuple[int, int, str], float]:
    """Read how probable entities are.

    pipe (Callable): The component that found them.
    doc (Doc): The document.
    RETURNS (dict[tuple[int, int, str], float]): Of first token, end and label.
    """
    if not isinstance(pipe, LSTMEntityRecognizer):
        return {}
    group = doc.spans.get(name_listing(pipe))
    if group is None:
        return {}
    probabilities = group.attrs["scores"].tolist()
    return dict(zip(map(as_key, group), probabilities, strict=True))


def as_key(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.label_
