"""Compute once per distinct word, and gather per token."""

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
from .lexeme_cache import LexemeCache
from .lexeme_features import Features, find_distinct, read_attributes
from .shim import TorchShim
from .torch_layer import flatten, split

Docs = list[Doc]
NAME = "spacy-lstm.LexemeEmbed.v1"


class LexemeShim(TorchShim):
    """Holds a module of words' vectors, and vectors that it made.

    Every change of the weights begins a new cache; a thread that still computes with
    the old weights adds to the old one.

    build (Callable[..., LexemeEncoder]): Makes the module from its sizes.
    name (str): Name of the layer in error messages.
    cache_size (int): Number of words that are kept.
    """

    def __init__(
        self, build: Callable[..., LexemeEncoder], name: str, cache_size: int = 0
    ) -> None:
        super().__init__(build, name)
        self.cache = LexemeCache(cache_size)
        self.counts: tuple[Tensor, Tensor] | None = None

    def weights_changed(self) -> None:
        """Forget the vectors that the old weights made."""
        self.cache = LexemeCache(self.cache.size)

    def cache_for(self, source: Any) -> LexemeCache:
        """Find the cache of vectors that were made with these static vectors.

        source (Any): The static vectors, or None without such.
        RETURNS (LexemeCache): The cache, a new one where these are others than before.
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
        """RETURNS (bool): Whether the module takes rare words for unknown, but doesn't
        know which are rare.
        """
        module = cast(LexemeEncoder | None, self._model)
        if module is None or not module.unknown_rate:
            return False
        return not len(module.words)

    def set_counts(self, words: Tensor, counts: Tensor) -> None:
        """Say how often each word occurs in the training data.

        words (Tensor): What identifies them, ascending. *Shape:* (n_words,)
        counts (Tensor): *Shape:* (n_words,)
        """
        module = cast(LexemeEncoder, self.module)
        module.set_counts(words.to(self.device), counts.to(self.device))
        self.cfg["n_words"] = len(words)
        self.counts = words, counts
        self.weights_changed()

    def learn_words(self, words: Tensor) -> None:
        """Prepare for a batch of training.

        Words that were not counted, as in texts that came after initialization, count
        as seen once. Counts that weights of `spacy pretrain` lacked are set again.

        words (Tensor): What identifies the words of the batch. *Shape:* (n_words,)
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
    """Make a layer of words' vectors that computes each distinct word once.

    build (Callable[..., LexemeEncoder]): Makes the module from the width of the static
        vectors and the number of counted words.
    features (Features): What the module reads of a word.
    nO (int): Width of a vector.
    cache_size (int): Number of words whose vectors are kept in prediction.
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

    return split(Y, lengths), backprop


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
    lexemes = features.read(values[first], docs_of(docs, first), shim.device)
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
        places = first[new]
        in_docs = docs_of(docs, places)
        return shim.predict(features.read(values[places], in_docs, shim.device))

    source = getattr(vocab.vectors, "data", vocab.vectors) if features.vectors else None
    vectors = look_up(shim.cache_for(source), words, compute)
    tokens = vectors.index_select(0, positions.to(shim.device))
    return torch2xp(tokens, ops=model.ops), lambda dY: None


def docs_of(docs: Docs, places: numpy.ndarray) -> Docs:
    """Find the documents of tokens.

    docs (List[Doc]): The batch.
    places (numpy.ndarray): Places of tokens in it. *Shape:* (n_words,)
    RETURNS (List[Doc]): The document of each.
    """
    ends = numpy.cumsum([len(doc) for doc in docs])
    return [docs[i] for i in numpy.searchsorted(ends, places, side="right")]


def look_up(
    cache: LexemeCache, words: list[int], compute: Callable[[numpy.ndarray], Tensor]
) -> Tensor:
    """Take words' vectors from the cache, after computing those that are not in it.

    cache (LexemeCache): The cache.
    words (list[int]): What identifies the words, each once.
    compute (Callable[[numpy.ndarray], Tensor]): Makes the vectors of some of them, by
        their numbers.
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
    """Count the words of the training data for each such layer that has no counts yet.

    model (Model): The layer, or a network that contains it.
    docs (Iterable[Doc]): The documents; they are not read where there is no need to.
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
