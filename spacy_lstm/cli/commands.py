"""Registers all `spacy lstm` commands when imported.

Commands import slow modules when they run, so that `spacy --help` stays fast.
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
