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

from ..errors import Errors, Warnings
from .app import CommandError, command
from .files import (
    check_output,
    check_suffix,
    load_pipeline,
    require_matplotlib,
    write,
)

if TYPE_CHECKING:
    from ..attribution.explanation import Explanation

SUFFIXES = (".html", ".png")
# How such a warning of matplotlib begins.
MISSING_CHARACTER = "Glyph"


@command("explain")
def explain(
    model: Annotated[str, typer.Argument(help="Trained pipeline: folder or package")],
    text: Annotated[str, typer.Argument(help="Text, or - to read it from stdin")],
    component: Annotated[
        str | None,
        typer.Option("--component", "-c", help="Component; all if not given"),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label", "-l", help="Label to ask about; what was decided if not given"
        ),
    ] = None,
    token: Annotated[
        int | None,
        typer.Option(
            "--token", "-t", help="Number of a token, from 0; all if not given"
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
        bool, typer.Option("--force", "-F", help="Write over the output if it exists")
    ] = False,
) -> None:
    """Show which tokens of a text made a pipeline decide as it did."""
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
        found = find_explanations(
            nlp, text, component, label=label, token=token, method=method
        )
    except ValueError as error:
        raise CommandError(str(error).partition("\n")[0]) from error
    if not found:
        raise CommandError(Errors.L094)
    if output is None:
        from ..attribution.console import show

        show(found)
    else:
        write(output, draw(found, output.suffix.lower()))
        msg.good("Saved explanations", output)


def draw(explanations: Sequence["Explanation"], suffix: str) -> bytes:
    """Make a file of explanations.

    explanations (Sequence[Explanation]): What is to be shown.
    suffix (str): ".html" or ".png".
    RETURNS (bytes): What to write.
    """
    if suffix == ".html":
        from ..attribution.render import make_html

        return make_html(explanations, page=True).encode("utf8")
    return draw_picture(explanations)


def draw_picture(explanations: Sequence["Explanation"]) -> bytes:
    """Draw explanations, and say so where no font has a character of them.

    explanations (Sequence[Explanation]): What is to be shown.
    RETURNS (bytes): A PNG.
    """
    from ..attribution.figure import draw_explanations

    # It tells of each font that has no normal weight.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    image = BytesIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.filterwarnings("always", message=MISSING_CHARACTER)
        draw_explanations(explanations).savefig(image, format="png")
    messages = [str(warning.message) for warning in caught]
    if any(message.startswith(MISSING_CHARACTER) for message in messages):
        msg.warn(Warnings.W066)
    return image.getvalue()
