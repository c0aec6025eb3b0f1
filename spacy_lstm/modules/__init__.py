"""PyTorch modules. They don't depend on spaCy or Thinc."""

from .crf.crf import CRF
from .crf.tag_scheme import TAG_SCHEMES, Entity, TagScheme
from .embeddings.lexeme_encoder import LexemeEncoder, Lexemes
from .embeddings.ngram_embedding import NgramEmbedding
from .emission import Emission
from .ngrams import NgramClassifier, NgramCounts
from .pooling import AttentionPooling, Pooling
from .recurrent.dropout import Dropout
from .recurrent.regularization import Penalties
from .recurrent.rnn import RNN

__all__ = [
    "CRF",
    "RNN",
    "TAG_SCHEMES",
    "AttentionPooling",
    "Dropout",
    "Emission",
    "Entity",
    "LexemeEncoder",
    "Lexemes",
    "NgramClassifier",
    "NgramCounts",
    "NgramEmbedding",
    "Penalties",
    "Pooling",
    "TagScheme",
]
