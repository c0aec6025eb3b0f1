"""The component `lstm_ner`."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain, compress, islice
from typing import Any

import numpy
from spacy.language import Language
from spacy.pipeline.ner import ner_score
from spacy.tokens import Doc, Span
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.util import minibatch
from spacy.vocab import Vocab
from thinc.api import Model, Optimizer, set_dropout_rate
from thinc.types import Floats2d

from ..errors import Errors
from ..layers.crf import Lattice
from ..models.checks import is_count, is_number
from ..modules.crf.tag_scheme import TAG_SCHEMES, Entity, TagScheme
from .base import (
    RecurrentPipe,
    count_training_words,
    merge_labels,
    with_component_name,
)
from .listeners import (
    check_listener_widths,
    check_upstream_has_read,
    warn_of_missing_upstream,
)
from .ner_annotation import (
    FoundEntities,
    GoldEntities,
    assign_probabilities,
    list_entities,
    read_constraints,
    read_gold_entities,
    read_incorrect_entities,
    read_paths,
    set_entities,
    to_batch_offsets,
    warn_of_lost_entities,
)
from .tok2vec import DEFAULT_TOK2VEC

DEFAULT_MODEL = {
    "@architectures": "spacy-lstm.CRFTagger.v1",
    "tok2vec": DEFAULT_TOK2VEC,
}
# Documents for shape inference, as in spaCy's components.
N_SAMPLES = 10
CALIBRATION_BATCH = 128


@Language.factory(
    "lstm_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={
        "model": DEFAULT_MODEL,
        "incorrect_spans_key": None,
        "spans_key": None,
        "n_best": 1,
        "threshold": 0.0,
        "scorer": {"@scorers": "spacy.ner_scorer.v1"},
    },
    default_score_weights={
        "ents_f": 1.0,
        "ents_p": 0.0,
        "ents_r": 0.0,
        "ents_per_type": None,
    },
)
def make_lstm_ner(
    nlp: Language,
    name: str,
    model: Model[list[Doc], list[Floats2d]],
    incorrect_spans_key: str | None,
    spans_key: str | None,
    n_best: int,
    threshold: float,
    scorer: Callable | None,
) -> "LSTMEntityRecognizer":
    """Make a named entity recognizer.

    Arguments and result are those of `LSTMEntityRecognizer`.
    """
    return LSTMEntityRecognizer(
        nlp.vocab,
        model,
        name,
        incorrect_spans_key=incorrect_spans_key,
        spans_key=spans_key,
        n_best=n_best,
        threshold=threshold,
        scorer=scorer,
    )


class LSTMEntityRecognizer(RecurrentPipe):
    """Predict named entities and their probabilities with a linear-chain CRF.

    Sets the same annotation as spaCy's `ner`.

    vocab (Vocab): The shared vocabulary.
    model (Model[List[Doc], List[Floats2d]]): A `spacy-lstm.CRFTagger.v1`.
    name (str): Name of the component, under which its loss is reported.
    incorrect_spans_key (str | None): Key of entities in `doc.spans` of the training
        data that are annotated as incorrect, as in spaCy.
    spans_key (str | None): Key in `doc.spans` for the entities of the n best paths,
        with their probabilities in `attrs["scores"]`. Off by default.
    n_best (int): Number of paths that are decoded for `spans_key`.
    threshold (float): Minimum probability of an entity.
    scorer (Callable | None): The scoring method.
    RAISES (ValueError): If a setting is invalid.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], list[Floats2d]],
        name: str = "lstm_ner",
        *,
        incorrect_spans_key: str | None = None,
        spans_key: str | None = None,
        n_best: int = 1,
        threshold: float = 0.0,
        scorer: Callable | None = ner_score,
    ) -> None:
        self.vocab = vocab
        self.model = model
        self.name = name
        self.incorrect_spans_key = incorrect_spans_key
        self.spans_key = spans_key
        self.n_best = n_best
        self.threshold = threshold
        self.scorer = scorer
        self.cfg: dict[str, Any] = {"labels": [], "temperature": 1.0}
        self._rehearsal_model: Model | None = None
        self._check_settings()

    def _check_settings(self) -> None:
        if not is_number(self.threshold) or not 0 <= self.threshold <= 1:
            raise ValueError(
                Errors.L050.format(name=self.name, threshold=self.threshold)
            )
        if not is_count(self.n_best) or (self.n_best > 1 and self.spans_key is None):
            message = Errors.L051.format(
                name=self.name, n_best=self.n_best, spans_key=self.spans_key
            )
            raise ValueError(message)

    @property
    def labels(self) -> tuple[str, ...]:  # type: ignore[override]
        """RETURNS (tuple[str, ...]): The labels of entities."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> list[str]:
        """RETURNS (list[str]): The labels, as written by `spacy init labels`."""
        return list(self.cfg["labels"])

    @property
    def _scheme(self) -> TagScheme:
        return TAG_SCHEMES[self.model.attrs["scheme"]]

    @property
    def _label_numbers(self) -> dict[str, int]:
        return {label: i for i, label in enumerate(self.cfg["labels"])}

    def _n_outputs(self, labels: Sequence[str]) -> int:
        return self._scheme.n_tags(len(labels))

    def add_label(self, label: str) -> int:
        """Add a label.

        In a trained component, entities with the new label start with a low
        probability, and those with other labels keep theirs.

        label (str): The label.
        RETURNS (int): 0 if the label is already present, otherwise 1.
        RAISES (ValueError): If it is empty or not a string.
        """
        if not isinstance(label, str) or not label:
            raise ValueError(Errors.L052.format(name=self.name, label=label))
        self._check_labels([label])
        if label in self.cfg["labels"]:
            return 0
        labels = [*self.cfg["labels"], label]
        if self.model.maybe_get_dim("nO") is not None:
            self._resize(self._n_outputs(labels))
        self.cfg["labels"] = labels
        self.vocab.strings.add(label)
        return 1

    def _resize(self, n_tags: int) -> None:
        for model in (self.model, self._rehearsal_model):
            if model is not None:
                model.attrs["resize_output"](model, n_tags)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Any = None,
    ) -> None:
        """Find the labels, prepare the model for training and count the words.

        get_examples (Callable): Returns the training examples.
        nlp (Language | None): The pipeline.
        labels (list[str] | None): The labels, as written by `spacy init labels`; those
            of the examples by default.
        RAISES (ValueError): If the labels are invalid. Nothing changes then.
        """
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        if nlp is not None:
            check_listener_widths(self, nlp)
        merged = self._merge_labels(get_examples, labels)
        sample = [eg.predicted for eg in islice(get_examples(), N_SAMPLES)]
        n_tags = self._n_outputs(merged)
        gold = [self.model.ops.alloc2f(len(doc), n_tags) for doc in sample]
        try:
            if self.model.maybe_get_dim("nO") not in (None, n_tags):
                self._resize(n_tags)
            self.model.initialize(X=sample, Y=gold)
        except ValueError as error:
            raise with_component_name(self.name, error) from error
        self.cfg.update(labels=merged, temperature=1.0)
        for label in merged:
            self.vocab.strings.add(label)
        warn_of_lost_entities(self.name, get_examples())
        count_training_words(self, nlp, get_examples)

    def _merge_labels(
        self, get_examples: Callable[[], Iterable[Example]], labels: Any
    ) -> list[str]:
        if labels is None:
            found = {ent.label_ for eg in get_examples() for ent in eg.reference.ents}
            labels = sorted(found)
        merged = merge_labels(self.name, self.labels, labels)
        self._check_labels(merged)
        if not merged:
            raise ValueError(
                Errors.L045.format(name=self.name, annotation="`doc.ents`")
            )
        return merged

    def _check_labels(self, labels: Iterable[str]) -> None:
        for label in labels:
            if label.startswith("!"):
                raise ValueError(Errors.L120.format(name=self.name, label=label))

    def _prepare(self, examples: list[Example]) -> None:
        for example in examples:
            for ent in example.reference.ents:
                self.add_label(ent.label_)

    def get_loss(
        self, examples: Iterable[Example], scores: list[Floats2d]
    ) -> tuple[float, list[Floats2d]]:
        """Compute the negative log-likelihood of a batch and its gradient.

        Partial annotation is marginalized: the likelihood is that of all paths that
        agree with it. The gradients of the transition scores are kept for
        `finish_update`.

        examples (Iterable[Example]): The batch.
        scores (list[Floats2d]): The model's emissions. *Shape* for each document:
            (n_tokens, n_tags)
        RETURNS (tuple[float, list[Floats2d]]): The sum over the documents, and the
            gradient of the emissions.
        RAISES (ValueError): If an entity is annotated as correct and incorrect.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.get_loss")
        gold, wrong = [read_gold_entities(example) for example in examples], []
        starts = accumulate((len(eg.predicted) for eg in examples), initial=0)
        for first, example, own in zip(starts, examples, gold, strict=False):
            for start, end, label in self._read_incorrect(example, own):
                wrong.append((first + start, first + end, label))
        return self._lattice(scores, self._tag_masks(gold)).loss(wrong)

    def _lattice(
        self, scores: Sequence[Floats2d], mask: numpy.ndarray | None = None
    ) -> Lattice:
        return Lattice.make(self.model.get_ref("crf"), scores, mask)

    def _tag_masks(self, gold: Iterable[GoldEntities]) -> numpy.ndarray:
        scheme, labels = self._scheme, self._label_numbers
        return numpy.concatenate([own.tag_mask(scheme, labels) for own in gold])

    def _read_incorrect(self, example: Example, gold: GoldEntities) -> list[Entity]:
        key = self.incorrect_spans_key
        if key is None:
            return []
        return read_incorrect_entities(
            self.name, example, gold, key, self._label_numbers
        )

    def calibrate(self, examples: Iterable[Example]) -> float:
        """Calibrate the probabilities by temperature scaling (Guo et al. 2017).

        Finds the temperature that maximizes the likelihood of held-out annotation. The
        best paths don't change, and predicted entities change only if a `threshold` is
        set.

        examples (Iterable[Example]): Held-out examples, whose predicted documents were
            processed by the previous components. Without entities, or if scores are not
            finite, nothing changes.
        RETURNS (float): The temperature, above 1 if probabilities were too high.
        RAISES (ValueError): If a shared `tok2vec` has not read the documents.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.calibrate")
        examples = [example for example in examples if len(example.predicted)]
        check_upstream_has_read(self, (example.predicted for example in examples))
        gold = [read_gold_entities(example) for example in examples]
        if any(own.entities for own in gold):
            docs = (example.predicted for example in examples)
            batches = map(self.model.predict, minibatch(docs, CALIBRATION_BATCH))
            scores = list(chain.from_iterable(batches))
            temperature = self._lattice(scores, self._tag_masks(gold)).fit_temperature()
            if math.isfinite(temperature):
                self.cfg["temperature"] = temperature
        return self.cfg["temperature"]

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Perform a "rehearsal" update, as in spaCy, to prevent forgetting.

        examples (Iterable[Example]): The batch; its annotation is not used.
        drop (float): Rate of dropout.
        sgd (Optimizer | None): The optimizer; None to collect gradients only.
        losses (dict[str, float] | None): Losses by component, which are added to.
        RETURNS (dict[str, float]): The losses.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.rehearse")
        docs = [example.predicted for example in examples]
        teacher = self._rehearsal_model
        if teacher is None or not any(len(doc) for doc in docs):
            return losses
        set_dropout_rate(self.model, drop)
        scores, backprop = self.model.begin_update(docs)
        expected = Lattice.make(teacher.get_ref("crf"), teacher.predict(docs))
        loss, gradient = self._lattice(scores).cross_entropy(expected)
        backprop(gradient)
        if sgd is not None:
            self.finish_update(sgd)
        losses[self.name] += loss
        return losses

    def predict(self, docs: Iterable[Doc] | Doc) -> list[FoundEntities]:
        """Apply the model to a batch of documents, without modifying them.

        docs (Iterable[Doc] | Doc): The documents.
        RETURNS (list[FoundEntities]): The new entities of each document.
        """
        docs = [docs] if isinstance(docs, Doc) else list(docs)
        if not any(len(doc) for doc in docs):
            return [FoundEntities([], set(), numpy.zeros(0)) for _ in docs]
        warn_of_missing_upstream(self, docs)
        scheme = self._scheme
        mask = read_constraints(docs, scheme, self._label_numbers)
        lattice = self._lattice(self.model.predict(docs), mask)
        found = [
            read_paths(doc, paths, scheme)
            for doc, paths in zip(docs, lattice.decode(self.n_best), strict=True)
        ]
        if self.spans_key is not None or self.threshold > 0:
            spans = to_batch_offsets(docs, found)
            probabilities = lattice.marginals(spans, self.cfg["temperature"])
            assign_probabilities(probabilities, found)
        return found

    def set_annotations(
        self, docs: Iterable[Doc], found: Sequence[FoundEntities]
    ) -> None:
        """Modify a batch of documents, using precomputed predictions.

        docs (Iterable[Doc]): The documents to modify.
        found (Sequence[FoundEntities]): The return value of `predict`.
        """
        labels = self.labels
        for doc, own in zip(docs, found, strict=True):
            spans = [
                Span(doc, start, end, labels[label], kb_id=doc[start].ent_kb_id)
                for start, end, label in own.entities
            ]
            set_entities(doc, list(compress(spans, own.above(self.threshold))))
            if self.spans_key is not None:
                list_entities(doc, own, spans, self.spans_key)
