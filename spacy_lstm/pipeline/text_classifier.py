"""What `lstm_textcat` and `lstm_textcat_multilabel` have in common."""

import math
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from typing import Any, cast

import numpy
from spacy.language import Language
from spacy.pipeline.textcat import TextCategorizer
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from thinc.api import Model, to_numpy
from thinc.types import Floats1d, Floats2d

from ..errors import Errors, Warnings
from ..layers.adversarial import find_encoder, perturb_inputs
from ..layers.cross_entropy import (
    binary_cross_entropy,
    exclusive_cross_entropy,
    smooth,
)
from ..layers.shim import TorchShim
from ..layers.skipped_steps import all_finite
from ..models.checks import is_number
from .base import RecurrentPipe, count_training_words, merge_labels, with_component_name
from .listeners import (
    check_listener_widths,
    check_upstream_has_read,
    warn_of_missing_upstream,
)
from .textcat_fitting import (
    Targets,
    find_logit_sum,
    fit_logit_weights,
    fit_ngrams,
    predict_by_ngrams,
    read_logit_weights,
)
from .textcat_targets import (
    ClassWeights,
    check_class_weights,
    check_gold_cats,
    has_right_label,
    make_class_weights,
    read_gold_cats,
    require_annotation,
    round_gold_cats,
)

FACTORIES = {True: "lstm_textcat", False: "lstm_textcat_multilabel"}


class TextClassifier(RecurrentPipe, TextCategorizer):
    """A text categorizer with a loss and an n-gram classifier of its own."""

    exclusive_classes: bool

    def _set_loss(
        self, label_smoothing: float, class_weights: ClassWeights, adversarial: float
    ) -> None:
        if is_exclusive(self.model) == (not self.exclusive_classes):
            message = Errors.L033.format(
                name=self.name,
                found=str(not self.exclusive_classes).lower(),
                expected=str(self.exclusive_classes).lower(),
                other=FACTORIES[not self.exclusive_classes],
            )
            raise ValueError(message)
        threshold = self.cfg["threshold"]
        if not is_number(threshold) or not 0 <= threshold <= 1:
            raise ValueError(Errors.L050.format(name=self.name, threshold=threshold))
        if not is_number(label_smoothing) or not 0 <= label_smoothing < 1:
            raise ValueError(Errors.L027.format(name=self.name, value=label_smoothing))
        check_class_weights(self.name, class_weights)
        if not is_number(adversarial) or not 0 <= adversarial < math.inf:
            raise ValueError(Errors.L110.format(name=self.name, value=adversarial))
        self.label_smoothing = label_smoothing
        self.class_weights = class_weights
        self.cfg["class_weights"] = None
        self.adversarial = adversarial
        if adversarial and find_encoder(self.model) is None:
            raise ValueError(Errors.L111.format(name=self.name, value=adversarial))

    def _check_model(self, model: Model) -> None:
        if is_exclusive(model) != is_exclusive(self.model):
            raise ValueError("it was made for the other kind of text categorizer")

    @property
    def _encoder(self) -> TorchShim:
        return cast(TorchShim, find_encoder(self.model))

    @property
    def support_missing_values(self) -> bool:
        """RETURNS (bool): True, since missing labels have no loss."""
        return True

    def add_label(self, label: str) -> int:
        """Add a label.

        label (str): The label.
        RETURNS (int): 0 if the label is already present, otherwise 1.
        RAISES (ValueError): If it is empty or not a string.
        """
        if not isinstance(label, str) or not label:
            raise ValueError(Errors.L052.format(name=self.name, label=label))
        return super().add_label(label)

    def predict(self, docs: Iterable[Doc]) -> Floats2d:
        """Apply the model to a batch of documents, without modifying them.

        docs (Iterable[Doc]): The documents.
        RETURNS (Floats2d): The probabilities of the labels, 0 for empty documents.
            *Shape:* (n_docs, n_labels)
        """
        docs = list(docs)
        warn_of_missing_upstream(self, docs)
        scores: Any = self.model.ops.alloc2f(len(docs), len(self.labels))
        filled = [i for i, doc in enumerate(docs) if len(doc)]
        if filled:
            predicted = self.model.predict([docs[i] for i in filled])
            scores[filled] = self.model.ops.asarray(predicted)
        return scores

    def _prepare(self, examples: list[Example]) -> None:
        self._validate_categories(examples)
        if self.adversarial:
            self._encoder.keeps_input_gradient = True

    def _update_again(self, examples: list[Example]) -> None:
        """Learn from the same batch with adversarially perturbed vectors."""
        if not self.adversarial:
            return
        docs = [example.predicted for example in examples]
        with perturb_inputs(self._encoder, list(map(len, docs)), self.adversarial):
            scores, backprop = self.model.begin_update(docs)
            loss, gradient = self.get_loss(examples, scores)
            if math.isfinite(loss) and all_finite(gradient):
                backprop(gradient)

    def get_loss(  # type: ignore[override]
        self, examples: Iterable[Example], scores: Floats2d
    ) -> tuple[float, Floats2d]:
        """Compute the cross-entropy of a batch and its gradient.

        Empty documents have no loss.

        examples (Iterable[Example]): The batch.
        scores (Floats2d): The model's probabilities. *Shape:* (n_docs, n_labels)
        RETURNS (tuple[float, Floats2d]): The mean over the documents, and the gradient
            of the sum with respect to the logits. *Shape:* (n_docs, n_labels)
        RAISES (ValueError): If gold values are invalid.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.get_loss")
        if not examples:
            return 0.0, scores
        self._validate_categories(examples)
        ops = self.model.ops
        gold, known = self._examples_to_truth(examples)
        known = known * [[len(eg.predicted) > 0] for eg in examples]
        n_classes = len(self.labels) if self.exclusive_classes else 2
        loss, d_scores = self._cross_entropy(
            scores,
            smooth(cast(Floats2d, gold), self.label_smoothing, n_classes),
            ops.asarray2f(cast(Floats2d, known), dtype="f"),
            self._weights(),
        )
        return loss / len(examples), d_scores

    @property
    def _cross_entropy(self) -> Callable:
        return (
            exclusive_cross_entropy if self.exclusive_classes else binary_cross_entropy
        )

    def _weights(self) -> Floats1d:
        table = self.cfg["class_weights"] or {}
        return self.model.ops.asarray1f(
            [table.get(label, 1.0) for label in self.labels]
        )

    def _initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        nlp: Language | None,
        labels: Any,
        positive_label: str | None = None,
    ) -> None:
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        is_given = labels is not None
        labels = self._merge_labels(get_examples, labels)
        exclusive = self.exclusive_classes
        check_gold_cats(
            self.name, get_examples(), exclusive, labels if is_given else None
        )
        self._check_labels(labels, positive_label)
        if any(eg.reference.cats for eg in get_examples()):
            require_annotation(self.name, get_examples(), labels, exclusive)
        if nlp is not None:
            check_listener_widths(self, nlp)
            warn_of_shared_labels(self, nlp, labels)
        class_weights = make_class_weights(
            self.class_weights,
            get_examples,
            labels,
            name=self.name,
            exclusive=exclusive,
        )

        before = dict(self.cfg)
        self.cfg["labels"] = labels
        self.cfg["class_weights"] = class_weights
        sample = list(islice(get_examples(), 10))
        gold, _ = self._examples_to_truth(sample)
        try:
            self._set_outputs(len(labels))
            self.model.initialize(X=[eg.reference for eg in sample], Y=gold)
        except ValueError as error:
            self.cfg = before
            raise with_component_name(self.name, error) from error
        count_training_words(self, nlp, get_examples)
        layer = find_logit_sum(self.model)
        if layer is not None:
            fit_ngrams(self.name, layer, get_examples, self._make_targets)

    def _set_outputs(self, n_labels: int) -> None:
        n_outputs = self.model.maybe_get_dim("nO")
        if n_outputs in (None, n_labels):
            return
        if not self.is_resizable:
            raise ValueError(
                Errors.L049.format(
                    name=self.name, n_outputs=n_outputs, n_labels=n_labels
                )
            )
        self.model = self.model.attrs["resize_output"](self.model, n_labels)

    def _examples_to_truth(
        self, examples: Iterable[Example]
    ) -> tuple[numpy.ndarray, numpy.ndarray]:
        rows = [
            read_gold_cats(eg.reference, self.labels, self.exclusive_classes)
            for eg in examples
        ]
        gold: Any = numpy.zeros((len(rows), len(self.labels)), dtype="f")
        known = numpy.zeros_like(gold)
        for number, cats in enumerate(rows):
            for column, label in enumerate(self.labels):
                gold[number, column] = cats.get(label, 0.0)
                known[number, column] = label in cats
        return cast(numpy.ndarray, self.model.ops.asarray2f(gold)), known

    def _make_targets(self, examples: list[Example]) -> Targets:
        gold, known = self._examples_to_truth(examples)
        return Targets(
            to_numpy(gold), known, to_numpy(self._weights()), self.exclusive_classes
        )

    def calibrate(self, examples: Iterable[Example]) -> dict[str, float]:
        """Fit the weights of the logits of network and n-grams on held-out examples.

        This also calibrates the probabilities. Without n-grams, it fits the temperature
        of the logits (Guo et al. 2017).

        examples (Iterable[Example]): Held-out examples, whose predicted documents were
            processed by the previous components. If logits are not finite, or (with a
            warning) if no example has tokens and annotation, nothing changes.
        RETURNS (dict[str, float]): The weights "network" and "ngrams", or the
            "temperature". Empty for architectures of other packages.
        RAISES (ValueError): If the annotation is invalid, or a shared `tok2vec` has not
            read the documents.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.calibrate")
        self._validate_categories(examples)
        if not self.model.has_ref("logits"):
            return {}
        if not self.labels:
            raise ValueError(Errors.L020.format(name=self.name))
        examples = [example for example in examples if len(example.predicted)]
        docs = [example.predicted for example in examples]
        check_upstream_has_read(self, docs)
        targets = self._make_targets(examples)
        if not targets.is_informative:
            warnings.warn(Warnings.W009.format(name=self.name), stacklevel=2)
        else:
            unweighted = replace(targets, weights=numpy.ones_like(targets.weights))
            fit_logit_weights(self.model, docs, unweighted)
        return read_logit_weights(self.model)

    def _merge_labels(
        self, get_examples: Callable[[], Iterable[Example]], labels: Any
    ) -> list[str]:
        if labels is None:
            labels = [cat for example in get_examples() for cat in example.y.cats]
        return merge_labels(self.name, self.labels, labels)

    def _check_labels(self, labels: list[str], positive_label: str | None) -> None:
        if not labels:
            raise ValueError(Errors.L020.format(name=self.name))
        if self.exclusive_classes and len(labels) == 1:
            raise ValueError(Errors.L021.format(name=self.name, label=labels[0]))
        is_one_of_two = positive_label in labels and len(labels) == 2
        if positive_label is not None and not is_one_of_two:
            message = Errors.L026.format(
                name=self.name, label=positive_label, labels=labels
            )
            raise ValueError(message)

    def _validate_categories(self, examples: Iterable[Example]) -> None:
        check_gold_cats(self.name, examples, self.exclusive_classes, self.labels)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
        """Score a batch of examples with spaCy's scorer.

        Skips examples without a right label if exactly one label is right. Soft gold
        values are rounded.

        examples (Iterable[Example]): The examples.
        RETURNS (dict[str, Any]): The scores, and `cats_ngrams_score`, the `cats_score`
            of the n-grams alone. Both are also given with the name of the component in
            place of "cats", since several text classifiers overwrite each other's.
        """
        rounded = [
            round_gold_cats(eg, self.exclusive_classes, self.labels) for eg in examples
        ]
        if self.exclusive_classes:
            # spaCy's scorer counts any prediction without a gold label as wrong.
            rounded = [eg for eg in rounded if has_right_label(eg, self.labels)]
        scores = super().score(rounded, **kwargs)
        by_ngrams = self._annotate_by_ngrams(rounded) if scores else []
        if by_ngrams:
            own = super().score(by_ngrams, **kwargs)
            scores["cats_ngrams_score"] = own.get("cats_score")
        # Another text classifier of the pipeline writes the same names.
        own_names = {
            f"{self.name}{name.removeprefix('cats')}": scores[name]
            for name in ("cats_score", "cats_ngrams_score")
            if name in scores
        }
        return {**scores, **own_names}

    def _annotate_by_ngrams(self, examples: list[Example]) -> list[Example]:
        docs = [example.predicted.copy() for example in examples]
        predicted = predict_by_ngrams(self.model, docs)
        for number, doc in enumerate(docs):
            doc.cats = {
                label: float(predicted[i][number]) if i in predicted else 0.0
                for i, label in enumerate(self.labels)
            }
        pairs = zip(docs, examples, strict=True)
        return [Example(doc, eg.reference) for doc, eg in pairs] if predicted else []


def is_exclusive(model: Model) -> bool | None:
    """Find out whether the outputs of a text classifier exclude one another.

    model (Model): The text classifier.
    RETURNS (bool | None): Whether exactly one label is right; None if unknown.
    """
    multi_label = model.attrs.get("multi_label")
    return None if multi_label is None else not multi_label


def warn_of_shared_labels(
    pipe: TextCategorizer, nlp: Language, labels: list[str]
) -> None:
    """Warn if another text classifier of the pipeline has some of the labels.

    pipe (TextCategorizer): The component.
    nlp (Language): The pipeline.
    labels (list[str]): The labels of the component.
    """
    for name, other in nlp.pipeline:
        if other is not pipe and isinstance(other, TextCategorizer):
            shared = [label for label in labels if label in other.labels]
            if shared:
                message = Warnings.W004.format(
                    name=pipe.name, other=name, labels=shared
                )
                warnings.warn(message, stacklevel=2)
