"""A layer that scores labels by the n-grams of documents."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy
import torch
from spacy.tokens import Doc
from thinc.api import Model, torch2xp
from thinc.types import Floats1d, Floats2d

from ..errors import Errors
from ..modules.ngram_fitting import Gold, Objective, choose_features, fit_ngrams
from ..modules.ngrams import NgramClassifier, NgramCounts
from .ngram_features import NgramSettings
from .shim import TorchShim

NAME = "spacy-lstm.TextCatNgrams.v1"


def ngram_classifier(
    settings: NgramSettings, min_df: int, max_docs: int
) -> Model[list[Doc], Floats2d]:
    """Make a layer that scores labels by n-grams.

    It has to be fitted before it is used; training doesn't change it.

    settings (NgramSettings): Which n-grams are read.
    min_df (int): Number of documents that an n-gram has to occur in.
    max_docs (int): Most documents that it is to be fitted to.
    RETURNS (Model[List[Doc], Floats2d]): The layer; it gives logits.
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
    """Tell whether the layer has been fitted to a corpus.

    model (Model): The layer.
    RETURNS (bool): Whether it has.
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
    objective (Callable): Finds the loss of logits, and its gradient.
    gold (Gold): The gold labels.
    RETURNS (tuple[float, Tensor] | None): The chosen cost, and the logits of each
        document when it was left out, *shape* (n_docs, n_labels); None where no n-gram
        occurs in enough documents. Then nothing is fitted.
    """
    n_buckets, n_labels = model.attrs["settings"].n_buckets, gold.right.shape[1]
    buckets, idf = choose_features(ngrams, n_buckets, model.attrs["min_df"], n_labels)
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
    """Find what each token of a document adds to each logit.

    What an n-gram adds is shared by its occurrences, and by the tokens of each.

    model (Model): The layer, which has been fitted.
    doc (Doc): The document.
    RETURNS (tuple[Floats2d, Floats1d]): What the tokens add, *shape*
        (n_tokens, n_labels), and what is added to every document, *shape* (n_labels,).
    """
    shim = cast(TorchShim, model.shims[0])
    classifier = cast(NgramClassifier, shim.module)
    ngrams = model.attrs["settings"].read([doc])
    on_device = ngrams.to(shim.device)
    matrix = classifier.weigh(on_device)
    scores = matrix.values[:, None] * classifier.weight[matrix.columns]
    is_known = classifier.feature_of_bucket[on_device.buckets] >= 0
    of_ngram = torch.zeros(len(ngrams.buckets), scores.shape[1], dtype=torch.float)
    of_ngram[is_known.cpu()] = scores.cpu()
    of_occurrence = (of_ngram / ngrams.counts[:, None]).double().numpy()

    found = model.attrs["settings"].find([doc])
    ngram = numpy.searchsorted(ngrams.buckets.numpy(), found.buckets)
    shares = of_occurrence[ngram] / (found.last_token - found.first_token + 1)[:, None]
    changes = numpy.zeros((len(doc) + 1, shares.shape[1]))
    numpy.add.at(changes, found.first_token, shares)
    numpy.subtract.at(changes, found.last_token + 1, shares)
    return (
        model.ops.asarray2f(cast(Floats2d, changes.cumsum(axis=0)[:-1]), dtype="f"),
        model.ops.asarray1f(cast(Floats1d, classifier.bias.cpu().numpy())),
    )
