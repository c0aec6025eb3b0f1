"""One fold: train and score."""

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
    """What a process needs to train a fold.

    folder (Path): Has train.spacy, dev.spacy and test.spacy; training.log, model-best
        and scores.json are written into it.
    config (str): The config.
    fingerprint (dict[str, Any]): Is written with the scores.
    code (Path | None): Python file with functions that the config names.
    gpu_id (int): Number of the GPU, -1 for none.
    """

    folder: Path
    config: str
    fingerprint: Fingerprint
    code: Path | None
    gpu_id: int

    def __call__(self) -> None:
        """Train and score, in a process of its own, whose output goes to the log."""
        with (self.folder / LOG).open("w", encoding="utf8") as log:
            for stream in (sys.stdout, sys.stderr):
                os.dup2(log.fileno(), stream.fileno())
        self.train()
        self.score()

    def train(self) -> None:
        """Train on train.spacy, and keep what is best on dev.spacy."""
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
        """Score the best model on test.spacy, and remove what is needed no more."""
        fix_random_seed()
        nlp = load_model(self.folder / DIR_MODEL_BEST)
        scores = nlp.evaluate(list(Corpus(self.folder / TEST)(nlp)))
        write_scores(self.folder, self.fingerprint, scores)
        shutil.rmtree(self.folder / DIR_MODEL_LAST)
        for name in (TRAIN, DEV):
            (self.folder / name).unlink()
