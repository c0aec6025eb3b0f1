"""`spacy lstm report`."""

from pathlib import Path
from typing import Annotated

import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..atomic import write_files
from ..errors import Errors, first_line
from .app import CommandError, command
from .files import (
    check_gpu,
    check_output,
    check_suffix,
    load_pipeline,
    read_examples,
    require_matplotlib,
)

SUFFIXES = (".html", ".htm")


@command("report")
def report(
    model: Annotated[str, typer.Argument(help="Trained pipeline: package or folder")],
    data: Annotated[Path, typer.Argument(help="Annotated documents, as .spacy")],
    output: Annotated[Path, typer.Argument(help="File to write, such as report.html")],
    force: Annotated[
        bool, typer.Option("--force", "-F", help="Overwrite the output")
    ] = False,
    n_mistakes: Annotated[
        int,
        typer.Option(
            "--n-mistakes",
            "-n",
            min=0,
            help="Maximum number of mistakes to show per component",
        ),
    ] = 20,
    gpu_id: Annotated[
        int, typer.Option("--gpu-id", "-g", help="GPU ID or -1 for CPU")
    ] = -1,
) -> None:
    """Evaluate a trained pipeline and write an HTML report."""
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
    write_files({output: page.encode("utf8")})
    msg.good("Saved report", output)


def use_gpu(gpu_id: int) -> None:
    """Use a GPU.

    gpu_id (int): GPU ID, or -1 for CPU.
    RAISES (CommandError): If the GPU doesn't exist or can't be used.
    """
    check_gpu(gpu_id)
    try:
        setup_gpu(gpu_id, silent=True)
    except ValueError as error:
        message = Errors.L087.format(gpu_id=gpu_id, reason=first_line(error))
        raise CommandError(message) from None
