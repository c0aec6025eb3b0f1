"""Recurrent networks for spaCy."""

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .attribution.explain import explain
    from .attribution.render import render

__all__ = ["explain", "render"]
__version__ = "0.2.0"

# Set this environment variable to 1 to leave the number of threads alone.
KEEP_THREADS = "SPACY_LSTM_KEEP_THREADS_AFTER_FORK"


def _use_one_torch_thread() -> None:
    """Use one torch thread in forked processes, as in `nlp.pipe(n_process=2)`.

    OpenMP would wait forever for the threads of the parent, which don't exist there.
    """
    torch = sys.modules.get("torch")
    if torch is not None and os.environ.get(KEEP_THREADS, "") in ("", "0"):
        torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_use_one_torch_thread)

# Imported on first use, since they import torch and spaCy.
_LAZY = {"explain": ".attribution.explain", "render": ".attribution.render"}


def __dir__() -> list[str]:
    return [*globals(), *_LAZY]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name], __name__), name)
