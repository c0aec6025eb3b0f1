"""What is fitted to a text classifier's data at once, rather than step by step."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy
import torch
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import logger, minibatch
from thinc.api import Model, xp2torch
from thinc.types import Floats2d
from torch import Tensor

from ..errors import Infos
from ..layers import logit_sum, ngrams
from ..layers.cross_entropy import binary_cross_entropy, exclusive_cross_entropy
from ..modules.logit_weights import fit_temperature
from ..modules.ngrams import NgramCounts

BATCH = 256


@dataclass(frozen=True)
class Targets:
    """The truths of documents, and the loss of logits.

    truths (numpy.ndarray): Truths from 0 to 1. *Shape:* (n_docs, n_labels)
    known (numpy.ndarray): 1, or 0 where a truth is missing. *Shape:* (n_docs, n_labels)
    weights (numpy.ndarray): Weight of each label. *Shape:* (n_labels,)
    exclusive (bool): Whether labels exclude one another.
    """

    truths: numpy.ndarray
    known: numpy.ndarray
    weights: numpy.ndarray
    exclusive: bool

    def objective(
        self, logits: Tensor, docs: Tensor | None = None
    ) -> tuple[float, Tensor]:
        """Find the cross-entropy of logits.

        logits (Tensor): *Shape:* (n_docs, n_labels)
        docs (Tensor | None): Numbers of the documents; None for all.
        RETURNS (tuple[float, Tensor]): The sum over the documents, and its gradient,
            *shape* (n_docs, n_labels).
        """
        rows = slice(None) if docs is None else docs.numpy()
        cross_entropy: Callable[..., tuple[float, Any]] = (
            exclusive_cross_entropy if self.exclusive else binary_cross_entropy
        )
        on_cpu = logits.cpu()
        probabilities = on_cpu.softmax(1) if self.exclusive else on_cpu.sigmoid()
        loss, gradient = cross_entropy(
            probabilities.numpy(), self.truths[rows], self.known[rows], self.weights
        )
        return loss, torch.from_numpy(gradient).to(logits)

    def find_learnable(self) -> list[int]:
        """List the labels that there are examples of.

        RETURNS (list[int]): Numbers of labels that are right somewhere, and where
            labels don't exclude one another, wrong somewhere else; none where a single
            label would exclude all others.
        """
        right = (self.truths * self.known).sum(axis=0) > 0
        if self.exclusive:
            labels = numpy.flatnonzero(right)
            return labels.tolist() if len(labels) > 1 else []
        wrong = ((1 - self.truths) * self.known).sum(axis=0) > 0
        return numpy.flatnonzero(right & wrong).tolist()

    def select(self, labels: list[int]) -> "Targets":
        """RETURNS (Targets): The targets of some of the labels alone."""
        truths, known = self.truths[:, labels], self.known[:, labels]
        return Targets(truths, known, self.weights[labels], self.exclusive)

    def accuracy(self, logits: Tensor) -> float:
        """Find how often logits are right.

        logits (Tensor): *Shape:* (n_docs, n_labels)
        RETURNS (float): The share of documents whose largest logit is that of the right
            label, or where labels don't exclude one another, of labels that are told
            right.
        """
        scores = logits.cpu().numpy()
        if self.exclusive:
            has_truth = self.truths.sum(axis=1) > 0
            right = scores.argmax(axis=1) == self.truths.argmax(axis=1)
            return float(right[has_truth].mean()) if has_truth.any() else 0.0
        is_known = self.known > 0
        right = (scores > 0) == (self.truths >= 0.5)
        return float(right[is_known].mean()) if is_known.any() else 0.0


def find_logit_sum(model: Model) -> Model | None:
    """Find the layer that adds the logits of n-grams to those of the network.

    model (Model): The text classifier.
    RETURNS (Model | None): The layer; None where there are no n-grams.
    """
    logits = model.get_ref("logits") if model.has_ref("logits") else None
    return logits if logits is not None and logits.name == logit_sum.NAME else None


def fit_ngrams(
    name: str,
    layer: Model,
    get_examples: Callable[[], Iterable[Example]],
    make_targets: Callable[[list[Example]], Targets],
) -> None:
    """Fit the n-grams of a text classifier to its training data.

    Labels without an example, as for a stream of texts of which only the first are seen
    here, are left to the network.

    name (str): Name of the component.
    layer (Model): The layer that adds their logits to those of the network.
    get_examples (Callable): Returns the training examples.
    make_targets (Callable): Finds the truths of examples.
    """
    classifier = layer.layers[1]
    settings, limit = classifier.attrs["settings"], classifier.attrs["max_docs"]
    examples = sample(get_examples, limit)
    parts = [
        (settings.read([eg.predicted for eg in batch]), make_targets(list(batch)))
        for batch in minibatch(examples, BATCH)
    ]
    if not parts:
        return
    counts = NgramCounts.join([ngrams for ngrams, _ in parts])
    targets = join_targets([targets for _, targets in parts])
    known = targets.find_learnable()
    own = targets.select(known)
    fitted = known and ngrams.fit(classifier, counts, len(known), own.objective)
    if not fitted:
        logger.info(Infos.I002.format(name=name, n_docs=counts.n_docs))
        return
    cost, held_out = fitted
    logit_sum.set_known(layer, known)
    logger.info(
        Infos.I001.format(
            name=name,
            n_features=classifier.shims[0].cfg["n_features"],
            n_docs=counts.n_docs,
            cost=cost,
            accuracy=own.accuracy(held_out),
        )
    )


def sample(
    get_examples: Callable[[], Iterable[Example]], limit: int
) -> Iterable[Example]:
    """Take examples whose documents have tokens, at random if there are too many.

    get_examples (Callable): Returns the training examples.
    limit (int): How many are taken at most.
    RETURNS (Iterable[Example]): The examples, in their own order.
    """
    n_filled = sum(len(eg.predicted) > 0 for eg in get_examples())
    filled = (eg for eg in get_examples() if len(eg.predicted))
    if n_filled <= limit:
        return filled
    chosen = set(torch.randperm(n_filled)[:limit].tolist())
    return (eg for number, eg in enumerate(filled) if number in chosen)


def join_targets(parts: list[Targets]) -> Targets:
    return Targets(
        numpy.concatenate([part.truths for part in parts]),
        numpy.concatenate([part.known for part in parts]),
        parts[0].weights,
        parts[0].exclusive,
    )


def score_ngrams(
    model: Model,
    examples: list[Example],
    make_targets: Callable[[list[Example]], Targets],
) -> float | None:
    """Find how often the n-grams of a text classifier are right by themselves.

    model (Model): Its model.
    examples (list[Example]): The examples.
    make_targets (Callable): Finds the truths of examples.
    RETURNS (float | None): The accuracy; None without n-grams or documents with tokens.
    """
    layer = find_logit_sum(model)
    examples = [example for example in examples if len(example.predicted)]
    if layer is None or not layer.attrs["known"] or not examples:
        return None
    scores = predict(layer.layers[1], [example.predicted for example in examples])
    targets = make_targets(examples).select(layer.attrs["known"])
    return targets.accuracy(xp2torch(scores))


def calibrate(
    name: str, model: Model, docs: list[Doc], targets: Targets
) -> dict[str, float]:
    """Fit the weights of a text classifier's logits, or their temperature.

    name (str): Name of the component.
    model (Model): Its model, which is changed.
    docs (list[Doc]): Documents that it was not trained on, with tokens.
    targets (Targets): Their truths.
    RETURNS (dict[str, float]): What was fitted, by name.
    """
    layer = find_logit_sum(model)
    if layer is None:
        logits = xp2torch(predict(model.get_ref("logits"), docs))
        temperature = fit_temperature(logits, targets.objective)
        model.layers[-1].attrs["temperature"] = temperature
        return {"temperature": temperature}
    network, classifier = (predict(part, docs) for part in layer.layers)
    logit_sum.calibrate(layer, network, classifier, targets.objective)
    first, second = layer.attrs["weights"]
    if layer.attrs["known"]:
        own = targets.select(layer.attrs["known"])
        message = Infos.I003.format(
            name=name,
            n_docs=len(docs),
            network=targets.accuracy(xp2torch(network)),
            network_weight=first,
            ngrams=own.accuracy(xp2torch(classifier)),
            ngrams_weight=second,
            both=targets.accuracy(xp2torch(predict(layer, docs))),
        )
        logger.debug(message)
    return {"network": first, "ngrams": second}


def predict(model: Model, docs: list[Doc]) -> Floats2d:
    batches = [model.predict(list(batch)) for batch in minibatch(docs, BATCH)]
    return model.ops.xp.concatenate(batches)
