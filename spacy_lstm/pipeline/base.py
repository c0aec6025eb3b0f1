"""What all components have in common: updates, labels and word counts."""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.training import Example, validate_examples
from thinc.api import Optimizer, set_dropout_rate

from ..errors import Errors
from ..layers.lexemes import count_words
from ..layers.skipped_steps import SkippedSteps, all_finite, all_zero
from ..models.checks import is_number
from .listeners import listeners_of
from .loading import CheckedLoading


class RecurrentPipe(CheckedLoading):
    """A trainable component that skips batches that it can't learn from.

    Skips batches with non-finite scores, losses or gradients, and batches without
    annotation, whose gradient is 0.
    """

    # Batches since the last change of the weights.
    _n_skipped = 0
    _n_learned = 0

    @cached_property
    def skipped_steps(self) -> SkippedSteps:
        """RETURNS (SkippedSteps): Counts skipped batches."""
        return SkippedSteps()

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from a batch.

        A batch with non-finite scores, loss or gradient is counted and not
        backpropagated, neither through the model nor to a shared tok2vec. If this
        component is the last of its listeners, spaCy then discards the gradients of the
        other listeners too.

        examples (Iterable[Example]): The batch.
        drop (float): Rate of dropout.
        sgd (Optimizer | None): The optimizer; None to collect gradients only.
        losses (dict[str, float] | None): Losses by component, which are added to.
        RETURNS (dict[str, float]): The losses.
        RAISES (ValueError): If the rate or the annotation is invalid, or ten batches in
            a row were skipped.
        """
        if not is_number(drop) or not 0 <= drop < 1:
            raise ValueError(Errors.L117.format(name=self.name, drop=drop))
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.update")
        self._prepare(examples)
        docs = [example.predicted for example in examples]
        if not any(len(doc) for doc in docs):
            return losses
        set_dropout_rate(self.model, drop)
        scores, backprop = self.model.begin_update(docs)
        is_finite = all_finite(scores)
        if is_finite:
            loss, gradient = self.get_loss(examples, scores)
            is_finite = math.isfinite(loss) and all_finite(gradient)
        self._n_skipped += not is_finite
        if self.skipped_steps.record_step(f"'{self.name}'", is_finite):
            # A shared tok2vec waits for the gradient of each component.
            backprop(gradient)
            losses[self.name] += loss
            if all_zero(gradient):
                self._n_skipped += 1
            else:
                self._n_learned += 1
                self._update_again(examples)
        if sgd:
            self.finish_update(sgd)
        return losses

    def _prepare(self, examples: list[Example]) -> None:
        """Prepare for a batch. Does nothing by default."""

    def _update_again(self, examples: list[Example]) -> None:
        """Follow up on a batch that was learned from. Does nothing by default."""

    def finish_update(self, sgd: Optimizer) -> None:
        """Update the weights with the accumulated gradients.

        If all batches were skipped, the weights don't change: Thinc's own layers would
        go on by momentum without a gradient.

        sgd (Optimizer): The optimizer.
        """
        only_skipped = self._n_skipped > 0 and self._n_learned == 0
        self._n_skipped = self._n_learned = 0
        if not only_skipped:
            super().finish_update(sgd)


def merge_labels(name: str, present: Sequence[str], labels: Any) -> list[str]:
    """Append labels to those of a component.

    name (str): Name of the component.
    present (Sequence[str]): Its labels.
    labels (list[str]): More labels, as written by `spacy init labels`.
    RETURNS (list[str]): All labels, each once.
    RAISES (ValueError): If `labels` isn't a list of strings, or one is empty.
    """
    is_list = isinstance(labels, Iterable) and not isinstance(labels, str | dict)
    more = list(labels) if is_list else []
    if not is_list or not all(isinstance(label, str) and label for label in more):
        message = Errors.L048.format(
            name=name, labels=labels, expected="a list of strings that are not empty"
        )
        raise ValueError(message)
    return list(dict.fromkeys([*present, *more]))


def count_training_words(
    pipe: TrainablePipe,
    nlp: Language | None,
    get_examples: Callable[[], Iterable[Example]],
) -> None:
    """Count the words of the training data for the embeddings of a component.

    Includes the embeddings that it listens to.

    pipe (TrainablePipe): The component, with an initialized model.
    nlp (Language | None): Its pipeline.
    get_examples (Callable): Returns the training examples.
    """
    models = [pipe.model]
    if nlp is not None:
        models += [upstream.model for _, upstream in listeners_of(pipe, nlp)]
    # A component may listen to the same one several times.
    for model in {model.id: model for model in models}.values():
        count_words(model, (example.predicted for example in get_examples()))


def with_component_name(name: str, error: ValueError) -> ValueError:
    """Add the name of the component to an error of its model.

    name (str): Name of the component.
    error (ValueError): Raised while the model was initialized.
    RETURNS (ValueError): The error to raise instead.
    """
    reason = str(error).rstrip(".")
    return ValueError(Errors.L034.format(name=name, reason=reason))
