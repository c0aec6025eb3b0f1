"""Turn the Greek New Testament that the package py-sblgnt ships into .spacy files.

Its text is the SBLGNT, its tags are those of MorphGNT (https://morphgnt.org). Words are
split into train, dev and test by book, and documents are verses.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

import spacy
import typer
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

DEV = ("1Co", "1Pe")
TEST = ("Heb", "Jas", "Php")
PARTS_OF_SPEECH = {
    "A-": "ADJ",
    "C-": "CCONJ",
    "D-": "ADV",
    "I-": "INTJ",
    "N-": "NOUN",
    "P-": "ADP",
    "RA": "DET",
    "RD": "PRON",
    "RI": "PRON",
    "RP": "PRON",
    "RR": "PRON",
    "V-": "VERB",
    "X-": "PART",
}
# The eight places of a parsing code, and what their letters mean in UD.
FEATURES = (
    ("Person", {"1": "1", "2": "2", "3": "3"}),
    (
        "Tense",
        {"P": "Pres", "I": "Imp", "F": "Fut", "A": "Aor", "X": "Perf", "Y": "Pqp"},
    ),
    ("Voice", {"A": "Act", "M": "Mid", "P": "Pass"}),
    ("Mood", {"I": "Ind", "D": "Imp", "S": "Sub", "O": "Opt", "N": "Inf", "P": "Part"}),
    ("Case", {"N": "Nom", "G": "Gen", "D": "Dat", "A": "Acc", "V": "Voc"}),
    ("Number", {"S": "Sing", "P": "Plur"}),
    ("Gender", {"M": "Masc", "F": "Fem", "N": "Neut"}),
    ("Degree", {"C": "Cmp", "S": "Sup"}),
)


class Words:
    """The words of a verse, and their annotations."""

    def __init__(self) -> None:
        self.columns: dict[str, list] = defaultdict(list)

    def add(self, word: str, tag: str, pos: str, morph: str, lemma: str) -> None:
        """Add a word, or a punctuation mark."""
        row = {"words": word, "tags": tag, "pos": pos, "morphs": morph, "lemmas": lemma}
        for name, value in row.items():
            self.columns[name].append(value)

    def to_doc(self, vocab: Vocab) -> Doc:
        """RETURNS (Doc): The verse."""
        marks = [pos == "PUNCT" for pos in self.columns["pos"]]
        spaces = [not mark for mark in [*marks[1:], True]]
        return Doc(vocab, spaces=spaces, **self.columns)


def books() -> Iterator[tuple[str, Path]]:
    """List the files of the package.

    YIELDS (tuple[str, Path]): Abbreviation of the book, and its file.
    """
    package = find_spec("pysblgnt")
    if package is None or package.origin is None:
        raise SystemExit("py-sblgnt is missing: pip install -r requirements.txt")
    for path in sorted((Path(package.origin).parent / "sblgnt").glob("*.txt")):
        yield path.name.split("-")[1], path


def read_verses(path: Path, vocab: Vocab) -> Iterator[Doc]:
    """Read a book.

    path (Path): A file of lines of verse, part of speech, parsing code, tag, text,
        word, normalized word and lemma.
    vocab (Vocab): Vocabulary of the documents.
    YIELDS (Doc): One verse after the other.
    """
    with path.open(encoding="utf8", newline="") as file:
        rows = csv.reader(file, delimiter=" ", quoting=csv.QUOTE_NONE)
        for _, verse in groupby(rows, key=lambda row: row[0]):
            words = Words()
            for _, pos, code, tag, text, word, _, lemma in verse:
                before, after = text.split(word, maxsplit=1)
                for mark in before:
                    words.add(mark, "PUNCT", "PUNCT", "", mark)
                words.add(word, tag, PARTS_OF_SPEECH[pos], features(code), lemma)
                for mark in after:
                    words.add(mark, "PUNCT", "PUNCT", "", mark)
            yield words.to_doc(vocab)


def features(code: str) -> str:
    """Spell out a parsing code such as "3AAI-S--".

    code (str): Eight characters.
    RETURNS (str): Features in the format of UD.
    """
    pairs = zip(FEATURES, code, strict=True)
    return "|".join(
        f"{name}={values[letter]}" for (name, values), letter in pairs if letter != "-"
    )


def main(out: Path) -> None:
    """Write train.spacy, dev.spacy and test.spacy."""
    vocab = spacy.blank("grc").vocab
    parts = {"train": DocBin(), "dev": DocBin(), "test": DocBin()}
    for book, path in books():
        part = "dev" if book in DEV else "test" if book in TEST else "train"
        for doc in read_verses(path, vocab):
            parts[part].add(doc)
    out.mkdir(parents=True, exist_ok=True)
    for part, docs in parts.items():
        docs.to_disk(out / f"{part}.spacy")
        n_words = sum(len(doc) for doc in docs.get_docs(vocab))
        print(f"{part}: {len(docs)} verses, {n_words} words")


if __name__ == "__main__":
    typer.run(main)
