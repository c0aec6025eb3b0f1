"""Turn files of one token a line, its entity last, into .spacy files."""

from collections.abc import Iterator
from pathlib import Path

import typer
from sources import read_text
from spacy.tokens import Doc, DocBin
from spacy.training.converters import conll_ner_to_docs

PARTS = ("train", "dev", "test")


def read_sentences(text: str) -> Iterator[Doc]:
    """Read sentences, which end where a line is empty.

    text (str): Lines of columns: the token first, its tag in IOB last.
    YIELDS (Doc): One sentence after the other.
    """
    lines = (line.rstrip("\r") for line in text.split("\n"))
    kept = (line for line in lines if not line.startswith("-DOCSTART-"))
    yield from conll_ner_to_docs("\n".join(kept), n_sents=1, no_print=True)


def write_corpus(source: str, out: Path, files: str = "train,dev,test") -> None:
    """Write train.spacy, dev.spacy and test.spacy, one document a sentence.

    source (str): A folder or an address that holds the files.
    out (Path): Where to.
    files (str): Names of the three files, with commas between.
    """
    if len(files.split(",")) != len(PARTS):
        raise SystemExit(f"Name three files, of train, dev and test, not {files}.")
    out.mkdir(parents=True, exist_ok=True)
    for part, name in zip(PARTS, files.split(","), strict=True):
        docs = list(read_sentences(read_text(source, name)))
        DocBin(docs=docs).to_disk(out / f"{part}.spacy")
        n_entities = sum(len(doc.ents) for doc in docs)
        print(f"{part}: {len(docs)} sentences, {n_entities} entities")


if __name__ == "__main__":
    typer.run(write_corpus)
