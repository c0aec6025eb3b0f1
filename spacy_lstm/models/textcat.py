"""Text classifiers on top of recurrent encoders."""

from functools import partial

from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Linear, Model, add, chain, resizable
from thinc.layers.resizable import resize_linear_weighted, resize_model
from thinc.types import Floats2d

from ..errors import Errors
from ..layers.logit_sum import logit_sum
from ..layers.ngram_features import NgramSettings
from ..layers.ngrams import NAME as NGRAMS
from ..layers.ngrams import ngram_classifier
from ..layers.probabilities import probabilities
from ..layers.skip_empty import skip_empty
from ..layers.torch_layer import torch_layer
from ..modules.pooling import POOLINGS, Pooling
from .checks import MAX_NGRAM_SIZE, check_outputs, check_rates, check_size

NAME = "spacy-lstm.TextCatRNN"
# Labels added to a trained model start with a low probability, so that the other labels
# keep their probabilities. It is large enough to be learned.
NEW_LABEL_BIAS = -10.0
MAX_BUCKETS = 2**24

Tok2Vec = Model[list[Doc], list[Floats2d]]
TextCat = Model[list[Doc], Floats2d]


def build_textcat_rnn(
    tok2vec: Tok2Vec,
    exclusive_classes: bool,
    pooling: str | list[str] = "attention",
    dropout: float | None = None,
    linear_model: TextCat | None = None,
    nO: int | None = None,
) -> TextCat:
    """Make a text classifier that pools token vectors.

    tok2vec (Model[List[Doc], List[Floats2d]]): The token vectors.
    exclusive_classes (bool): Whether labels are mutually exclusive (softmax) or
        independent (logistic function).
    pooling (str | list[str]): "attention", "max", "mean" or "last", or several of them
        to concatenate.
    dropout (float | None): Dropout rate before the output layer, or null for the rate
        in [training].
    linear_model (Model[List[Doc], Floats2d] | None): A `spacy-lstm.TextCatNgrams.v1`,
        or null for none. It is fitted separately when the component is initialized. Its
        logits are added to those of the network in prediction.
    nO (int | None): Number of labels, set by the component.
    RETURNS (Model[List[Doc], Floats2d]): The classifier.
        *Shape* of its output: (n_docs, n_labels)
    RAISES (ValueError): If an argument is invalid.
    """
    if linear_model is not None and linear_model.name != NGRAMS:
        raise ValueError(Errors.L112.format(name=NAME, found=linear_model.name))
    output, logits = pool_and_score(tok2vec, pooling, dropout, nO)
    if linear_model is not None:
        logits = logit_sum(logits, linear_model, exclusive_classes)
    return make_classifier(tok2vec, output, logits, exclusive_classes, nO)


def build_textcat_rnn_v1(
    tok2vec: Tok2Vec,
    exclusive_classes: bool,
    pooling: str | list[str] = "attention",
    dropout: float | None = None,
    ngram_size: int | None = None,
    length: int = 262144,
    nO: int | None = None,
) -> TextCat:
    """Make the text classifier of version 0.1, with a trained bag of words.

    Arguments and result are those of `build_textcat_rnn`, except for:

    ngram_size (int | None): Maximum n-gram size of a `spacy.TextCatBOW.v3` to train
        together with the network, or null for none.
    length (int): Number of weights per label of the bag of words.
    """
    if ngram_size is not None:
        check_size(NAME, "ngram_size", ngram_size, 1, MAX_NGRAM_SIZE)
    check_size(NAME, "length", length, 1, MAX_BUCKETS)
    output, logits = pool_and_score(tok2vec, pooling, dropout, nO)
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
    return make_classifier(tok2vec, output, logits, exclusive_classes, nO)


def pool_and_score(
    tok2vec: Tok2Vec, pooling: str | list[str], dropout: float | None, nO: int | None
) -> tuple[Model[Floats2d, Floats2d], TextCat]:
    kinds = [pooling] if isinstance(pooling, str) else list(pooling)
    if not kinds or len(set(kinds)) < len(kinds) or not set(kinds) <= set(POOLINGS):
        raise ValueError(
            Errors.L004.format(name=NAME, pooling=pooling, known=list(POOLINGS))
        )
    check_rates(NAME, dropout=dropout)
    check_outputs(NAME, nO)
    pool = torch_layer(
        "pooling",
        partial(make_pooling, kinds=kinds, dropout=dropout),
        nI=tok2vec.maybe_get_dim("nO"),
        per_token=False,
    )
    new_label = {"W": 0.0, "b": NEW_LABEL_BIAS}
    output: Model[Floats2d, Floats2d] = resizable(
        Linear(nO),
        resize_layer=partial(resize_linear_weighted, fill_defaults=new_label),
    )
    return output, chain(tok2vec, pool, output)


def make_classifier(
    tok2vec: Tok2Vec,
    output: Model[Floats2d, Floats2d],
    logits: TextCat,
    exclusive_classes: bool,
    nO: int | None,
) -> TextCat:
    model: TextCat = chain(logits, probabilities(exclusive_classes))
    model.set_ref("logits", logits)
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", output.layers[0])
    if nO is not None:
        model.set_dim("nO", nO)
    model.attrs["multi_label"] = not exclusive_classes
    model.attrs["resize_output"] = resize_output
    return model


def build_textcat_ngrams(
    ngram_size: int = 3,
    min_chars: int = 3,
    max_chars: int = 6,
    min_df: int = 2,
    length: int = 1048576,
    max_docs: int = 50000,
) -> TextCat:
    """Make a linear n-gram classifier, for the `linear_model` of a text classifier.

    Lowercases word n-grams, and character n-grams within words of at least two
    characters, and weights them by TF-IDF. `lstm_textcat` and `lstm_textcat_multilabel`
    fit a logistic regression to them on initialization.

    ngram_size (int): Maximum size of word n-grams.
    min_chars (int): Minimum size of character n-grams, which include a space before and
        after the word.
    max_chars (int): Maximum size of character n-grams; 0 for none.
    min_df (int): Minimum document frequency of an n-gram in the training data.
    length (int): Number of hash buckets for word n-grams, and for character n-grams.
    max_docs (int): Maximum number of documents to fit to. Larger training data is
        sampled.
    RETURNS (Model[List[Doc], Floats2d]): The linear classifier.
        *Shape* of its output: (n_docs, n_labels)
    RAISES (ValueError): If an argument is invalid.
    """
    check_size(NGRAMS, "ngram_size", ngram_size, 1, MAX_NGRAM_SIZE)
    check_size(NGRAMS, "max_chars", max_chars, 0, MAX_NGRAM_SIZE)
    check_size(NGRAMS, "min_chars", min_chars, 1, MAX_NGRAM_SIZE)
    if 0 < max_chars < min_chars:
        raise ValueError(
            Errors.L119.format(name=NGRAMS, smallest=min_chars, largest=max_chars)
        )
    check_size(NGRAMS, "min_df", min_df, 1)
    check_size(NGRAMS, "length", length, 1, MAX_BUCKETS)
    check_size(NGRAMS, "max_docs", max_docs, 1)
    ngrams = NgramSettings(ngram_size, min_chars, max_chars, length)
    return ngram_classifier(ngrams, min_df, max_docs)


def make_pooling(nI: int, *, kinds: list[str], dropout: float | None) -> Pooling:
    return Pooling(nI, kinds, dropout)


def resize_output(model: TextCat, nO: int) -> TextCat:
    """Resize a text classifier in place for new labels.

    model (Model[List[Doc], Floats2d]): The classifier.
    nO (int): The new number of labels.
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
