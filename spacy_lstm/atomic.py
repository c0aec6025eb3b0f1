"""Atomic writing of files."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from .errors import Errors


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write files of one folder atomically: all or none. Creates the folder.

    contents (Mapping[Path, bytes]): The content of each file.
    RAISES (ValueError): If the files can't be written.
    """
    folder = next(iter(contents)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".") as temporary:
            for path, content in contents.items():
                (Path(temporary) / path.name).write_bytes(content)
            for path in contents:
                (Path(temporary) / path.name).replace(path)
    except OSError as error:
        message = Errors.L081.format(path=next(iter(contents)), reason=error.strerror)
        raise ValueError(message) from None
