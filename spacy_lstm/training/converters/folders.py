"""Converter for folders of texts with one subfolder per label."""

from collections.abc import Iterator
from pathlib import Path

from .lines import bad_line, read_text
from .options import Options
from .records import Record


def subfolders(path: Path) -> list[Path]:
    """List the subfolders of a folder, except for hidden ones.

    path (Path): The folder.
    RETURNS (list[Path]): The subfolders, sorted by name.
    """
    return sorted(
        folder
        for folder in path.iterdir()
        if folder.is_dir() and not folder.name.startswith(".")
    )


def read_texts(path: Path, options: Options) -> Iterator[Record]:
    """Read text files whose subfolder is their label.

    path (Path): The folder.
    options (Options): Not used.
    YIELDS (Record): The texts.
    RAISES (ValueError): If a file is empty or not in UTF-8.
    """
    for folder in subfolders(path):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.name.startswith("."):
                text = read_text(file).strip()
                if not text:
                    raise bad_line(file, 1, "an empty file", "a text")
                yield Record(file, 1, text, [folder.name])
