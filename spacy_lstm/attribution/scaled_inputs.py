"""Replacements for the input layers of a model, whose output can be scaled."""

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
    """Replaces an input layer and returns its output for a document, scaled.

    The layer is called with as many copies of the document as there are factors.

    ops (Ops): The ops of the original layer.
    values (Floats2d): The output of the original layer. *Shape:* (n_tokens, width)
    bias (Floats1d | None): For a layer that sums over tokens, its bias, which is not
        scaled. None for a layer that returns a row for each token. *Shape:* (width,)
    """

    def __init__(
        self, ops: Ops, values: Floats2d, bias: Floats1d | None = None
    ) -> None:
        self.values = values
        self.bias = bias
        self.layer: Model = Model("scaled_input", self._forward, ops=ops)
        self.scale(numpy.zeros(0))

    def scale(self, factors: numpy.ndarray) -> None:
        """Set the factors and reset the gradients.

        factors (numpy.ndarray): The factors. *Shape:* (n_factors,)
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
    """Find the input layers of a model and their outputs for a document.

    Input layers are the `embed` blocks of tok2vec models, bags of words and n-gram
    layers. The contribution of an n-gram is divided between its tokens.

    model (Model): The model, which is not modified.
    doc (Doc): The document.
    RETURNS (dict[Model, ScaledInput]): The replacement of each input layer.
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

    node (Model): A layer with a reference to an `embed` block or a tok2vec.
    doc (Doc): A document.
    RETURNS (Model | None): The block, or None if there is none.
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
    """Find the first layer of a tok2vec that returns token vectors.

    This is the `embed` block, even in a copy made by `nlp.replace_listeners`, which has
    no references to its blocks.

    tok2vec (Model): The tok2vec, or a chain that starts with it, as in spaCy's `ner`.
    doc (Doc): A document.
    RETURNS (Model | None): The layer, or None if the tok2vec is not a chain.
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
    """Calculate the contribution of each token to the scores of a bag of words.

    node (Model): A chain of spaCy's `extract_ngrams` and Thinc's `SparseLinear`.
    doc (Doc): The document.
    RETURNS (ScaledInput): The replacement of the chain.
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
