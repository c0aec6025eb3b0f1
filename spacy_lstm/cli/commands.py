"""All commands of `spacy lstm`, which importing them registers.

What is heavy is imported when a command runs, so that `spacy --help` stays fast.
"""

from . import convert, crossval, explain, info, init_config, plot, report
from .app import app

__all__ = [
    "app",
    "convert",
    "crossval",
    "explain",
    "info",
    "init_config",
    "plot",
    "report",
]
