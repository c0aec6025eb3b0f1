"""Data augmentation that preserves annotations."""

from .casing import Casing
from .chain import Chain
from .mention_replacement import MentionReplacement
from .typos import Typos
from .word_dropout import WordDropout
from .word_replacement import WordReplacement
from .word_swap import WordSwap

__all__ = [
    "Casing",
    "Chain",
    "MentionReplacement",
    "Typos",
    "WordDropout",
    "WordReplacement",
    "WordSwap",
]
