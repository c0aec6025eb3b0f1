"""The inputs of a model, which can be scaled to see what its answer owes to them."""

from collections.abc import Callable
from typing import Any, cast

import numpy
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Model, Ops, to_numpy
from thinc.layers.chain import forward as chain
from thinc.types import Floats1d, Floats2d, Ints1d
from thinc.util import is_xp_array

from ..layers.ngrams import NAME as NGRAMS
from ..layers.ngrams import find_contributions, is_fitted


class ScaledInput:
    """Stands in for a layer that read a document, and gives what that gave, scaled.

    Its layer is called with as many documents as there are factors, the same one each
    time.

    ops (Ops): Where the values are.
    values (Floats2d): What the layer made of each token. *Shape:* (n_tokens, width)
    bias (Floats1d | None): For a layer that adds its tokens up, what it adds to that,
        unscaled; None for a layer that gives each token a row. *Shape:* (width,)
    """

    def __init__(
        self, ops: Ops, values: Floats2d, bias: Floats1d | None = None
    ) -> None:
        self.values = values
        self.bias = bias
        self.layer: Model = Model("scaled_input", self._forward, ops=ops)
        self.scale(numpy.zeros(0))

    def scale(self, factors: numpy.ndarray) -> None:
        """Set the factors, and forget the slopes.

        factors (numpy.ndarray): *Shape:* (n_factors,)
        """
        self.factors = factors
        self.slopes = numpy.zeros((len(factors), len(self.values)))

    def _forward(
        self, model: Model, docs: list[Doc], is_train: bool
    ) -> tuple[Any, Callable[[Any], list]]:
        factors = self.factors.astype("f")
        if self.bias is None:
            return [self.values * factor for factor in factors], self._backprop_tokens
        sums = model.ops.xp.outer(
            model.ops.asarray1f(cast(Floats1d, factors)), self.values.sum(axis=0)
        )
        return sums + self.bias, self._backprop_sums

    def _backprop_tokens(self, d_rows: list[Floats2d]) -> list:
        for i, gradient in enumerate(d_rows):
            self.slopes[i] += to_numpy((gradient * self.values).sum(axis=1))
        return []

    def _backprop_sums(self, gradient: Floats2d) -> list:
        self.slopes += to_numpy(gradient @ self.values.T)
        return []


def read_inputs(model: Model, doc: Doc) -> dict[Model, ScaledInput]:
    """Find the layers of a model that read a document, and what they make of it.

    Those are the `embed` blocks of its tok2vec, and bags of words and n-grams, where
    what an n-gram adds is shared by its tokens.

    model (Model): The model; it is not changed.
    doc (Doc): The document.
    RETURNS (dict[Model, ScaledInput]): What stands in for each layer.
    """
    inputs: dict[Model, ScaledInput] = {}
    for node in model.walk():
        embed = find_embed(node, doc)
        if embed is not None:
            inputs[embed] = ScaledInput(embed.ops, embed.predict([doc])[0])
        elif is_bag_of_words(node):
            inputs[node] = read_bag_of_words(node, doc)
        elif node.name == NGRAMS and is_fitted(node):
            inputs[node] = ScaledInput(node.ops, *find_contributions(node, doc))
    return inputs


def find_embed(node: Model, doc: Doc) -> Model | None:
    """Find the `embed` block of a tok2vec.

    node (Model): A layer that has such a block, or a tok2vec, as its own.
    doc (Doc): A document.
    RETURNS (Model | None): The block; None where there is none.
    """
    if node.has_ref("embed"):
        return node.get_ref("embed")
    if not node.has_ref("tok2vec"):
        return None
    tok2vec = node.get_ref("tok2vec")
    parts = list(tok2vec.walk())
    if any(
        part.has_ref("embed") or isinstance(part, Tok2VecListener) for part in parts
    ):
        return None
    return find_first_vectors(tok2vec, doc)


def find_first_vectors(tok2vec: Model, doc: Doc) -> Model | None:
    """Find what makes the first vector of each token in a tok2vec.

    That is the `embed` block also of a copy, as `nlp.replace_listeners` makes it, which
    doesn't name its blocks any more.

    tok2vec (Model): The tok2vec, or as in spaCy's `ner`, a chain that begins with it.
    doc (Doc): A document.
    RETURNS (Model | None): The layer; None where it is no chain of blocks.
    """
    while tok2vec._func is chain and not makes_vectors(tok2vec, doc):
        tok2vec = tok2vec.layers[0]
    if tok2vec._func is chain and makes_vectors(tok2vec.layers[0], doc):
        return tok2vec.layers[0]
    return None


def makes_vectors(layer: Model, doc: Doc) -> bool:
    output = layer.predict([doc])
    if not isinstance(output, list) or not is_xp_array(output[0]):
        return False
    return output[0].ndim == 2 and output[0].dtype.kind == "f"


def is_bag_of_words(node: Model) -> bool:
    return len(node.layers) == 2 and node.layers[0].name == "extract_ngrams"


def read_bag_of_words(node: Model, doc: Doc) -> ScaledInput:
    """Find what the tokens of a document add to each score of a bag of words.

    node (Model): The chain of spaCy's `extract_ngrams` and Thinc's `SparseLinear`.
    doc (Doc): The document.
    RETURNS (ScaledInput): What stands in for the chain.
    """
    ngrams, linear = node.layers
    unigrams = cast(Ints1d, doc.to_array([ngrams.attrs["attr"]]))
    (weights,) = (part for part in linear.walk() if part.has_param("W"))
    bias = cast(Floats1d, weights.get_param("b"))
    values = node.ops.alloc2f(len(doc), len(bias))
    for size in range(1, min(ngrams.attrs["ngram_size"], len(doc)) + 1):
        keys = unigrams if size == 1 else node.ops.ngrams(size, unigrams)
        ones = node.ops.alloc1f(len(keys)) + 1
        scores = linear.predict((keys, ones, ones.astype("int32"))) - bias
        for offset in range(size):
            values[offset : offset + len(keys)] += scores / size
    return ScaledInput(node.ops, values, bias)
