"""Turn UD English EWT into .spacy files."""

import gzip
from pathlib import Path
from urllib.request import urlopen

import typer
from spacy.tokens import DocBin
from spacy.training.converters import conllu_to_docs

PARTS = ("train", "dev", "test")


def read_part(source: str, part: str) -> str:
    """Read one part, from a folder or from the public address.

    source (str): A folder, or an address, that holds en_ewt-ud-PART.conllu; in a folder
        it may be gzipped.
    part (str): "train", "dev" or "test".
    RETURNS (str): CoNLL-U.
    """
    name = f"en_ewt-ud-{part}.conllu"
    if source.startswith("https://"):
        with urlopen(f"{source}/{name}") as response:  # noqa: S310
            return response.read().decode("utf8")
    path = Path(source) / name
    if path.exists():
        return path.read_text("utf8")
    with gzip.open(f"{path}.gz", "rt", encoding="utf8") as file:
        return file.read()


def main(source: str, out: Path) -> None:
    """Write train.spacy, dev.spacy and test.spacy, one document a sentence."""
    out.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        docs = list(conllu_to_docs(read_part(source, part), n_sents=1, no_print=True))
        DocBin(docs=docs, store_user_data=True).to_disk(out / f"{part}.spacy")
        print(f"{part}: {len(docs)} sentences, {sum(map(len, docs))} words")


if __name__ == "__main__":
    typer.run(main)
