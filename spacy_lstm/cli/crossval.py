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
    from ..evaluation.crossval.cross_validation import CrossValidation


# More folds don't fit next to each other in a terminal; see crossval.json.
MAX_FOLDS_SHOWN = 6


@command("crossval", takes_overrides=True)
def crossval(
    ctx: typer.Context,  # has the overrides
    config_path: Annotated[
        Path, typer.Argument(help="Config for training", metavar="CONFIG")
    ],
    data_path: Annotated[
        Path,
        typer.Argument(
            help="Annotated documents: a .spacy file, or a folder of them",
            metavar="DATA",
        ),
    ],
    output_path: Annotated[
        Path, typer.Argument(help="Folder for models and scores", metavar="OUTPUT")
    ],
    n_folds: Annotated[
        int, typer.Option("--folds", "-k", min=2, help="Number of folds")
    ] = 5,
    n_jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", min=1, help="Number of folds to train in parallel"
        ),
    ] = 1,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            min=0,
            max=2**32 - 1,
            help="Seed of the folds. The config has the training seed",
        ),
    ] = 0,
    code_path: Annotated[
        Path | None,
        typer.Option(
            "--code",
            "-c",
            help="Python file with registered functions that the config uses",
        ),
    ] = None,
    gpu_id: Annotated[
        int, typer.Option("--gpu-id", "-g", help="GPU ID or -1 for CPU")
    ] = -1,
    force: Annotated[
        bool,
        typer.Option("--force", "-F", help="Start again and overwrite the output"),
    ] = False,
) -> None:
    """Cross-validate a training config.

    Each fold is held out once for scoring. A tenth of the other documents selects the
    best step of training. Finished folds are skipped if you run the command again.
    Override settings of the config as in spacy train, for example with
    --training.max_steps 1000.
    """
    from click import NoSuchOption
    from spacy.cli._util import parse_config_overrides

    from ..evaluation.crossval.cross_validation import CrossValidation

    try:
        overrides = parse_config_overrides(ctx.args)
    except NoSuchOption as unknown:  # typer doesn't handle this error of click
        raise typer.BadParameter(unknown.format_message()) from None
    check_gpu(gpu_id)
    crossval = CrossValidation.from_paths(
        config_path,
        data_path,
        output_path,
        n_folds=n_folds,
        seed=seed,
        overrides=overrides,
        code=code_path,
        gpu_id=gpu_id,
    )
    crossval.prepare_output(force)
    kind = "stratified by label" if crossval.is_stratified else "at random"
    msg.info(f"Divided {len(crossval.docs):,} documents into {n_folds} folds, {kind}")
    for fold in crossval.folds:
        if crossval.scores(fold) is not None:
            msg.info(f"Skipping fold {fold.number}, which is finished")
    try:
        is_finished = train_folds(crossval, n_jobs)
    except KeyboardInterrupt:
        msg.warn("Stopped. Run the same command again to train the missing folds")
        raise typer.Exit(130) from None
    if not is_finished:
        raise typer.Exit(1)
    print_scores(crossval.write_summary())
    msg.good("Saved scores", output_path / "crossval.json")


def train_folds(crossval: "CrossValidation", n_jobs: int) -> bool:
    """Train and score the folds that have no scores yet, and print the progress.

    crossval (CrossValidation): The cross-validation.
    n_jobs (int): Number of folds to train in parallel.
    RETURNS (bool): Whether all folds succeeded.
    """
    is_finished = True
    for fold, error in crossval.run(n_jobs):
        name = f"Fold {fold.number}"
        if error:
            is_finished = False
            print_error(Errors.L070.format(name=name, reason=error))
        else:
            n_docs = f"{len(fold.train):,} documents, {len(fold.dev):,} for development"
            msg.good(f"{name}: trained on {n_docs}, scored on {len(fold.test):,}")
    return is_finished


def print_scores(scores: Mapping[str, Mapping[str, Any]]) -> None:
    """Print a table of scores in percent, as `spacy evaluate` does.

    scores (Mapping[str, Mapping[str, Any]]): Mean, standard deviation and values of
        each score.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Score")
    n_folds = max(len(score["folds"]) for score in scores.values())
    n_shown = n_folds if n_folds <= MAX_FOLDS_SHOWN else 0
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
