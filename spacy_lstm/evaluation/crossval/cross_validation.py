"""Cross-validation from a config and documents to scores."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from ...errors import Errors
from ...training.corpus import digest_corpus, read_corpus, write_corpus
from ...training.strata import find_strata, require_sklearn
from .annotation import find_labels, require_annotations
from .configs import load_code, make_pipeline, read_config
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
from .training import DEV, LOG, TEST, TRAIN, TrainFold


@dataclass(frozen=True)
class Plan:
    """A config, documents, and how these are divided.

    output (Path): Folder for models and scores.
    config (str): The config.
    docs (list[Doc]): Annotated documents.
    folds (list[Fold]): Which of them each fold is trained and scored on.
    is_stratified (bool): Whether the folds have the categories' shares.
    fingerprint (dict[str, Any]): Says whether scores are of the same plan.
    code (Path | None): Python file with functions that the config names.
    gpu_id (int): Number of the GPU, -1 for none.
    """

    output: Path
    config: str
    docs: list[Doc]
    folds: list[Fold]
    is_stratified: bool
    fingerprint: Fingerprint
    code: Path | None = None
    gpu_id: int = -1

    def scores(self, fold: Fold) -> Scores | None:
        """Read the scores of a fold.

        fold (Fold): The fold.
        RETURNS (dict[str, float] | None): The scores; None if there are none yet.
        """
        return read_scores(self.output / fold.name, self.fingerprint)


def make_plan(
    config_path: Path,
    data_path: Path,
    output: Path,
    *,
    n_folds: int = 5,
    seed: int = 0,
    overrides: dict[str, Any] | None = None,
    code: Path | None = None,
    gpu_id: int = -1,
) -> Plan:
    """Check everything before something is trained.

    config_path (Path): A config for training.
    data_path (Path): Annotated documents: a .spacy file, or a folder of such.
    output (Path): Folder for models and scores.
    n_folds (int): How many folds to make, 2 or more.
    seed (int): Seed of the division into folds; that of training is in the config.
    overrides (dict[str, Any] | None): Settings of the config to change.
    code (Path | None): Python file with functions that the config names.
    gpu_id (int): Number of the GPU, -1 for none.
    RETURNS (Plan): The plan.
    RAISES (ValueError): If config and documents don't fit, to each other or to the
        number of folds.
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
    fingerprint = {
        "config": hashlib.sha256(text.encode("utf8")).hexdigest(),
        "code": hashlib.sha256(code.read_bytes()).hexdigest() if code else None,
        "data": digest,
        "folds": n_folds,
        "seed": seed,
        "gpu": gpu_id >= 0,
        "versions": {name: version(name) for name in ("spacy-lstm", "spacy", "torch")},
    }
    is_stratified = can_stratify(strata, n_folds)
    return Plan(output, text, docs, folds, is_stratified, fingerprint, code, gpu_id)


def begin(plan: Plan, force: bool) -> None:
    """Make the output folder ready, for a new start or to go on.

    plan (Plan): The plan.
    force (bool): Whether to begin anew, and take away what another one left.
    RAISES (ValueError): If there is something else already, and `force` is not set.
    """
    path = plan.output / FILE_NAME
    before = read_json(path).get("fingerprint")
    if not isinstance(before, dict):
        before = None
    if not force:
        check_same(plan, before)
    try:
        plan.output.mkdir(parents=True, exist_ok=True)
        if force:
            remove_folds(plan, before)
        if before != plan.fingerprint or force:
            write_json(path, {"fingerprint": plan.fingerprint})
    except OSError as error:
        message = Errors.L081.format(path=plan.output, reason=error.strerror)
        raise ValueError(message) from None


def remove_folds(plan: Plan, before: Fingerprint | None) -> None:
    """Remove what folds left, so that all of them are trained.

    plan (Plan): The plan, whose folds are to begin anew.
    before (dict[str, Any] | None): Fingerprint of what is in the output folder.
    """
    n_before = before.get("folds") if before else None
    most = max(len(plan.folds), n_before if isinstance(n_before, int) else 0)
    for number in range(1, most + 1):
        folder = plan.output / f"fold-{number}"
        # Others may have folders of that name.
        if (folder / SCORES).exists() or (folder / LOG).exists():
            (folder / SCORES).unlink(missing_ok=True)
            if not folder.is_symlink():
                shutil.rmtree(folder)


def check_same(plan: Plan, before: Fingerprint | None) -> None:
    """Refuse to go on with something else.

    plan (Plan): The plan.
    before (dict[str, Any] | None): Fingerprint of what is in the output folder, if that
        is a cross-validation.
    RAISES (ValueError): If it differs, or if something else is there.
    """
    output = plan.output
    if before is None and (
        output.is_file() or (output.is_dir() and any(output.iterdir()))
    ):
        raise ValueError(Errors.L060.format(path=output))
    if before is not None and before != plan.fingerprint:
        own = plan.fingerprint
        names = [x for x in {**own, **before} if before.get(x) != own.get(x)]
        message = Errors.L074.format(path=output, difference=", ".join(names))
        raise ValueError(message)


def run(plan: Plan, n_jobs: int) -> Iterator[tuple[Fold, str]]:
    """Train and score the folds that have no scores yet.

    plan (Plan): The plan, which has begun.
    n_jobs (int): How many folds are trained at a time.
    YIELDS (tuple[Fold, str]): A fold that has ended, and what went wrong; empty if
        nothing did.
    """
    folds = {fold.name: fold for fold in plan.folds if plan.scores(fold) is None}
    tasks = {name: make_task(plan, fold) for name, fold in folds.items()}
    for name, error in run_tasks(tasks, n_jobs):
        yield folds[name], error


def make_task(plan: Plan, fold: Fold) -> TrainFold:
    """Write the documents of a fold, for the process that trains it.

    plan (Plan): The plan.
    fold (Fold): The fold.
    RETURNS (TrainFold): The task of the process.
    RAISES (ValueError): If the system doesn't let it.
    """
    folder = plan.output / fold.name
    parts = {TRAIN: fold.train, DEV: fold.dev, TEST: fold.test}
    try:
        folder.mkdir(exist_ok=True)
        for name, part in parts.items():
            write_corpus(folder / name, [plan.docs[i] for i in part])
    except OSError as error:
        message = Errors.L081.format(path=folder, reason=error.strerror)
        raise ValueError(message) from None
    return TrainFold(folder, plan.config, plan.fingerprint, plan.code, plan.gpu_id)


def finish(plan: Plan) -> dict[str, dict[str, Any]]:
    """Write the scores of all folds into one file.

    plan (Plan): The plan, all of whose folds have scores.
    RETURNS (dict[str, dict[str, Any]]): Mean, standard deviation and values of each
        score.
    """
    scores = summarize([plan.scores(fold) or {} for fold in plan.folds])
    folds = [
        {"train": len(fold.train), "dev": len(fold.dev), "test": len(fold.test)}
        for fold in plan.folds
    ]
    content = {"fingerprint": plan.fingerprint, "documents": folds, "scores": scores}
    write_json(plan.output / FILE_NAME, content)
    return scores
