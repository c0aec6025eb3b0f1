"""Training and scoring of one fold."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from spacy.cli._util import setup_gpu
from spacy.training import Corpus
from spacy.training.initialize import init_nlp
from spacy.training.loop import DIR_MODEL_BEST, DIR_MODEL_LAST, train
from spacy.util import load_config_from_str, load_model
from thinc.api import fix_random_seed

from .configs import load_code, with_corpora
from .results import Fingerprint, write_scores

TRAIN, DEV, TEST = "train.spacy", "dev.spacy", "test.spacy"
LOG = "training.log"


@dataclass(frozen=True)
class TrainFold:
    """Task that trains and scores a fold.

    folder (Path): Folder with train.spacy, dev.spacy and test.spacy. The task adds
        training.log, model-best and scores.json.
    config (str): The training config.
    fingerprint (dict[str, Any]): The fingerprint to write with the scores.
    code (Path | None): Python file with registered functions that the config uses.
    gpu_id (int): GPU ID, or -1 for CPU.
    """

    folder: Path
    config: str
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
        """Train on train.spacy and keep the best model on dev.spacy."""
        load_code(self.code)
        setup_gpu(self.gpu_id)
        config = load_config_from_str(self.config)
        config = with_corpora(config, self.folder / TRAIN, self.folder / DEV)
        nlp = init_nlp(config, use_gpu=self.gpu_id)
        train(
            nlp,
            self.folder,
            use_gpu=self.gpu_id,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )

    def score(self) -> None:
        """Score the best model on test.spacy and remove temporary files."""
        fix_random_seed()
        nlp = load_model(self.folder / DIR_MODEL_BEST)
        scores = nlp.evaluate(list(Corpus(self.folder / TEST)(nlp)))
        write_scores(self.folder, self.fingerprint, scores)
        shutil.rmtree(self.folder / DIR_MODEL_LAST)
        for name in (TRAIN, DEV):
            (self.folder / name).unlink()
