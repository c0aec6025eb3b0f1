"""`spacy lstm report`."""

from pathlib import Path
from typing import Annotated

import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..errors import Errors, first_line
from .app import CommandError, command
from .files import (
    check_gpu,
    check_output,
    check_suffix,
    load_pipeline,
    read_examples,
    require_matplotlib,
    write,
)

SUFFIXES = (".html", ".htm")


@command("report")
def report(
    model: Annotated[str, typer.Argument(help="Trained pipeline: folder or package")],
    data: Annotated[Path, typer.Argument(help="Annotated documents, as .spacy")],
    output: Annotated[Path, typer.Argument(help="Page to write, such as report.html")],
    force: Annotated[
        bool, typer.Option("--force", "-F", help="Write over the output if it exists")
    ] = False,
    n_mistakes: Annotated[
        int,
        typer.Option(
            "--n-mistakes",
            "-n",
            min=0,
            help="How many mistakes of each component are shown",
        ),
    ] = 20,
    gpu_id: Annotated[
        int, typer.Option("--gpu-id", "-g", help="GPU to use, -1 for none")
    ] = -1,
) -> None:
    """Write a page on what a trained pipeline gets right and wrong."""
    check_suffix(output, SUFFIXES)
    check_output(output, force)
    require_matplotlib()
    from ..evaluation.report.report import make_report

    use_gpu(gpu_id)
    nlp = load_pipeline(model)
    examples = read_examples(nlp, data)
    try:
        page = make_report(nlp, examples, model=model, path=data, n_mistakes=n_mistakes)
    except ValueError as error:
        message = Errors.L088.format(model=model, path=data, reason=first_line(error))
        raise CommandError(message) from error
    write(output, page.encode("utf8"))
    msg.good("Saved report", output)


def use_gpu(gpu_id: int) -> None:
    """Compute on a GPU.

    gpu_id (int): Number of the GPU, -1 for none.
    RAISES (CommandError): If there is no such, or it can't be used.
    """
    check_gpu(gpu_id)
    try:
        setup_gpu(gpu_id, silent=True)
    except ValueError as error:
        message = Errors.L087.format(gpu_id=gpu_id, reason=first_line(error))
        raise CommandError(message) from None
