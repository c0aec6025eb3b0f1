"""The components."""

from .morphologizer import LSTMMorphologizer
from .ner import LSTMEntityRecognizer
from .tagger import LSTMTagger
from .textcat import LSTMTextCategorizer
from .textcat_multilabel import LSTMMultiLabelTextCategorizer

__all__ = [
    "LSTMEntityRecognizer",
    "LSTMMorphologizer",
    "LSTMMultiLabelTextCategorizer",
    "LSTMTagger",
    "LSTMTextCategorizer",
]
