"""Files that are in a folder, or at a public address."""

import gzip
from pathlib import Path
from urllib.request import urlopen


def read_text(source: str, name: str) -> str:
    """Read a file.

    source (str): A folder, in which the file may be gzipped, or an address.
    name (str): Name of the file.
    RETURNS (str): Its text.
    """
    if source.startswith(("http://", "https://")):
        with urlopen(f"{source}/{name}") as response:  # noqa: S310
            return response.read().decode("utf8")
    path, packed = Path(source) / name, Path(source) / f"{name}.gz"
    if path.exists():
        return path.read_text("utf8")
    if not packed.exists():
        raise SystemExit(f"There is no {name} in {source}, which project.yml names.")
    with gzip.open(packed, "rt", encoding="utf8") as file:
        return file.read()
