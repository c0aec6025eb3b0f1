"""Turn a treebank of Universal Dependencies into .spacy files."""

from pathlib import Path

import typer
from sources import read_text
from spacy.tokens import DocBin
from spacy.training.converters import conllu_to_docs

PARTS = ("train", "dev", "test")


def read_part(source: str, prefix: str, part: str) -> str:
    """Read one part, from a folder or from the public address.

    source (str): A folder, or an address, that holds PREFIX-ud-PART.conllu; in a folder
        it may be gzipped.
    prefix (str): Abbreviation of language and treebank, such as "en_ewt".
    part (str): "train", "dev" or "test".
    RETURNS (str): CoNLL-U.
    """
    return read_text(source, f"{prefix}-ud-{part}.conllu")


def write_corpus(source: str, prefix: str, out: Path) -> None:
    """Write train.spacy, dev.spacy and test.spacy, one document a sentence.

    source (str): A folder or an address, as for `read_part`.
    prefix (str): Abbreviation of language and treebank.
    out (Path): Where to.
    """
    out.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        text = read_part(source, prefix, part)
        docs = list(conllu_to_docs(text, n_sents=1, no_print=True))
        DocBin(docs=docs).to_disk(out / f"{part}.spacy")
        print(f"{part}: {len(docs)} sentences, {sum(map(len, docs))} words")


if __name__ == "__main__":
    typer.run(write_corpus)
