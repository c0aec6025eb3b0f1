"""A layer that embeds each distinct word of a batch once."""

import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy
import torch
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Model, torch2xp, xp2torch
from thinc.types import Floats2d
from torch import Tensor

from ..errors import Errors, Warnings
from ..modules.embeddings.lexeme_encoder import LexemeEncoder
from .doc_views import DocViews, flatten
from .lexeme_cache import LexemeCache
from .lexeme_features import Features, find_distinct, read_attributes
from .shim import TorchShim

Docs = list[Doc]
NAME = "spacy-lstm.LexemeEmbed.v1"


class LexemeShim(TorchShim):
    """Holds a lexeme encoder and a cache of its vectors.

    A change of the weights starts a new cache. Threads that still compute with the old
    weights add to the old cache.

    build (Callable[..., LexemeEncoder]): Makes the module from its sizes.
    name (str): Name of the layer in error messages.
    cache_size (int): Maximum number of cached words.
    """

    def __init__(
        self, build: Callable[..., LexemeEncoder], name: str, cache_size: int = 0
    ) -> None:
        super().__init__(build, name)
        self.cache = LexemeCache(cache_size)
        self.counts: tuple[Tensor, Tensor] | None = None

    def weights_changed(self) -> None:
        """Clear the cache."""
        self.cache = LexemeCache(self.cache.size)

    def cache_for(self, source: Any) -> LexemeCache:
        """Get the cache for the given static vectors.

        source (Any): The static vectors; None if the module reads none.
        RETURNS (LexemeCache): The cache, a new one if the static vectors have changed.
        """
        cache = self.cache
        if cache.source is not source:
            cache = self.cache = LexemeCache(cache.size, source)
        return cache

    def copy(self) -> "LexemeShim":
        """RETURNS (LexemeShim): A copy, with an id and a cache of its own."""
        copied = cast(LexemeShim, super().copy())
        copied.cache = LexemeCache(self.cache.size)
        copied.counts = self.counts
        return copied

    @property
    def lacks_counts(self) -> bool:
        """RETURNS (bool): Whether the module replaces rare words by the unknown word,
        but has no word counts.
        """
        module = cast(LexemeEncoder | None, self._model)
        if module is None or not module.unknown_rate:
            return False
        return not len(module.words)

    def set_counts(self, words: Tensor, counts: Tensor) -> None:
        """Set the word counts of the training data.

        words (Tensor): Word IDs in ascending order. *Shape:* (n_words,)
        counts (Tensor): *Shape:* (n_words,)
        """
        module = cast(LexemeEncoder, self.module)
        module.set_counts(words.to(self.device), counts.to(self.device))
        self.cfg["n_words"] = len(words)
        self.counts = words, counts
        self.weights_changed()

    def learn_words(self, words: Tensor) -> None:
        """Add the words of a training batch to the word counts.

        Words that are not in the counts get a count of 1. Restores the counts after
        weights of `spacy pretrain` were loaded, which have none.

        words (Tensor): Word IDs of the batch. *Shape:* (n_words,)
        """
        module = cast(LexemeEncoder, self.module)
        if not module.unknown_rate:
            return
        if self.lacks_counts:
            if self.counts is None:
                warnings.warn(Warnings.W001.format(name=NAME), stacklevel=2)
                return
            self.set_counts(*self.counts)
        new = words[module.count(words) == 0].unique()
        if len(new):
            known, order = torch.cat([module.words, new]).sort()
            counts = torch.cat([module.counts, module.counts.new_ones(len(new))])
            self.set_counts(known, counts[order])


def lexeme_embed(
    build: Callable[..., LexemeEncoder],
    features: Features,
    *,
    nO: int,
    cache_size: int = 0,
) -> Model[Docs, list[Floats2d]]:
    """Make a layer that embeds each distinct word of a batch once.

    build (Callable[..., LexemeEncoder]): Makes the module from the width of the static
        vectors and the number of counted words.
    features (Features): The features of a word.
    nO (int): Width of the word vectors.
    cache_size (int): Maximum number of words whose vectors are cached in prediction.
    RETURNS (Model[List[Doc], List[Floats2d]]): The layer.
    """
    return Model(
        NAME,
        forward,
        init=init,
        dims={"nO": nO},
        attrs={"features": features, "dropout_rate": 0.0},
        shims=[LexemeShim(build, NAME, cache_size)],
    )


def init(model: Model, X: Docs | None = None, Y: Any = None) -> None:
    shim = cast(LexemeShim, model.shims[0])
    vector_width = 0
    if model.attrs["features"].vectors:
        if not X:
            raise ValueError(Errors.L042.format(name=NAME))
        vector_width = X[0].vocab.vectors.shape[1]
        if not vector_width:
            raise ValueError(Errors.L041.format(name=NAME))
    shim.make_module(vector_width=vector_width, n_words=0)


def forward(
    model: Model, docs: Docs, is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], Docs]]:
    lengths = [len(doc) for doc in docs]
    if not sum(lengths):
        empty = model.ops.alloc2f(0, model.get_dim("nO"))
        return [empty for _ in docs], lambda dY: []
    check_vectors(model, docs[0].vocab)
    update = begin_update if is_train else predict
    Y, backprop_words = update(model, docs)

    def backprop(dY: list[Floats2d]) -> Docs:
        backprop_words(flatten(model, dY))
        return []

    return DocViews(Y, lengths), backprop


def check_vectors(model: Model, vocab: Vocab) -> None:
    expected = model.shims[0].cfg.get("vector_width")
    if expected and vocab.vectors.shape[1] != expected:
        found = vocab.vectors.shape[1]
        raise ValueError(Errors.L043.format(name=NAME, expected=expected, found=found))


def begin_update(model: Model, docs: Docs) -> tuple[Any, Callable]:
    shim = cast(LexemeShim, model.shims[0])
    features, vocab = model.attrs["features"], docs[0].vocab
    values = read_attributes(docs, features.columns(vocab))
    _, first, positions = find_distinct(values)
    lexemes = features.read(values[first], find_docs(docs, first), shim.device)
    shim.learn_words(lexemes.words)
    dropout = model.attrs["dropout_rate"]
    outputs, backprop = shim.begin_update(lexemes, positions.to(shim.device), dropout)
    return torch2xp(outputs, ops=model.ops), lambda dY: backprop(
        xp2torch(dY, device=shim.device)
    )


def predict(model: Model, docs: Docs) -> tuple[Any, Callable]:
    shim = cast(LexemeShim, model.shims[0])
    features, vocab = model.attrs["features"], docs[0].vocab
    values = read_attributes(docs, features.columns(vocab))
    words, first, positions = find_distinct(values)

    def compute(new: numpy.ndarray) -> Tensor:
        tokens = first[new]
        token_docs = find_docs(docs, tokens)
        return shim.predict(features.read(values[tokens], token_docs, shim.device))

    source = getattr(vocab.vectors, "data", vocab.vectors) if features.vectors else None
    vectors = get_or_compute(shim.cache_for(source), words, compute)
    tokens = vectors.index_select(0, positions.to(shim.device))
    return torch2xp(tokens, ops=model.ops), lambda dY: None


def find_docs(docs: Docs, tokens: numpy.ndarray) -> Docs:
    """Find the documents of tokens.

    docs (List[Doc]): The batch.
    tokens (numpy.ndarray): Indices of tokens in the batch. *Shape:* (n_words,)
    RETURNS (List[Doc]): The document of each token.
    """
    ends = numpy.cumsum([len(doc) for doc in docs])
    return [docs[i] for i in numpy.searchsorted(ends, tokens, side="right")]


def get_or_compute(
    cache: LexemeCache, words: list[int], compute: Callable[[numpy.ndarray], Tensor]
) -> Tensor:
    """Get word vectors from the cache. Computes and adds those that are missing.

    cache (LexemeCache): The cache.
    words (list[int]): Word hashes without duplicates.
    compute (Callable[[numpy.ndarray], Tensor]): Computes the vectors of some of the
        words, given their indices.
    RETURNS (Tensor): *Shape:* (n_words, width)
    """
    rows, table = cache.find(words)
    new = (rows < 0).nonzero()[:, 0]
    if table is not None and not len(new):
        return table.index_select(0, rows.to(table.device))
    computed = compute(new.numpy())
    cache.add([words[i] for i in new.tolist()], computed)
    if table is None or len(new) == len(words):
        return computed
    vectors = table.index_select(0, rows.clamp(min=0).to(table.device))
    vectors[new.to(vectors.device)] = computed
    return vectors


def count_words(model: Model, docs: Iterable[Doc]) -> None:
    """Count the words of the training data, for each embedding that lacks word counts.

    model (Model): The embedding, or a model that contains it.
    docs (Iterable[Doc]): The documents. They are not read if no embedding lacks counts.
    """
    layers = [
        node
        for node in model.walk()
        if any(isinstance(s, LexemeShim) and s.lacks_counts for s in node.shims)
    ]
    if not layers:
        return
    attrs = {node.attrs["features"].count_attr for node in layers}
    counts: dict[int, Counter[int]] = {attr: Counter() for attr in attrs}
    for doc in docs:
        for attr, counter in counts.items():
            counter.update(doc.to_array(attr).tolist())
    for node in layers:
        words, frequencies = sort_counts(counts[node.attrs["features"].count_attr])
        cast(LexemeShim, node.shims[0]).set_counts(words, frequencies)


def sort_counts(counts: Counter[int]) -> tuple[Tensor, Tensor]:
    words = numpy.array(list(counts), dtype=numpy.uint64).astype(numpy.int64)
    frequencies = numpy.array(list(counts.values()), dtype=numpy.int32)
    order = words.argsort()
    return torch.from_numpy(words[order]), torch.from_numpy(frequencies[order])
