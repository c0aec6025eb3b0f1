"""Text classification over recurrent encoders."""

from functools import partial

from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Linear, Model, add, chain, resizable
from thinc.layers.resizable import resize_linear_weighted, resize_model
from thinc.types import Floats2d

from ..errors import Errors
from ..layers.probabilities import probabilities
from ..layers.skip_empty import skip_empty
from ..layers.torch_layer import torch_layer
from ..modules.pooling import POOLINGS, Pooling
from .checks import check_rates

NAME = "spacy-lstm.TextCatRNN.v1"
# A label that is added to a trained model starts out as improbable as this, so that
# the other labels keep their probabilities, and can still be learned.
LOGIT_OF_NEW_LABEL = -10.0


def build_textcat_rnn(
    tok2vec: Model[list[Doc], list[Floats2d]],
    exclusive_classes: bool,
    pooling: str | list[str] = "attention",
    dropout: float | None = None,
    ngram_size: int | None = None,
    length: int = 262144,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """Make a text classifier that pools the vectors of a document's tokens.

    tok2vec (Model[List[Doc], List[Floats2d]]): Gives a vector for each token.
    exclusive_classes (bool): Whether exactly one label is right (softmax) or any
        number of them (logistic function).
    pooling (str | list[str]): "attention", "max", "mean" or "last", or several of
        them, whose results are joined.
    dropout (float | None): Rate of dropout before the output layer, or null for that
        of [training].
    ngram_size (int | None): Longest n-gram of a linear bag of words beside the
        network, summed with it at the logits; null for none.
    length (int): Number of weights per label of the bag of words, as in
        `spacy.TextCatBOW.v3`.
    nO (int | None): Number of labels; set by the component.
    RETURNS (Model[List[Doc], Floats2d]): The classifier.
        *Shape* of its output: (n_docs, n_labels)
    RAISES (ValueError): If an argument makes no sense.
    """
    kinds = [pooling] if isinstance(pooling, str) else list(pooling)
    if not kinds or len(set(kinds)) < len(kinds) or not set(kinds) <= set(POOLINGS):
        raise ValueError(
            Errors.L004.format(name=NAME, pooling=pooling, known=list(POOLINGS))
        )
    check_rates(NAME, dropout=dropout)
    if ngram_size is not None and ngram_size < 1:
        raise ValueError(Errors.L006.format(name=NAME, ngram_size=ngram_size))
    if length < 1:
        raise ValueError(Errors.L010.format(name=NAME, length=length))

    pool = torch_layer(
        "pooling",
        partial(make_pooling, kinds=kinds, dropout=dropout),
        nI=tok2vec.maybe_get_dim("nO"),
        per_token=False,
    )
    new_label = {"W": 0.0, "b": LOGIT_OF_NEW_LABEL}
    output: Model[Floats2d, Floats2d] = resizable(
        Linear(nO),
        resize_layer=partial(resize_linear_weighted, fill_defaults=new_label),
    )
    logits: Model[list[Doc], Floats2d] = chain(tok2vec, pool, output)
    if ngram_size is not None:
        build_bag_of_words = registry.get("architectures", "spacy.TextCatBOW.v3")
        bag_of_words = build_bag_of_words(
            exclusive_classes=exclusive_classes,
            ngram_size=ngram_size,
            no_output_layer=True,
            length=length,
            nO=nO,
        )
        logits = add(logits, skip_empty(bag_of_words))
    model = chain(logits, probabilities(exclusive_classes))
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", output.layers[0])
    if nO is not None:
        model.set_dim("nO", nO)
    model.attrs["multi_label"] = not exclusive_classes
    model.attrs["resize_output"] = resize_output
    return model


def make_pooling(nI: int, *, kinds: list[str], dropout: float | None) -> Pooling:
    return Pooling(nI, kinds, dropout)


def resize_output(
    model: Model[list[Doc], Floats2d], nO: int
) -> Model[list[Doc], Floats2d]:
    """Make room for new labels in a classifier.

    model (Model[List[Doc], Floats2d]): The classifier, which is changed.
    nO (int): Its new number of labels.
    RETURNS (Model[List[Doc], Floats2d]): The same classifier.
    """
    output_layers: dict[int, Model] = {}
    for node in list(model.walk(order="dfs_post")):
        if "resize_layer" in node.attrs:
            output_layers[node.id] = resize_model(node, nO).layers[0]
        for layer in reversed(node.layers):
            if layer.id in output_layers:
                output_layers[node.id] = output_layers[layer.id]
        if node.id in output_layers:
            node.set_dim("nO", nO, force=True)
            if "output_layer" in node.ref_names:
                node.set_ref("output_layer", output_layers[node.id])
    return model
