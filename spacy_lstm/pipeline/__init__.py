"""The components."""

from .textcat import LSTMTextCategorizer
from .textcat_multilabel import LSTMMultiLabelTextCategorizer

__all__ = ["LSTMMultiLabelTextCategorizer", "LSTMTextCategorizer"]
