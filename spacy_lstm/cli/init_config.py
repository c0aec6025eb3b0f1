"""`spacy lstm init-config`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from confection import Config
from spacy.cli._util import COMMAND, string_to_list
from wasabi import msg

from ..atomic import write_files
from .app import command
from .files import check_output

STEPS_NOTE = (
    "# Change `total_steps` together with `max_steps`. They are separate settings."
)
CATEGORIES_NOTE = """\
# Both text classifiers are trained on `doc.cats`, by default with all categories. To
# separate them, set `labels` in [initialize.components.lstm_textcat] and in
# [initialize.components.lstm_textcat_multilabel]."""


@command("init-config")
def init_config(
    task: Annotated[
        str,
        typer.Argument(
            help="textcat, textcat_multilabel, tagger, morphologizer, ner, or several "
            "of them separated by commas"
        ),
    ],
    out: Annotated[
        Path,
        typer.Argument(help="File to write the config to, or - for stdout"),
    ],
    lang: Annotated[str, typer.Option("--lang", "-l", help="Language code")] = "en",
    size: Annotated[
        str,
        typer.Option("--size", "-s", help="Size of the network: small, medium, large"),
    ] = "medium",
    optimize: Annotated[
        str,
        typer.Option(
            "--optimize",
            "-o",
            help="efficiency, or accuracy for twice as many training steps and an LSTM "
            "over characters",
        ),
    ] = "efficiency",
    vectors: Annotated[
        str | None,
        typer.Option(
            "--vectors", "-v", help="Package or folder with static vectors to include"
        ),
    ] = None,
    gpu: Annotated[
        bool, typer.Option("--gpu", "-G", help="Create a config for a GPU")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", "-F", help="Overwrite the output")
    ] = False,
) -> None:
    """Write a complete training config for recurrent components."""
    is_stdout = str(out) == "-"
    if not is_stdout:
        check_output(out, force)
    from ..training.starter_config import make_config, to_text

    tasks = string_to_list(task)
    config = make_config(
        tasks, lang=lang, size=size, optimize=optimize, vectors=vectors, gpu=gpu
    )
    path = "config.cfg" if is_stdout else shlex.quote(str(out))
    training = train_command(path, gpu)
    heading = f"# {', '.join(tasks)} ({lang}): {size}, optimized for {optimize}."
    text = "\n#\n".join([heading, f"# {training}", *notes_on(config)])
    text += f"\n\n{to_text(config)}\n"
    if is_stdout:
        print(text, end="")
        return
    write_files({out: text.encode("utf8")})
    msg.good("Saved config", out)
    msg.text("Train the pipeline on your data:")
    print(training)


def train_command(path: str, gpu: bool) -> str:
    return (
        f"{COMMAND} train {path} --output training "
        "--paths.train train.spacy --paths.dev dev.spacy"
    ) + " --gpu-id 0" * gpu


def notes_on(config: Config) -> list[str]:
    """Create comments about settings that users may need to change.

    config (Config): The config.
    RETURNS (list[str]): The comments.
    """
    notes = [STEPS_NOTE]
    if {"lstm_textcat", "lstm_textcat_multilabel"} <= config["components"].keys():
        notes.append(CATEGORIES_NOTE)
    return notes
