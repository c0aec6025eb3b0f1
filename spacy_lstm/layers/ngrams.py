"""A linear classifier of documents by their n-grams."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy
import torch
from spacy.tokens import Doc
from thinc.api import Model, torch2xp
from thinc.types import Floats1d, Floats2d

from ..errors import Errors
from ..modules.ngram_fitting import Gold, Objective, fit_ngrams, select_features
from ..modules.ngrams import NgramClassifier, NgramCounts
from .ngram_features import NgramSettings
from .shim import TorchShim

NAME = "spacy-lstm.TextCatNgrams.v1"


def ngram_classifier(
    settings: NgramSettings, min_df: int, max_docs: int
) -> Model[list[Doc], Floats2d]:
    """Make a linear n-gram classifier.

    Fit it before use. Training doesn't change it.

    settings (NgramSettings): The n-grams to extract.
    min_df (int): Minimum document frequency of an n-gram.
    max_docs (int): Maximum number of documents to fit the classifier to.
    RETURNS (Model[List[Doc], Floats2d]): The layer, which returns logits.
        *Shape* of its output: (n_docs, n_fitted_labels)
    """
    return Model(
        NAME,
        forward,
        init=init,
        attrs={"settings": settings, "min_df": min_df, "max_docs": max_docs},
        shims=[make_shim(settings)],
    )


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    model.shims[0] = make_shim(model.attrs["settings"])


def make_shim(settings: NgramSettings) -> TorchShim:
    return TorchShim(partial(make_classifier, n_expected=settings.n_buckets), NAME)


def make_classifier(
    n_buckets: int, n_features: int, n_labels: int, *, n_expected: int
) -> NgramClassifier:
    if n_buckets != n_expected:
        raise ValueError(f"they have {n_buckets} hash buckets, not {n_expected}")
    return NgramClassifier(n_buckets, n_features, n_labels)


def is_fitted(model: Model) -> bool:
    """Check whether the layer has been fitted.

    model (Model): The layer.
    RETURNS (bool): Whether it has been fitted.
    """
    return cast(TorchShim, model.shims[0]).has_module


def forward(
    model: Model, docs: list[Doc], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list]]:
    shim = cast(TorchShim, model.shims[0])
    if not shim.has_module:
        raise ValueError(Errors.L113.format(name=NAME))
    ngrams = model.attrs["settings"].read(docs)
    logits = shim.predict(ngrams.to(shim.device))
    return cast(Floats2d, torch2xp(logits, ops=model.ops)), lambda dY: []


def fit(
    model: Model, ngrams: NgramCounts, objective: Objective, gold: Gold
) -> tuple[float, torch.Tensor] | None:
    """Fit the layer to a corpus.

    model (Model): The layer.
    ngrams (NgramCounts): The n-grams of the corpus.
    objective (Callable): Computes the loss of logits, and its gradient.
    gold (Gold): The gold labels.
    RETURNS (tuple[float, Tensor] | None): The selected cost, and the cross-validated
        logits of the documents, *shape* (n_docs, n_labels). None, without fitting, if
        no n-gram occurs in enough documents.
    """
    n_buckets, n_labels = model.attrs["settings"].n_buckets, gold.positive.shape[1]
    buckets, idf = select_features(ngrams, n_buckets, model.attrs["min_df"], n_labels)
    if not len(buckets):
        return None
    sizes = {"n_features": len(buckets), "n_labels": n_labels}
    classifier = NgramClassifier(n_buckets, **sizes)
    classifier.load_state_dict(
        {**classifier.state_dict(), "buckets": buckets, "idf": idf}
    )
    generator = torch.Generator().manual_seed(int(torch.randint(2**31, ())))
    fitted = fit_ngrams(classifier, ngrams, objective, gold, generator)
    shim = cast(TorchShim, model.shims[0])
    module = shim.make_module(n_buckets=n_buckets, **sizes)
    module.load_state_dict(classifier.state_dict())
    return fitted


def find_contributions(model: Model, doc: Doc) -> tuple[Floats2d, Floats1d]:
    """Compute the contribution of each token of a document to each logit.

    The contribution of an n-gram is divided equally among its occurrences, and among
    the tokens of each occurrence.

    model (Model): The fitted layer.
    doc (Doc): The document.
    RETURNS (tuple[Floats2d, Floats1d]): The contributions of the tokens, *shape*
        (n_tokens, n_labels), and the bias, *shape* (n_labels,).
    """
    shim = cast(TorchShim, model.shims[0])
    classifier = cast(NgramClassifier, shim.module)
    ngrams = model.attrs["settings"].read([doc])
    on_device = ngrams.to(shim.device)
    matrix = classifier.tfidf(on_device)
    scores = matrix.values[:, None] * classifier.weight[matrix.columns]
    is_known = classifier.feature_of_bucket[on_device.buckets] >= 0
    per_ngram = torch.zeros(len(ngrams.buckets), scores.shape[1], dtype=torch.float)
    per_ngram[is_known.cpu()] = scores.cpu()
    per_occurrence = (per_ngram / ngrams.counts[:, None]).double().numpy()

    found = model.attrs["settings"].find([doc])
    ngram = numpy.searchsorted(ngrams.buckets.numpy(), found.buckets)
    shares = per_occurrence[ngram] / (found.last_token - found.first_token + 1)[:, None]
    changes = numpy.zeros((len(doc) + 1, shares.shape[1]))
    numpy.add.at(changes, found.first_token, shares)
    numpy.subtract.at(changes, found.last_token + 1, shares)
    return (
        model.ops.asarray2f(cast(Floats2d, changes.cumsum(axis=0)[:-1]), dtype="f"),
        model.ops.asarray1f(cast(Floats1d, classifier.bias.cpu().numpy())),
    )
