"""Corpora of annotated documents."""

import hashlib
import warnings
from collections.abc import Sequence
from pathlib import Path

from spacy.tokens import Doc, DocBin
from spacy.training.corpus import FILE_TYPE, walk_corpus
from spacy.vocab import Vocab

from ..errors import Errors, first_line


def find_corpus(path: Path) -> list[Path]:
    """List the files of a corpus.

    path (Path): A .spacy file, or a folder of them.
    RETURNS (list[Path]): The files, sorted by name.
    RAISES (ValueError): If there are no files.
    """
    if not path.exists():
        raise ValueError(Errors.L062.format(path=path))
    if path.is_file() and path.suffix != FILE_TYPE:
        reason = f"its name doesn't end in {FILE_TYPE}."
        raise ValueError(Errors.L063.format(path=path, reason=reason))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[W090\]")
        files = walk_corpus(path.resolve(), FILE_TYPE)
    # Remove duplicates due to symbolic links.
    files = list({file.resolve(): file for file in files}.values())
    if not files:
        raise ValueError(Errors.L064.format(path=path))
    return files


def read_corpus(path: Path, vocab: Vocab) -> list[Doc]:
    """Read annotated documents.

    path (Path): A .spacy file, or a folder of them.
    vocab (Vocab): The vocabulary of the documents.
    RETURNS (list[Doc]): The documents with at least one token.
    RAISES (ValueError): If there are no documents, or a file can't be read.
    """
    docs: list[Doc] = []
    for file in find_corpus(path):
        try:
            docs += DocBin().from_disk(file).get_docs(vocab)
        except (LookupError, OSError, TypeError, ValueError) as error:
            message = Errors.L063.format(path=file, reason=first_line(error))
            raise ValueError(message) from None
    docs = [doc for doc in docs if len(doc)]
    if not docs:
        raise ValueError(Errors.L064.format(path=path))
    return docs


def digest_corpus(path: Path) -> str:
    """Calculate a digest of all files of a corpus.

    path (Path): A .spacy file, or a folder of them.
    RETURNS (str): The digest.
    RAISES (ValueError): If there are no files, or a file can't be read.
    """
    digest = hashlib.sha256()
    for file in find_corpus(path):
        try:
            content = file.read_bytes()
        except OSError as error:
            message = Errors.L063.format(path=file, reason=f"{error.strerror}.")
            raise ValueError(message) from None
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def write_corpus(path: Path, docs: Sequence[Doc]) -> None:
    """Write annotated documents to a file.

    path (Path): A .spacy file.
    docs (Sequence[Doc]): The documents.
    """
    DocBin(docs=docs, store_user_data=True).to_disk(path)
