"""Annotate texts with a packaged model that is installed somewhere else."""

import subprocess
from pathlib import Path

import typer
from install import python_of

CODE = """
import sys, spacy
nlp = spacy.load(sys.argv[1])
for doc in nlp.pipe(sys.argv[2:]):
    if doc.cats:
        label = max(doc.cats, key=doc.cats.get)
        print(f"{label} {doc.cats[label]:.3f}  {doc.text}")
    for token in doc if doc.has_annotation("TAG") else ():
        print(f"{token.text:16} {token.tag_:8} {token.pos_:6} {token.morph}")
    for ent in doc.ents:
        print(f"{ent.label_:16} {ent.text}")
"""


def main(folder: Path, name: str, texts: list[str]) -> None:
    """Print the most probable label of each text, or its tokens and entities."""
    python = python_of(folder).absolute()
    subprocess.run([python, "-X", "utf8", "-c", CODE, name, *texts], check=True)


if __name__ == "__main__":
    typer.run(main)
