"""Writing of .spacy files."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from spacy.tokens import Doc, DocBin

from ...errors import Errors


def write_parts(parts: Mapping[Path, Sequence[Doc]]) -> None:
    """Write several files. If one fails, none is written.

    parts (Mapping[Path, Sequence[Doc]]): Documents by path.
    RAISES (ValueError): If the files can't be written.
    """
    folder = next(iter(parts)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".") as temporary:
            for path, docs in parts.items():
                corpus = DocBin(docs=docs, store_user_data=True)
                corpus.to_disk(Path(temporary) / path.name)
            for path in parts:
                os.replace(Path(temporary) / path.name, path)
    except OSError as error:
        message = Errors.L081.format(path=folder, reason=error.strerror)
        raise ValueError(message) from None
