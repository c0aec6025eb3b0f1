"""What `lstm_tagger` and `lstm_morphologizer` have in common."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy
from spacy.attrs import ORTH
from spacy.language import Language
from spacy.pipeline.tagger import Tagger
from spacy.tokens import Doc, Token
from spacy.training import Example, validate_examples, validate_get_examples
from thinc.api import to_numpy
from thinc.types import Floats2d, Ints1d

from ..errors import Errors
from ..layers.cross_entropy import exclusive_cross_entropy
from ..layers.doc_views import DocViews, flatten
from ..models.checks import is_number
from .base import RecurrentPipe, count_training_words, with_component_name
from .listeners import check_listener_widths, warn_of_missing_upstream


class PredictedLabels(list[Ints1d]):
    """The label indices of the tokens of each document."""

    # Their probabilities, if requested.
    probabilities: Sequence[numpy.ndarray] | None = None


class TokenClassifier(RecurrentPipe, Tagger, ABC):
    """A component that predicts a label for each token."""

    cfg: dict[str, Any]
    annotation: str
    probability_attr: str

    def _set_up(self, label_smoothing: float, probabilities: bool) -> None:
        if not is_number(label_smoothing) or not 0 <= label_smoothing < 1:
            raise ValueError(Errors.L027.format(name=self.name, value=label_smoothing))
        self.probabilities = probabilities
        self._add_extension()

    def __setstate__(self, state: Any) -> None:
        """Restore a pickled component, and register its extension attribute.

        state (Any): Its attributes.
        """
        super().__setstate__(state)
        self._add_extension()

    def _add_extension(self) -> None:
        if not Token.has_extension(self.probability_attr):
            Token.set_extension(self.probability_attr, default=None)

    @abstractmethod
    def _find_labels(self, examples: Iterable[Example]) -> Any:
        """Collect the labels of annotated tokens, in the form of `label_data`."""

    @abstractmethod
    def _merge_labels(self, label_data: Any) -> Any:
        """Append labels to those of the component."""

    @abstractmethod
    def _read_gold_labels(self, example: Example) -> Sequence[str | None]:
        """Read the gold label of each predicted token; None or "" if missing."""

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
        labels (Any): The labels, as written by `spacy init labels`; those of the
            examples by default.
        RAISES (ValueError): If labels or annotations are invalid. Nothing changes then.
        """
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        if nlp is not None:
            check_listener_widths(self, nlp)
        if labels is None:
            merged = self._merge_labels(self._find_labels(get_examples()))
        else:
            merged = self._merge_labels(labels)
            self._require_annotation(get_examples())
        self._check_labels(label_names(merged))
        before = copy.deepcopy(self.cfg)
        try:
            super().initialize(get_examples, nlp=nlp, labels=merged)
        except ValueError as error:
            self.cfg = before
            raise with_component_name(self.name, error) from error
        except Exception:
            self.cfg = before
            raise
        count_training_words(self, nlp, get_examples)

    def _require_annotation(self, examples: Iterable[Example]) -> None:
        if not any(label_names(self._find_labels([example])) for example in examples):
            raise ValueError(
                Errors.L047.format(name=self.name, annotation=self.annotation)
            )

    def _check_labels(self, names: Sequence[str]) -> None:
        if not names:
            raise ValueError(
                Errors.L045.format(name=self.name, annotation=self.annotation)
            )
        if len(names) == 1:
            message = Errors.L046.format(
                name=self.name, label=names[0], annotation=self.annotation
            )
            raise ValueError(message)
        n_outputs = self.model.maybe_get_dim("nO")
        if n_outputs not in (None, len(names)):
            message = Errors.L049.format(
                name=self.name, n_outputs=n_outputs, n_labels=len(names)
            )
            raise ValueError(message)

    def get_loss(
        self, examples: Iterable[Example], scores: list[Floats2d]
    ) -> tuple[float, list[Floats2d]]:
        """Compute the cross-entropy of a batch and its gradient.

        Tokens with missing or unknown labels have no loss. If a label is annotated as
        incorrect, the loss is that of the other labels together.

        examples (Iterable[Example]): The batch.
        scores (list[Floats2d]): The model's probabilities. *Shape* for each document:
            (n_tokens, n_labels)
        RETURNS (tuple[float, list[Floats2d]]): The sum over the tokens, and the
            gradient of the logits.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.get_loss")
        ops = self.model.ops
        gold, known = self._examples_to_truth(examples)
        loss, gradient = exclusive_cross_entropy(
            flatten(self.model, scores),
            ops.asarray2f(gold),
            ops.asarray2f(known),
            ops.alloc1f(len(self.labels)) + 1,
        )
        return loss, DocViews(gradient, [len(doc_scores) for doc_scores in scores])

    def _examples_to_truth(
        self, examples: Iterable[Example]
    ) -> tuple[numpy.ndarray, numpy.ndarray]:
        labels = [label for eg in examples for label in self._read_gold_labels(eg)]
        prefix, smoothing = self.cfg.get("neg_prefix"), self.cfg["label_smoothing"]
        right = self._numbers(labels, "")
        wrong = self._numbers(labels, prefix) if prefix else numpy.full_like(right, -1)
        wrong[right >= 0] = -1
        gold = numpy.zeros((len(labels), len(self.labels)), dtype="f")
        known = numpy.zeros_like(gold)
        (rows,) = (right >= 0).nonzero()
        gold[rows] = smoothing / (len(self.labels) - 1)
        gold[rows, right[rows]] = 1 - smoothing
        known[rows] = 1
        (rows,) = (wrong >= 0).nonzero()
        known[rows, wrong[rows]] = 1
        return gold, known

    def _numbers(self, labels: Sequence[str | None], prefix: str) -> numpy.ndarray:
        numbers = {f"{prefix}{label}": i for i, label in enumerate(self.labels)}
        return numpy.array([numbers.get(label or "", -1) for label in labels], int)

    def predict(self, docs: Iterable[Doc]) -> Any:
        """Apply the model to a batch of documents, without modifying them.

        docs (Iterable[Doc]): The documents.
        RETURNS (list[Ints1d]): Indices of the labels, for `set_annotations`.
        """
        docs = list(docs)
        warn_of_missing_upstream(self, docs)
        return super().predict(docs)

    def _scores2guesses(self, scores: list[Floats2d]) -> PredictedLabels:
        predicted = PredictedLabels(super()._scores2guesses(scores))
        if self.probabilities:
            predicted.probabilities = [
                to_numpy(doc_probabilities.max(axis=1))
                for doc_probabilities in self._normalize(scores)
            ]
        return predicted

    def set_annotations(
        self, docs: Doc | Iterable[Doc], batch_tag_ids: Sequence[Ints1d]
    ) -> None:
        """Modify a batch of documents, using precomputed predictions.

        docs (Iterable[Doc]): The documents to modify.
        batch_tag_ids (Sequence[Ints1d]): The return value of `predict`.
        """
        docs = [docs] if isinstance(docs, Doc) else list(docs)
        probabilities = getattr(batch_tag_ids, "probabilities", None)
        if probabilities is not None:
            for doc, doc_probabilities in zip(docs, probabilities, strict=True):
                self._set_probabilities(doc, doc_probabilities)
        super().set_annotations(docs, batch_tag_ids)

    def _set_probabilities(self, doc: Doc, probabilities: numpy.ndarray) -> None:
        for token, probability in zip(doc, probabilities.tolist(), strict=True):
            if self._is_to_be_labelled(token):
                token._.set(self.probability_attr, probability)

    @abstractmethod
    def _is_to_be_labelled(self, token: Token) -> bool:
        """Whether `set_annotations` changes the annotation of a token."""

    def predict_probabilities(self, docs: Iterable[Doc]) -> list[Floats2d]:
        """Compute the probability of each label for each token.

        docs (Iterable[Doc]): The documents.
        RETURNS (list[Floats2d]): *Shape* for each document: (n_tokens, n_labels)
        """
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [self.model.ops.alloc2f(0, len(self.labels)) for _ in docs]
        return self._normalize(self.model.predict(docs))

    def _normalize(self, scores: list[Floats2d]) -> list[Floats2d]:
        nodes = self.model.walk()
        if any(node.attrs.get("softmax_normalize") for node in nodes):
            return scores
        return [self.model.ops.softmax(doc_scores) for doc_scores in scores]


def label_names(label_data: Any) -> list[str]:
    """List the labels in label data.

    label_data (list | dict): A list for the tagger; for the morphologizer, a dictionary
        with the labels as keys of "morph".
    RETURNS (list[str]): The labels.
    """
    return list(label_data["morph"] if isinstance(label_data, dict) else label_data)


def read_aligned(example: Example, attr: int) -> Sequence[int | None]:
    """Read an attribute of the reference for each predicted token.

    Equals `Example.get_aligned`, but skips the alignment if the tokens are the same.

    example (Example): The example.
    attr (int): The attribute.
    RETURNS (Sequence[int | None]): The values; None where a token is unaligned, or
        aligned with tokens that disagree.
    """
    words = example.predicted.to_array(ORTH)
    if not numpy.array_equal(words, example.reference.to_array(ORTH)):
        return example.get_aligned(attr)  # type: ignore[arg-type]
    return example.reference.to_array(attr).tolist()
