"""The `spacy lstm` app, as part of spaCy's command line."""

import functools
from collections.abc import Callable
from typing import ParamSpec

import typer
from spacy.cli._util import app as spacy_app

P = ParamSpec("P")


class CommandError(Exception):
    """An error that a command prints as one line before it exits with code 1."""


app = typer.Typer(
    name="lstm",
    help="Train, inspect and explain pipelines with recurrent networks",
    no_args_is_help=True,
)
spacy_app.add_typer(app)


def command(
    name: str, *, takes_overrides: bool = False
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Register a command that prints errors as one line and exits with code 1.

    Invalid values and missing packages are expected errors of arguments and files.

    name (str): Name of the command after `spacy lstm`.
    takes_overrides (bool): Whether unknown options override settings of a config, as in
        `spacy train`.
    RETURNS (Callable): The decorator.
    """

    settings = {
        "allow_extra_args": takes_overrides,
        "ignore_unknown_options": takes_overrides,
    }

    def register(function: Callable[P, None]) -> Callable[P, None]:
        @app.command(name, context_settings=settings)
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                function(*args, **kwargs)
            except (CommandError, ImportError, ValueError) as error:
                print_error(str(error))
                raise typer.Exit(1) from None

        return run

    return register


def print_error(message: str) -> None:
    """Print an error message, in red if the output is a terminal.

    message (str): The message.
    """
    typer.secho(message, fg=typer.colors.RED, err=True)
