"""The components."""

from .morphologizer import LSTMMorphologizer
from .tagger import LSTMTagger
from .textcat import LSTMTextCategorizer
from .textcat_multilabel import LSTMMultiLabelTextCategorizer

__all__ = [
    "LSTMMorphologizer",
    "LSTMMultiLabelTextCategorizer",
    "LSTMTagger",
    "LSTMTextCategorizer",
]
