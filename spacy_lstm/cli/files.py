"""Files that commands read and write."""

from pathlib import Path

from confection import ConfigValidationError
from spacy.language import Language
from spacy.training import Corpus, Example
from spacy.util import load_model

from ..errors import CommandError, Errors


def check_output(path: Path, force: bool) -> None:
    """Refuse to write over something.

    path (Path): Where a command is about to write.
    force (bool): Whether the user allowed it.
    RAISES (CommandError): If there is something, and it is not allowed.
    """
    if path.exists() and not force:
        raise CommandError(Errors.L060.format(path=path))


def load_pipeline(model: str) -> Language:
    """Load a trained pipeline.

    model (str): Its folder, or the name of an installed package.
    RETURNS (Language): The pipeline.
    RAISES (CommandError): If there is none, or it can't be loaded.
    """
    try:
        return load_model(model)
    except (OSError, ValueError, ConfigValidationError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise CommandError(Errors.L061.format(model=model, reason=reason)) from None


def read_examples(nlp: Language, path: Path) -> list[Example]:
    """Read annotated documents as `spacy evaluate` does.

    nlp (Language): The pipeline that makes the documents.
    path (Path): A .spacy file, or a folder of them.
    RETURNS (list[Example]): Documents without annotations, and the annotated ones.
    RAISES (CommandError): If there is no such file, or no document in it.
    """
    if not path.exists():
        raise CommandError(Errors.L062.format(path=path))
    try:
        examples = list(Corpus(path, gold_preproc=False)(nlp))
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise CommandError(Errors.L063.format(path=path, reason=reason)) from None
    if not examples:
        raise CommandError(Errors.L064.format(path=path))
    return examples
