"""Word embeddings."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from spacy.attrs import IDS, LOWER, NORM, ORTH, intify_attr
from spacy.tokens import Doc
from thinc.api import Model, concatenate
from thinc.types import Floats2d

from ..errors import Errors
from ..layers.lexeme_features import Features
from ..layers.lexemes import NAME, lexeme_embed
from ..layers.ngram_embed import NAME as NGRAM_EMBED
from ..layers.ngram_embed import ngram_embed
from ..modules.embeddings.char_encoder import CHARS
from ..modules.embeddings.lexeme_encoder import LexemeEncoder
from ..modules.embeddings.ngram_embedding import NgramEmbedding
from .checks import (
    MAX_NGRAM_SIZE,
    MAX_ROWS,
    MAX_WIDTH,
    check_choice,
    check_rates,
    check_size,
    is_count,
    is_number,
)

IDENTIFYING = {"ORTH": ORTH, "LOWER": LOWER, "NORM": NORM}


def build_lexeme_embed(
    width: int,
    attrs: list[str | int],
    rows: list[int],
    include_static_vectors: bool = False,
    chars: str | None = None,
    char_width: int = 64,
    unknown_rate: float = 0.0,
    rare_count: int = 2,
    dropout: float | None = None,
    cache_size: int = 20000,
) -> Model[list[Doc], list[Floats2d]]:
    """Make an embedding of lexemes, for the `embed` block of a `spacy.Tok2Vec.v2`.

    Embeds each distinct word of a batch once. Concatenates the embeddings of its
    attributes and characters and its static vector, and mixes them with a maxout layer,
    as in `spacy.MultiHashEmbed.v2`.

    width (int): Width of the word vectors and of each table.
    attrs (list[str | int]): Token attributes to embed, each in its own hash embedding.
    rows (list[int]): Number of rows of each attribute's table.
    include_static_vectors (bool): Whether to also use static vectors, through a trained
        projection.
    chars (str | None): The character encoder: "cnn" (Ma & Hovy 2016), "lstm" (Lample et
        al. 2016), or null to ignore characters. Words of more than 40 characters are
        cut to the first 20 and the last 20.
    char_width (int): Width of the character encoding.
    unknown_rate (float): Rate at which training replaces rare words by the unknown
        word. All unknown words share the embeddings of ORTH, LOWER and NORM. In
        prediction, words that are not in the training data are unknown.
    rare_count (int): Maximum count of a rare word in the training data.
    dropout (float | None): Dropout rate of the result, or null for the rate in
        [training].
    cache_size (int): Maximum number of words whose vectors are cached in prediction,
        until the weights change; 0 to disable. Changing static vectors in place does
        not clear the cache.
    RETURNS (Model[List[Doc], List[Floats2d]]): The embedding. *Shape* of its output for
        each document: (n_tokens, width)
    RAISES (ValueError): If an argument is invalid, or arguments are inconsistent.
    """
    attr_ids = get_attr_ids(attrs)
    check_rows(attrs, rows)
    check_size(NAME, "width", width, 1, MAX_WIDTH)
    check_size(NAME, "char_width", char_width, 2, MAX_WIDTH)
    check_size(NAME, "rare_count", rare_count, 1)
    check_size(NAME, "cache_size", cache_size, 0)
    check_choice(NAME, "chars", chars, [None, *CHARS])
    check_rates(NAME, dropout=dropout)
    if not is_number(unknown_rate) or not 0 <= unknown_rate < 1:
        raise ValueError(Errors.L044.format(name=NAME, rate=unknown_rate))
    if not attrs and not chars and not include_static_vectors:
        raise ValueError(Errors.L040.format(name=NAME))
    identifying = [attr in IDENTIFYING.values() for attr in attr_ids]
    if unknown_rate and not any(identifying):
        message = Errors.L039.format(
            name=NAME, rate=unknown_rate, attrs=attrs, known=list(IDENTIFYING)
        )
        raise ValueError(message)
    build = partial(
        make_encoder,
        width=width,
        rows=rows,
        identifying=identifying,
        chars=chars,
        char_width=char_width,
        unknown_rate=unknown_rate,
        rare_count=rare_count,
        dropout=dropout,
    )
    features = Features(
        tuple(attr_ids),
        tuple(rows),
        count_attr=attr_ids[identifying.index(True)] if any(identifying) else ORTH,
        chars=chars is not None,
        vectors=include_static_vectors,
    )
    return lexeme_embed(build, features, nO=width, cache_size=cache_size)


def build_ngram_embed(
    embed: Model[list[Doc], list[Floats2d]],
    width: int,
    rows: int,
    ngram_size: int = 2,
    attr: str | int = "NORM",
    dropout: float | None = None,
) -> Model[list[Doc], list[Floats2d]]:
    """Add n-gram embeddings to the `embed` block of a `spacy.Tok2Vec.v2`.

    Concatenates the vector of each token with a hash embedding of the n-gram ending at
    it. Useful if tokens are characters, as in Chinese.

    embed (Model[List[Doc], List[Floats2d]]): The embedding of single tokens.
    width (int): Width of the n-gram vectors.
    rows (int): Number of rows of the n-gram table.
    ngram_size (int): Number of tokens per n-gram.
    attr (str | int): Token attribute to hash.
    dropout (float | None): Dropout rate of the n-gram vectors, or null for the rate in
        [training].
    RETURNS (Model[List[Doc], List[Floats2d]]): The embedding. *Shape* of its output for
        each document: (n_tokens, width of `embed` + width)
    RAISES (ValueError): If an argument is invalid.
    """
    check_size(NGRAM_EMBED, "width", width, 1, MAX_WIDTH)
    check_size(NGRAM_EMBED, "rows", rows, 1, MAX_ROWS)
    check_size(NGRAM_EMBED, "ngram_size", ngram_size, 2, MAX_NGRAM_SIZE)
    (attr_id,) = get_attr_ids([attr], NGRAM_EMBED)
    check_rates(NGRAM_EMBED, dropout=dropout)
    build = partial(NgramEmbedding, width=width, dropout=dropout)
    ngrams = ngram_embed(build, attr=attr_id, size=ngram_size, rows=rows, nO=width)
    # Thinc would extend a first argument that is a `concatenate` layer itself.
    model: Model[list[Doc], list[Floats2d]] = concatenate(ngrams, embed)
    embed_width = embed.maybe_get_dim("nO")
    if embed_width is not None:
        model.set_dim("nO", embed_width + width)
    return model


def make_encoder(vector_width: int, n_words: int, **settings: Any) -> LexemeEncoder:
    return LexemeEncoder(vector_width=vector_width, n_words=n_words, **settings)


def get_attr_ids(attrs: Sequence[str | int], name: str = NAME) -> list[int]:
    if isinstance(attrs, str) or not isinstance(attrs, Sequence):
        raise ValueError(Errors.L019.format(name=name, attrs=attrs))
    for attr in attrs:
        is_known = isinstance(attr, str) and attr.upper() in IDS
        is_number = isinstance(attr, int) and attr in IDS.values()
        if not attr or not (is_known or is_number) or isinstance(attr, bool):
            raise ValueError(Errors.L036.format(name=name, attr=attr))
    attr_ids = [intify_attr(attr) for attr in attrs]
    if len(set(attr_ids)) < len(attr_ids):
        raise ValueError(Errors.L019.format(name=name, attrs=attrs))
    return attr_ids


def check_rows(attrs: Sequence[str | int], rows: Sequence[int]) -> None:
    if not isinstance(rows, Sequence) or not all(is_count(n, MAX_ROWS) for n in rows):
        raise ValueError(Errors.L037.format(name=NAME, rows=rows))
    if len(rows) != len(attrs):
        message = Errors.L035.format(name=NAME, n_attrs=len(attrs), n_rows=len(rows))
        raise ValueError(message)
