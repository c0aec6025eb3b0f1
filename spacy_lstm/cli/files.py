"""Files that commands read and write."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from spacy.language import Language
from spacy.training import Corpus, Example
from spacy.util import load_model
from thinc.util import gpu_is_available

from ..errors import Errors, first_line
from ..training.corpus import find_corpus
from .app import CommandError


def check_output(path: Path, force: bool) -> None:
    """Refuse to write over something.

    path (Path): Where a command is about to write.
    force (bool): Whether the user allowed it.
    RAISES (CommandError): If there is something, and it is not allowed, or a folder.
    """
    if path.is_dir():
        raise CommandError(Errors.L081.format(path=path, reason="it is a folder"))
    if path.exists() and not force:
        raise CommandError(Errors.L060.format(path=path))


def check_suffix(path: Path, known: Sequence[str]) -> None:
    """Refuse to write a file of another kind than a command makes.

    path (Path): Where a command is about to write.
    known (Sequence[str]): How its name may end.
    RAISES (CommandError): If it ends otherwise.
    """
    if path.suffix.lower() not in known:
        raise CommandError(Errors.L082.format(path=path, known=", ".join(known)))


def load_pipeline(model: str) -> Language:
    """Load a trained pipeline.

    model (str): Its folder, or the name of an installed package.
    RETURNS (Language): The pipeline.
    RAISES (CommandError): If there is none, or it can't be loaded.
    """
    try:
        return load_model(model)
    # What a damaged folder raises is up to each component.
    except Exception as error:
        reason = first_line(error)
        raise CommandError(Errors.L061.format(model=model, reason=reason)) from None


def read_examples(nlp: Language, path: Path) -> list[Example]:
    """Read annotated documents as `spacy evaluate` does.

    nlp (Language): The pipeline that makes the documents.
    path (Path): A .spacy file, or a folder of them.
    RETURNS (list[Example]): Documents without annotations, and the annotated ones.
    RAISES (CommandError): If there is no such file, or no document in it.
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
    """Make sure that there is something to draw with.

    RAISES (CommandError): If matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise CommandError(Errors.L086.format(package="matplotlib"))


def check_gpu(gpu_id: int) -> None:
    """Make sure that there is a GPU if one is to be used.

    gpu_id (int): Number of the GPU, -1 for none.
    RAISES (CommandError): If there is none.
    """
    if gpu_id >= 0 and not gpu_is_available():
        message = Errors.L087.format(gpu_id=gpu_id, reason="there is no GPU.")
        raise CommandError(message)


def write(path: Path, content: bytes) -> None:
    """Write a file, and the folder that it is in.

    path (Path): Where to.
    content (bytes): What.
    RAISES (CommandError): If the system doesn't let it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=".") as temporary:
            whole = Path(temporary) / path.name
            whole.write_bytes(content)
            whole.replace(path)
    except OSError as error:
        message = Errors.L081.format(path=path, reason=error.strerror)
        raise CommandError(message) from None
