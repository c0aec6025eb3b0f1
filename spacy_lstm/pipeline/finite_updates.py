"""Updates that can't damage a model by numbers that are not finite."""

import math
from collections.abc import Iterable
from functools import cached_property

from spacy.pipeline import TrainablePipe
from spacy.training import Example, validate_examples
from thinc.api import Optimizer, set_dropout_rate

from ..errors import Errors
from ..layers.skipped_steps import SkippedSteps, all_finite, all_zero
from ..models.checks import is_number


class FiniteUpdates(TrainablePipe):
    """A component that skips batches that it can't learn from.

    These are batches whose scores, loss or gradient are not finite, and batches without
    annotation, whose gradient is 0.
    """

    # How many batches were skipped, and learned, since weights were changed.
    _n_skipped = 0
    _n_learned = 0

    @cached_property
    def skipped_steps(self) -> SkippedSteps:
        """RETURNS (SkippedSteps): The count of the batches that were skipped."""
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

        Nothing is learned from one whose scores, loss or gradient are not finite: it is
        counted, and nothing goes back through the model, nor to a shared tok2vec. Where
        this component is the last one that listens to that, spaCy then gives it nothing
        of the others either.

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
        if self.skipped_steps.admit(f"'{self.name}'", is_finite):
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
        """Do what comes before a batch is read; there may be nothing."""

    def _update_again(self, examples: list[Example]) -> None:
        """Do what comes after a batch was learned from; there may be nothing."""

    def finish_update(self, sgd: Optimizer) -> None:
        """Change weights by the gradients that were collected.

        Where all batches were skipped, they stay: without a gradient, Thinc's own
        layers would go on by their momentum.

        sgd (Optimizer): The optimizer.
        """
        only_skipped = self._n_skipped > 0 and self._n_learned == 0
        self._n_skipped = self._n_learned = 0
        if not only_skipped:
            super().finish_update(sgd)
