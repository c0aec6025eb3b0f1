"""`spacy lstm plot`."""

from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer
from wasabi import msg

from ..atomic import write_files
from .app import command
from .files import check_output, check_suffix, require_matplotlib

SUFFIXES = (".png", ".svg")


@command("plot")
def plot(
    logs: Annotated[
        list[Path],
        typer.Argument(help="Logs of training runs, such as training/progress.jsonl"),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write, .png or .svg")
    ],
    force: Annotated[
        bool, typer.Option("--force", "-F", help="Overwrite the output")
    ] = False,
) -> None:
    """Plot losses, scores, speed and learning rate of training runs."""
    check_suffix(output, SUFFIXES)
    check_output(output, force)
    require_matplotlib()
    from ..evaluation.training_curves import draw_curves, name_runs, read_log

    paths = list({path.resolve(): path for path in logs}.values())
    runs = dict(zip(name_runs(paths), map(read_log, paths), strict=True))
    image = BytesIO()
    draw_curves(runs).savefig(image, format=output.suffix[1:].lower(), dpi=150)
    write_files({output: image.getvalue()})
    msg.good("Saved curves", output)
