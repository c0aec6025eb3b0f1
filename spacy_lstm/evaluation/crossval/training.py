"""Training and scoring of one fold."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from spacy.cli._util import setup_gpu
from spacy.training import Corpus
from spacy.training.loop import DIR_MODEL_BEST, DIR_MODEL_LAST
from spacy.util import load_model
from thinc.api import fix_random_seed

from .configs import load_code
from .processes import FailedCommand, run_spacy
from .results import Fingerprint, write_scores

TRAIN, DEV, TEST = "train.spacy", "dev.spacy", "test.spacy"
CONFIG, LOG = "config.cfg", "training.log"


@dataclass(frozen=True)
class TrainFold:
    """Task that trains and scores a fold.

    folder (Path): Folder with config.cfg, train.spacy, dev.spacy and test.spacy. The
        task adds training.log, model-best and scores.json.
    fingerprint (dict[str, Any]): The fingerprint to write with the scores.
    code (Path | None): Python file with registered functions that the config uses.
    gpu_id (int): GPU ID, or -1 for CPU.
    """

    folder: Path
    fingerprint: Fingerprint
    code: Path | None
    gpu_id: int

    def __call__(self) -> None:
        """Train and score in this process, and redirect its output to the log."""
        with (self.folder / LOG).open("w", encoding="utf8") as log:
            for stream in (sys.stdout, sys.stderr):
                os.dup2(log.fileno(), stream.fileno())
        self.train()
        self.score()

    def train(self) -> None:
        """Run `spacy train` on config.cfg.

        RAISES (FailedCommand): If it fails, with the error in the log.
        """
        code = ["--code", str(self.code)] if self.code is not None else []
        arguments = [str(self.folder / CONFIG), "--output", str(self.folder), *code]
        exit_code = run_spacy("train", *arguments, "--gpu-id", str(self.gpu_id))
        if exit_code < 0:
            raise FailedCommand(f"its process ended with exit code {exit_code}")
        if exit_code:
            log = (self.folder / LOG).read_text("utf8", errors="replace")
            raise FailedCommand(find_error(log))

    def score(self) -> None:
        """Score the best model on test.spacy and remove the last one."""
        load_code(self.code)
        setup_gpu(self.gpu_id)
        fix_random_seed()
        nlp = load_model(self.folder / DIR_MODEL_BEST)
        scores = nlp.evaluate(list(Corpus(self.folder / TEST)(nlp)))
        write_scores(self.folder, self.fingerprint, scores)
        shutil.rmtree(self.folder / DIR_MODEL_LAST)


def find_error(log: str) -> str:
    """Find the error that a command ended with.

    log (str): Output of the command.
    RETURNS (str): Type and message of the error, or the last line of the output.
    """
    _, traceback, tail = log.rpartition("Traceback (most recent call last):")
    lines = [line for line in tail.splitlines() if line.strip()]
    if not traceback:
        return lines[-1].strip("✘ .") if lines else "no output"
    return " ".join(line for line in lines if not line.startswith(" ")).rstrip(". ")
