"""Fit the n-grams of a text classifier, and the weights of its logits."""

import math
import random
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

from ..errors import Messages
from ..layers import logit_sum, ngrams
from ..layers.cross_entropy import binary_cross_entropy, exclusive_cross_entropy
from ..layers.ngram_features import NgramSettings
from ..modules.logit_weights import fit_weights
from ..modules.ngram_fitting import Gold
from ..modules.ngrams import NgramCounts

BATCH = 256
# Fitting takes about 100 bytes for each n-gram of a document.
MAX_NGRAMS = 40_000_000

MakeTargets = Callable[[list[Example]], "Targets"]


@dataclass(frozen=True)
class Targets:
    """The gold labels of documents.

    gold (numpy.ndarray): Values from 0 to 1. *Shape:* (n_docs, n_labels)
    known (numpy.ndarray): 0 where a value is missing, 1 elsewhere. *Shape:* (n_docs,
        n_labels)
    weights (numpy.ndarray): Class weights. *Shape:* (n_labels,)
    exclusive (bool): Whether exactly one label is right.
    """

    gold: numpy.ndarray
    known: numpy.ndarray
    weights: numpy.ndarray
    exclusive: bool

    @classmethod
    def join(cls, parts: list["Targets"]) -> "Targets":
        """RETURNS (Targets): The targets of several batches as one."""
        return cls(
            numpy.concatenate([part.gold for part in parts]),
            numpy.concatenate([part.known for part in parts]),
            parts[0].weights,
            parts[0].exclusive,
        )

    def take(self, docs: slice) -> "Targets":
        """RETURNS (Targets): The targets of some of the documents."""
        gold, known = self.gold[docs], self.known[docs]
        return Targets(gold, known, self.weights, self.exclusive)

    def select(self, labels: list[int]) -> "Targets":
        """RETURNS (Targets): The targets of some of the labels."""
        gold, known = self.gold[:, labels], self.known[:, labels]
        return Targets(gold, known, self.weights[labels], self.exclusive)

    def split(self) -> Gold:
        """RETURNS (Gold): The gold values of labels being right and being wrong."""
        right, wrong = self.gold * self.known, (1 - self.gold) * self.known
        return Gold(torch.from_numpy(right), torch.from_numpy(wrong))

    @property
    def is_informative(self) -> bool:
        """RETURNS (bool): Whether the loss depends on the logits."""
        informative = self.gold * self.known if self.exclusive else self.known
        return bool(informative.any())

    def objective(
        self, logits: Tensor, docs: Tensor | None = None
    ) -> tuple[float, Tensor]:
        """Find the cross-entropy of logits.

        logits (Tensor): *Shape:* (n_docs, n_labels)
        docs (Tensor | None): Indices of the documents; None for all.
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
            probabilities.numpy(), self.gold[rows], self.known[rows], self.weights
        )
        return loss, torch.from_numpy(gradient).to(logits)

    def find_learnable(self) -> list[int]:
        """List the labels that can be learned.

        RETURNS (list[int]): Indices of labels that are right for some document and, if
            not exclusive, wrong for some other. Empty for a single exclusive label.
        """
        right = (self.gold * self.known).sum(axis=0) > 0
        if self.exclusive:
            labels = numpy.flatnonzero(right)
            return labels.tolist() if len(labels) > 1 else []
        wrong = ((1 - self.gold) * self.known).sum(axis=0) > 0
        return numpy.flatnonzero(right & wrong).tolist()

    def score(self, logits: Tensor) -> float | None:
        """Score predictions.

        logits (Tensor): *Shape:* (n_docs, n_labels)
        RETURNS (float | None): Accuracy for exclusive labels, otherwise micro-averaged
            F1 score at a threshold of 0.5. None without gold labels.
        """
        scores = logits.cpu().numpy()
        right = (self.gold >= 0.5) & (self.known > 0)
        if not self.is_informative or not right.any():
            return None
        if self.exclusive:
            has_gold = self.gold.sum(axis=1) > 0
            hits = scores.argmax(axis=1) == self.gold.argmax(axis=1)
            return float(hits[has_gold].mean())
        predicted = (scores > 0) & (self.known > 0)
        return float(2 * (predicted & right).sum() / (predicted.sum() + right.sum()))


def find_logit_sum(model: Model) -> Model | None:
    """Find the layer that adds the logits of n-grams to those of the network.

    model (Model): The text classifier.
    RETURNS (Model | None): The layer; None without n-grams.
    """
    logits = model.get_ref("logits") if model.has_ref("logits") else None
    return logits if logits is not None and logits.name == logit_sum.NAME else None


def fit_ngrams(
    name: str,
    layer: Model,
    get_examples: Callable[[], Iterable[Example]],
    make_targets: MakeTargets,
) -> None:
    """Fit the n-grams of a text classifier to its training data.

    Labels that can't be learned from the data are left to the network.

    name (str): Name of the component.
    layer (Model): The layer that adds the logits of n-grams and network.
    get_examples (Callable): Returns the training examples.
    make_targets (Callable): Returns the targets of examples.
    """
    classifier = layer.layers[1]
    settings = classifier.attrs["settings"]
    sample = Sample(classifier.attrs["max_docs"])
    for batch in minibatch(get_examples(), BATCH):
        sample.add(settings, [eg for eg in batch if len(eg.predicted)], make_targets)
    if not sample.docs:
        return
    counts, targets = sample.join()
    labels = targets.find_learnable()
    own = targets.select(labels)
    fitted = labels and ngrams.fit(classifier, counts, own.objective, own.split())
    if not fitted:
        logger.info(Messages.M002.format(name=name, n_docs=counts.n_docs))
        return
    cost, held_out = fitted
    logit_sum.set_linear_labels(layer, labels)
    message = Messages.M001.format(
        name=name,
        n_features=classifier.shims[0].cfg["n_features"],
        n_docs=counts.n_docs,
        cost=cost,
        score=own.score(held_out) or 0.0,
    )
    logger.info(message)


class Sample:
    """A random sample of the documents of a stream (Vitter 1985, algorithm R).

    limit (int): Maximum number of documents; fewer if they have very many n-grams.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.docs: list[tuple[NgramCounts, Targets]] = []
        self.n_ngrams = 0
        self.n_seen = 0

    def add(
        self,
        settings: NgramSettings,
        examples: list[Example],
        make_targets: MakeTargets,
    ) -> None:
        """Sample from a batch.

        settings (NgramSettings): Which n-grams to count.
        examples (list[Example]): The batch, without empty documents.
        make_targets (Callable): Returns the targets of examples.
        """
        if not examples:
            return
        counts = settings.read([example.predicted for example in examples])
        targets = make_targets(examples)
        for number, own in enumerate(counts.split()):
            if targets.known[number].any():
                self._add_doc((own, targets.take(slice(number, number + 1))))

    def _add_doc(self, doc: tuple[NgramCounts, Targets]) -> None:
        self.n_seen += 1
        if len(self.docs) < self.limit:
            self.docs.append(doc)
            self.n_ngrams += len(doc[0].buckets)
            if self.n_ngrams > MAX_NGRAMS:
                self.limit = len(self.docs)
            return
        place = random.randrange(self.n_seen)  # noqa: S311
        if place < self.limit:
            self.docs[place] = doc

    def join(self) -> tuple[NgramCounts, Targets]:
        """RETURNS (tuple[NgramCounts, Targets]): All documents of the sample."""
        counts, targets = zip(*self.docs, strict=True)
        self.docs = []
        return NgramCounts.join(counts), Targets.join(list(targets))


def predict_by_ngrams(model: Model, docs: list[Doc]) -> dict[int, numpy.ndarray]:
    """Predict with the n-grams of a text classifier alone.

    model (Model): The text classifier.
    docs (list[Doc]): The documents.
    RETURNS (dict[int, numpy.ndarray]): Probabilities by index of the label, for labels
        that the n-grams were fitted to. *Shape:* (n_docs,)
    """
    layer = find_logit_sum(model)
    if layer is None or not layer.attrs["linear_labels"] or not docs:
        return {}
    scores = xp2torch(predict(layer.layers[1], docs)).cpu()
    exclusive = layer.attrs["exclusive"]
    probabilities = scores.softmax(1) if exclusive else scores.sigmoid()
    columns = probabilities.T.numpy()
    return dict(zip(layer.attrs["linear_labels"], columns, strict=True))


def fit_logit_weights(model: Model, docs: list[Doc], targets: Targets) -> None:
    """Fit the weights of the logits of network and n-grams, or the temperature.

    Without n-grams, the temperature is the inverse of the only weight (Guo et al.
    2017). If logits are not finite, nothing changes.

    model (Model): The text classifier, modified in place.
    docs (list[Doc]): Held-out documents, without empty ones.
    targets (Targets): Their targets.
    """
    layer = find_logit_sum(model)
    parts = [model.get_ref("logits")] if layer is None else layer.layers
    has_ngrams = layer is not None and bool(layer.attrs["linear_labels"])
    logits = [
        xp2torch(predict(part, docs)).double()
        for part in (parts if has_ngrams else parts[:1])
    ]
    if not all(bool(values.isfinite().all()) for values in logits):
        return
    if layer is None or not has_ngrams:
        network = logits[0]
        (weight,) = fit_weights(lambda w: w[0] * network, 1, targets.objective)
        if not math.isfinite(weight):
            return
        if layer is None:
            model.layers[-1].attrs["temperature"] = 1 / weight
        else:
            layer.attrs["weights"] = [weight, 0.0]
        return
    network, linear = logits
    weights = fit_weights(
        lambda w: logit_sum.combine_logits(layer, network, linear, w),
        2,
        targets.objective,
    )
    if all(map(math.isfinite, weights)):
        layer.attrs["weights"] = weights


def read_logit_weights(model: Model) -> dict[str, float]:
    """Get the numbers that `fit_logit_weights` fits.

    model (Model): The text classifier.
    RETURNS (dict[str, float]): "network" and "ngrams", or "temperature".
    """
    layer = find_logit_sum(model)
    if layer is None:
        return {"temperature": model.layers[-1].attrs["temperature"]}
    return dict(zip(("network", "ngrams"), layer.attrs["weights"], strict=True))


def predict(model: Model, docs: list[Doc]) -> Floats2d:
    batches = [model.predict(batch) for batch in minibatch(docs, BATCH)]
    return model.ops.xp.concatenate(batches)
