"""`spacy lstm crossval`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from wasabi import msg

from ..errors import Errors
from .app import command, print_error
from .files import check_gpu

if TYPE_CHECKING:
    from ..evaluation.crossval.cross_validation import Plan

# More folds than that don't fit beside one another; they are in crossval.json.
MOST_SHOWN = 6


@command("crossval", takes_overrides=True)
def crossval(
    ctx: typer.Context,  # has the overrides
    config_path: Annotated[
        Path, typer.Argument(help="Config for training", metavar="CONFIG")
    ],
    data_path: Annotated[
        Path,
        typer.Argument(
            help="Annotated documents: a .spacy file, or a folder of such",
            metavar="DATA",
        ),
    ],
    output_path: Annotated[
        Path, typer.Argument(help="Folder for models and scores", metavar="OUTPUT")
    ],
    n_folds: Annotated[
        int, typer.Option("--folds", "-k", min=2, help="How many folds to make")
    ] = 5,
    n_jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="How many to train at a time")
    ] = 1,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            min=0,
            max=2**32 - 1,
            help="Seed of the folds; that of training is in the config",
        ),
    ] = 0,
    code_path: Annotated[
        Path | None,
        typer.Option(
            "--code", "-c", help="Python file with functions that the config names"
        ),
    ] = None,
    gpu_id: Annotated[
        int, typer.Option("--gpu-id", "-g", help="GPU ID or -1 for CPU")
    ] = -1,
    force: Annotated[
        bool,
        typer.Option("--force", "-F", help="Begin anew, whatever is in the output"),
    ] = False,
) -> None:
    """Train a config on all folds of documents but one, and score it on that one.

    Each fold is held out once. A tenth of the documents of the other folds chooses the
    best step of training, since the fold that is held out must not. What was trained
    before the command was stopped is not trained again. Settings of the config are
    changed as in spacy train, such as by --training.max_steps 1000.
    """
    from click import NoSuchOption
    from spacy.cli._util import parse_config_overrides

    from ..evaluation.crossval.cross_validation import begin, finish, make_plan

    try:
        overrides = parse_config_overrides(ctx.args)
    except NoSuchOption as unknown:  # an error of click, which typer doesn't know
        raise typer.BadParameter(unknown.format_message()) from None
    check_gpu(gpu_id)
    plan = make_plan(
        config_path,
        data_path,
        output_path,
        n_folds=n_folds,
        seed=seed,
        overrides=overrides,
        code=code_path,
        gpu_id=gpu_id,
    )
    begin(plan, force)
    kind = "with the shares of the labels" if plan.is_stratified else "by chance alone"
    msg.info(f"Divided {len(plan.docs):,} documents into {n_folds} folds, {kind}")
    for fold in plan.folds:
        if plan.scores(fold) is not None:
            msg.info(f"Fold {fold.number} has its scores already")
    try:
        have_trained = train_folds(plan, n_jobs)
    except KeyboardInterrupt:
        msg.warn("Stopped. The same command goes on with the folds that are missing")
        raise typer.Exit(130) from None
    if not have_trained:
        raise typer.Exit(1)
    print_scores(finish(plan))
    msg.good("Saved scores", output_path / "crossval.json")


def train_folds(plan: "Plan", n_jobs: int) -> bool:
    """Train and score the folds that have no scores yet, and say so of each.

    plan (Plan): The cross-validation.
    n_jobs (int): How many folds are trained at a time.
    RETURNS (bool): Whether all went well.
    """
    from ..evaluation.crossval.cross_validation import run

    have_trained = True
    for fold, error in run(plan, n_jobs):
        name = f"Fold {fold.number}"
        if error:
            have_trained = False
            print_error(Errors.L070.format(name=name, reason=error))
        else:
            n_docs = f"{len(fold.train):,} documents, {len(fold.dev):,} for development"
            msg.good(f"{name}: trained on {n_docs}, scored on {len(fold.test):,}")
    return have_trained


def print_scores(scores: Mapping[str, Mapping[str, Any]]) -> None:
    """Print a table, in percent as `spacy evaluate` does.

    scores (Mapping[str, Mapping[str, Any]]): Mean, deviation and values of each score.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Score")
    n_folds = max(len(score["folds"]) for score in scores.values())
    n_shown = n_folds if n_folds <= MOST_SHOWN else 0
    for name in ("Mean", "SD", *map(str, range(1, n_shown + 1))):
        table.add_column(name, justify="right", no_wrap=True)
    for name, score in scores.items():
        values = (score["mean"], score["std"], *score["folds"][:n_shown])
        table.add_row(escape(name), *map(percent, values))
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, console.measure(table).maximum)
    console.print(table)


def percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f}"
