"""Write labelled texts as .spacy files."""

from pathlib import Path

import spacy
from spacy.tokens import DocBin

Texts = list[tuple[str, str]]


def write_corpus(texts: Texts, path: Path, lang: str) -> None:
    """Write texts of which exactly one label is right.

    texts (list[tuple[str, str]]): Pairs of text and label.
    path (Path): Where to.
    lang (str): Language code.
    """
    nlp = spacy.blank(lang)
    labels = sorted({label for _, label in texts})
    docs = DocBin()
    for text, label in texts:
        doc = nlp.make_doc(text)
        doc.cats = {name: float(name == label) for name in labels}
        docs.add(doc)
    path.parent.mkdir(parents=True, exist_ok=True)
    docs.to_disk(path)
    print(f"{path}: {len(texts)} texts")
