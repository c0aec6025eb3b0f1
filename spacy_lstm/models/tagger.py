"""Tagging over recurrent encoders."""

from functools import partial

from spacy.tokens import Doc
from thinc.api import Model, chain
from thinc.types import Floats2d

from ..layers.softmax import softmax
from ..layers.torch_layer import torch_layer
from ..modules.emission import Emission
from .checks import check_outputs

NAME = "spacy-lstm.Tagger.v1"


def build_tagger(
    tok2vec: Model[list[Doc], list[Floats2d]],
    nO: int | None = None,
    normalize: bool = False,
) -> Model[list[Doc], list[Floats2d]]:
    """Make a tagger that scores the labels of each token with a linear layer.

    Replaces `spacy.Tagger.v2`, also in spaCy's own components.

    tok2vec (Model[List[Doc], List[Floats2d]]): The network that embeds the tokens.
    nO (int | None): Number of labels; set by the component.
    normalize (bool): Whether to predict probabilities rather than logits.
    RETURNS (Model[List[Doc], List[Floats2d]]): The tagger. *Shape* of its output for
        each document: (n_tokens, n_labels)
    """
    check_outputs(NAME, nO)
    emission = emission_over(tok2vec, nO)
    model: Model[list[Doc], list[Floats2d]] = chain(
        tok2vec, emission, softmax(normalize)
    )
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("softmax", emission)
    model.set_ref("output_layer", emission)
    return model


def emission_over(
    tok2vec: Model[list[Doc], list[Floats2d]], nO: int | None, first_bias: float = 0.0
) -> Model[list[Floats2d], list[Floats2d]]:
    """Make the linear layer that scores the labels of each token.

    tok2vec (Model[List[Doc], List[Floats2d]]): The network that embeds the tokens.
    nO (int | None): Number of labels, if known beforehand.
    first_bias (float): Initial bias of the first label.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The layer. *Shape* of its output
        for each document: (n_tokens, n_labels)
    """
    return torch_layer(
        "emission",
        partial(make_emission, first_bias=first_bias),
        nO=nO,
        nI=tok2vec.maybe_get_dim("nO"),
        sizes=["nI", "nO"],
    )


def make_emission(nI: int, nO: int, *, first_bias: float) -> Emission:
    return Emission(nI, nO, first_bias)
