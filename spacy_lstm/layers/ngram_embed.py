"""A layer that embeds the n-gram ending at each token."""

from collections.abc import Callable
from typing import Any, cast

import numpy
import torch
from spacy.tokens import Doc
from thinc.api import Model, torch2xp, xp2torch
from thinc.types import Floats2d

from ..modules.embeddings.ngram_embedding import NgramEmbedding
from .doc_views import DocViews, flatten
from .lexeme_features import hash_rows, read_attributes
from .ngram_features import mix
from .shim import TorchShim

NAME = "spacy-lstm.NgramEmbed.v1"
SEED = 5


def ngram_embed(
    build: Callable[..., NgramEmbedding], *, attr: int, size: int, rows: int, nO: int
) -> Model[list[Doc], list[Floats2d]]:
    """Make a layer that embeds the n-gram ending at each token.

    build (Callable[..., NgramEmbedding]): Makes the module.
    attr (int): Token attribute to hash.
    size (int): Number of tokens per n-gram; fewer at the beginning of a document.
    rows (int): Number of rows of the table.
    nO (int): Width of the vectors.
    RETURNS (Model[List[Doc], List[Floats2d]]): The layer.
    """
    return Model(
        "ngram_embed",
        forward,
        init=init,
        dims={"nO": nO},
        attrs={"attr": attr, "size": size, "rows": rows, "dropout_rate": 0.0},
        shims=[TorchShim(build, NAME)],
    )


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    cast(TorchShim, model.shims[0]).make_module(n_rows=model.attrs["rows"])


def forward(
    model: Model, docs: list[Doc], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Doc]]]:
    shim = cast(TorchShim, model.shims[0])
    lengths = [len(doc) for doc in docs]
    if not sum(lengths):
        empty = model.ops.alloc2f(0, model.get_dim("nO"))
        return [empty for _ in docs], lambda dY: []
    keys = hash_ngrams(docs, model.attrs["attr"], model.attrs["size"])
    rows = torch.from_numpy(hash_rows(keys, SEED, model.attrs["rows"])).to(shim.device)
    if is_train:
        outputs, backprop_module = shim.begin_update(rows, model.attrs["dropout_rate"])
    else:
        outputs = shim.predict(rows)

    def backprop(dY: list[Floats2d]) -> list[Doc]:
        backprop_module(xp2torch(flatten(model, dY), device=shim.device))
        return []

    Y = torch2xp(outputs.detach(), ops=model.ops)
    return DocViews(Y, lengths), backprop


def hash_ngrams(docs: list[Doc], attr: int, size: int) -> numpy.ndarray:
    """Hash the n-gram ending at each token.

    docs (List[Doc]): The documents.
    attr (int): Token attribute to hash.
    size (int): Number of tokens per n-gram; fewer at the beginning of a document.
    RETURNS (numpy.ndarray): *Shape:* (n_tokens,)
    """
    words = read_attributes(docs, [attr])[:, 0]
    offsets = numpy.concatenate([numpy.arange(len(doc)) for doc in docs])
    hashes = mix(numpy.zeros_like(words), words)
    for distance in range(1, size):
        previous = numpy.roll(words, distance)
        hashes = numpy.where(offsets >= distance, mix(hashes, previous), hashes)
    return hashes
