"""`spacy lstm`, inside spaCy's own command line.

What is heavy is imported when a command runs, so that `spacy --help` stays fast.
"""

import functools
from collections.abc import Callable
from typing import ParamSpec

import typer
from spacy.cli._util import app as spacy_app
from wasabi import msg

from ..errors import CommandError

P = ParamSpec("P")

app = typer.Typer(
    name="lstm",
    help="Start, inspect and explain pipelines with recurrent networks",
    no_args_is_help=True,
)
spacy_app.add_typer(app)


def command(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Register a command whose errors are one line, with exit code 1.

    name (str): What the user types after `spacy lstm`.
    RETURNS (Callable): The decorator.
    """

    def register(function: Callable[P, None]) -> Callable[P, None]:
        @app.command(name)
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                function(*args, **kwargs)
            except CommandError as error:
                msg.fail(str(error), exits=1)

        return run

    return register
