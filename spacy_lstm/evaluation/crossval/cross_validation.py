"""Cross-validation of a training config on a corpus."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from spacy.tokens import Doc
from spacy.util import load_config_from_str

from ...errors import Errors
from ...training.corpus import digest_corpus, read_corpus, write_corpus
from ...training.strata import find_strata, require_sklearn
from .annotation import find_labels, require_annotations
from .configs import load_code, make_pipeline, read_config, with_corpora
from .folds import Fold, can_stratify, make_folds
from .processes import run_tasks
from .results import (
    FILE_NAME,
    SCORES,
    Fingerprint,
    Scores,
    read_json,
    read_scores,
    summarize,
    write_json,
)
from .training import CONFIG, DEV, LOG, TEST, TRAIN, TrainFold


@dataclass(frozen=True)
class CrossValidation:
    """The cross-validation of a config on documents that are divided into folds.

    output (Path): Folder for models and scores.
    config (str): The training config.
    docs (list[Doc]): The annotated documents.
    folds (list[Fold]): Indices of the documents of each fold.
    is_stratified (bool): Whether the folds are stratified by category.
    fingerprint (dict[str, Any]): Identifies the settings that saved scores belong to.
    code (Path | None): Python file with registered functions that the config uses.
    gpu_id (int): GPU ID, or -1 for CPU.
    """

    output: Path
    config: str
    docs: list[Doc]
    folds: list[Fold]
    is_stratified: bool
    fingerprint: Fingerprint
    code: Path | None = None
    gpu_id: int = -1

    @classmethod
    def from_paths(
        cls,
        config_path: Path,
        data_path: Path,
        output: Path,
        *,
        n_folds: int = 5,
        seed: int = 0,
        overrides: dict[str, Any] | None = None,
        code: Path | None = None,
        gpu_id: int = -1,
    ) -> "CrossValidation":
        """Load and validate config and documents, and divide the documents into folds.

        config_path (Path): A training config.
        data_path (Path): Annotated documents: a .spacy file, or a folder of them.
        output (Path): Folder for models and scores.
        n_folds (int): Number of folds, at least 2.
        seed (int): Seed of the division into folds. The config has the training seed.
        overrides (dict[str, Any] | None): Settings of the config to override.
        code (Path | None): Python file with registered functions that the config uses.
        gpu_id (int): GPU ID, or -1 for CPU.
        RETURNS (CrossValidation): The cross-validation.
        RAISES (ValueError): If the config is invalid, or the documents don't fit the
            config or the number of folds.
        """
        require_sklearn()
        load_code(code)
        config = read_config(config_path, overrides or {})
        digest = digest_corpus(data_path)
        nlp = make_pipeline(config, config_path, data_path)
        docs = read_corpus(data_path, nlp.vocab)
        require_annotations(nlp, docs, data_path)
        strata = find_strata(docs)
        folds = make_folds(find_labels(nlp, docs), strata, n_folds, seed)
        text = config.to_str(interpolate=False)
        packages = ("spacy-lstm", "spacy", "torch")
        fingerprint = {
            "config": hashlib.sha256(text.encode("utf8")).hexdigest(),
            "code": hashlib.sha256(code.read_bytes()).hexdigest() if code else None,
            "data": digest,
            "folds": n_folds,
            "seed": seed,
            "gpu": gpu_id >= 0,
            "versions": {name: version(name) for name in packages},
        }
        is_stratified = can_stratify(strata, n_folds)
        return cls(output, text, docs, folds, is_stratified, fingerprint, code, gpu_id)

    def prepare_output(self, force: bool) -> None:
        """Create the output folder, or check that it can be resumed.

        force (bool): Whether to start again and delete the folds of an earlier
            cross-validation.
        RAISES (ValueError): If the folder contains anything else, and `force` is not
            set.
        """
        path = self.output / FILE_NAME
        saved = read_json(path).get("fingerprint")
        if not isinstance(saved, dict):
            saved = None
        if not force:
            self._check_fingerprint(saved)
        try:
            self.output.mkdir(parents=True, exist_ok=True)
            if force:
                self._remove_folds(saved)
            if saved != self.fingerprint or force:
                write_json(path, {"fingerprint": self.fingerprint})
        except OSError as error:
            message = Errors.L081.format(path=self.output, reason=error.strerror)
            raise ValueError(message) from None

    def scores(self, fold: Fold) -> Scores | None:
        """Read the scores of a fold.

        fold (Fold): The fold.
        RETURNS (dict[str, float] | None): The scores, or None if there are none yet.
        """
        return read_scores(self.output / fold.name, self.fingerprint)

    def run(self, n_jobs: int) -> Iterator[tuple[Fold, str]]:
        """Train and score the folds that have no scores yet.

        n_jobs (int): Number of folds to train in parallel.
        YIELDS (tuple[Fold, str]): A finished fold, and the error message if it failed,
            otherwise "".
        """
        folds = {fold.name: fold for fold in self.folds if self.scores(fold) is None}
        tasks = {name: self._make_task(fold) for name, fold in folds.items()}
        for name, error in run_tasks(tasks, n_jobs):
            yield folds[name], error

    def write_summary(self) -> dict[str, dict[str, Any]]:
        """Write the scores of all folds, which must be finished, to one file.

        RETURNS (dict[str, dict[str, Any]]): Mean, standard deviation and values of each
            score.
        """
        scores = summarize([self.scores(fold) or {} for fold in self.folds])
        sizes = [
            {"train": len(fold.train), "dev": len(fold.dev), "test": len(fold.test)}
            for fold in self.folds
        ]
        data = {"fingerprint": self.fingerprint, "documents": sizes, "scores": scores}
        write_json(self.output / FILE_NAME, data)
        return scores

    def _check_fingerprint(self, saved: Fingerprint | None) -> None:
        output, own = self.output, self.fingerprint
        if saved is None and (
            output.is_file() or (output.is_dir() and any(output.iterdir()))
        ):
            raise ValueError(Errors.L060.format(path=output))
        if saved is not None and saved != own:
            names = [x for x in {**own, **saved} if saved.get(x) != own.get(x)]
            message = Errors.L074.format(path=output, difference=", ".join(names))
            raise ValueError(message)

    def _remove_folds(self, saved: Fingerprint | None) -> None:
        n_saved = saved.get("folds") if saved else None
        n_folds = max(len(self.folds), n_saved if isinstance(n_saved, int) else 0)
        for number in range(1, n_folds + 1):
            folder = self.output / f"fold-{number}"
            # Keep folders of the same name that aren't from a cross-validation.
            if (folder / SCORES).exists() or (folder / LOG).exists():
                (folder / SCORES).unlink(missing_ok=True)
                if not folder.is_symlink():
                    shutil.rmtree(folder)

    def _make_task(self, fold: Fold) -> TrainFold:
        folder = self.output / fold.name
        parts = {TRAIN: fold.train, DEV: fold.dev, TEST: fold.test}
        try:
            folder.mkdir(exist_ok=True)
            for name, part in parts.items():
                write_corpus(folder / name, [self.docs[i] for i in part])
            config = load_config_from_str(self.config)
            with_corpora(config, folder / TRAIN, folder / DEV).to_disk(folder / CONFIG)
        except OSError as error:
            message = Errors.L081.format(path=folder, reason=error.strerror)
            raise ValueError(message) from None
        return TrainFold(folder, self.fingerprint, self.code, self.gpu_id)
