"""Input and output files of commands."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from spacy.language import Language
from spacy.training import Corpus, Example
from spacy.util import load_model
from thinc.util import gpu_is_available

from ..errors import Errors, first_line
from ..training.corpus import find_corpus
from .app import CommandError


def check_output(path: Path, force: bool) -> None:
    """Check that an output file doesn't exist, unless it may be overwritten.

    path (Path): The output path.
    force (bool): Whether to overwrite an existing file.
    RAISES (CommandError): If the file exists and must not be overwritten, or is a
        folder.
    """
    if path.is_dir():
        raise CommandError(Errors.L081.format(path=path, reason="it is a folder"))
    if path.exists() and not force:
        raise CommandError(Errors.L060.format(path=path))


def check_suffix(path: Path, known: Sequence[str]) -> None:
    """Check the file extension of an output file.

    path (Path): The output path.
    known (Sequence[str]): The supported extensions.
    RAISES (CommandError): If the extension is not supported.
    """
    if path.suffix.lower() not in known:
        raise CommandError(Errors.L082.format(path=path, known=", ".join(known)))


def load_pipeline(model: str) -> Language:
    """Load a trained pipeline.

    model (str): Package or folder.
    RETURNS (Language): The pipeline.
    RAISES (CommandError): If the pipeline doesn't exist or can't be loaded.
    """
    try:
        return load_model(model)
    # Damaged folders can raise any exception, depending on the component.
    except Exception as error:
        reason = first_line(error)
        raise CommandError(Errors.L061.format(model=model, reason=reason)) from None


def read_examples(nlp: Language, path: Path) -> list[Example]:
    """Read annotated documents as `spacy evaluate` does.

    nlp (Language): The pipeline.
    path (Path): A .spacy file, or a folder of them.
    RETURNS (list[Example]): The examples.
    RAISES (CommandError): If the file doesn't exist or contains no documents.
    """
    find_corpus(path)
    try:
        examples = list(Corpus(path.resolve(), gold_preproc=False)(nlp))
    except (LookupError, OSError, TypeError, ValueError) as error:
        reason = first_line(error)
        raise CommandError(Errors.L063.format(path=path, reason=reason)) from None
    if not examples:
        raise CommandError(Errors.L064.format(path=path))
    return examples


def require_matplotlib() -> None:
    """Check that matplotlib is installed.

    RAISES (CommandError): If it isn't.
    """
    if find_spec("matplotlib") is None:
        raise CommandError(Errors.L086.format(package="matplotlib"))


def check_gpu(gpu_id: int) -> None:
    """Check that a GPU is available if it is used.

    gpu_id (int): GPU ID, or -1 for CPU.
    RAISES (CommandError): If no GPU is available.
    """
    if gpu_id >= 0 and not gpu_is_available():
        message = Errors.L087.format(gpu_id=gpu_id, reason="there is no GPU.")
        raise CommandError(message)
