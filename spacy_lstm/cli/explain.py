"""`spacy lstm explain`."""

import logging
import sys
import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from wasabi import msg

from ..atomic import write_files
from ..errors import Errors, Warnings
from .app import CommandError, command
from .files import (
    check_output,
    check_suffix,
    load_pipeline,
    require_matplotlib,
)

if TYPE_CHECKING:
    from ..attribution.explanation import Explanation

SUFFIXES = (".html", ".png")
# Start of matplotlib's warning about missing characters.
MISSING_CHARACTER = "Glyph"


@command("explain")
def explain(
    model: Annotated[str, typer.Argument(help="Trained pipeline: package or folder")],
    text: Annotated[str, typer.Argument(help="Text, or - to read it from stdin")],
    component: Annotated[
        str | None,
        typer.Option("--component", "-c", help="Name of a component, by default all"),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label", "-l", help="Label to explain, by default the predicted ones"
        ),
    ] = None,
    token: Annotated[
        int | None,
        typer.Option(
            "--token", "-t", help="Index of a token, starting at 0, by default all"
        ),
    ] = None,
    method: Annotated[
        str, typer.Option("--method", "-m", help="gradients or attention")
    ] = "gradients",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write, .html or .png"),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", "-F", help="Overwrite the output")
    ] = False,
) -> None:
    """Show which tokens of a text led to the decisions of a pipeline."""
    if output is not None:
        check_suffix(output, SUFFIXES)
        if output.suffix.lower() == ".png":
            require_matplotlib()
        check_output(output, force)
    from ..attribution.explain import explain as find_explanations

    nlp = load_pipeline(model)
    if text == "-":
        text = sys.stdin.read().rstrip("\n")
    try:
        explanations = find_explanations(
            nlp, text, component, label=label, token=token, method=method
        )
    except ValueError as error:
        raise CommandError(str(error).partition("\n")[0]) from error
    if not explanations:
        raise CommandError(Errors.L094)
    if output is None:
        from ..attribution.console import show

        show(explanations)
    else:
        write_files({output: draw(explanations, output.suffix.lower())})
        msg.good("Saved explanations", output)


def draw(explanations: Sequence["Explanation"], suffix: str) -> bytes:
    """Create a file with explanations.

    explanations (Sequence[Explanation]): The explanations.
    suffix (str): File extension, ".html" or ".png".
    RETURNS (bytes): The content of the file.
    """
    if suffix == ".html":
        from ..attribution.render import make_html

        return make_html(explanations, page=True).encode("utf8")
    return draw_picture(explanations)


def draw_picture(explanations: Sequence["Explanation"]) -> bytes:
    """Draw explanations, with a warning if no font has some of their characters.

    explanations (Sequence[Explanation]): The explanations.
    RETURNS (bytes): A PNG.
    """
    from ..attribution.figure import draw_explanations

    # Hide messages about fonts without normal weight.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    image = BytesIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.filterwarnings("always", message=MISSING_CHARACTER)
        draw_explanations(explanations).savefig(image, format="png")
    messages = [str(warning.message) for warning in caught]
    if any(message.startswith(MISSING_CHARACTER) for message in messages):
        msg.warn(Warnings.W066)
    return image.getvalue()
