"""Recurrent networks for spaCy."""

import os
import sys

__version__ = "0.1.0"


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
