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


def _use_one_torch_thread() -> None:
    """Keep a forked process off the threads of its parent, which do not exist in it.

    A parallel region of OpenMP that starts after a fork waits for such threads for
    ever, as in `nlp.pipe(n_process=2)`.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_use_one_torch_thread)

# Imported when they are first asked for, since they import torch and spaCy.
_LAZY = {"explain": ".attribution.explain", "render": ".attribution.render"}


def __dir__() -> list[str]:
    return [*globals(), *_LAZY]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name], __name__), name)
