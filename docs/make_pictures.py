"""Make the pictures of the documentation, of real runs.

python docs/make_pictures.py OUT

OUT is the folder of `benchmarks/ner.py`. Needs Debian's chromium for screenshots.
"""

import random
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import spacy
import typer
from bucket_picture import draw_buckets
from spacy.tokens import DocBin

PICTURES = Path(__file__).absolute().parent / "images"
TEXT = "Mary Jones of the World Bank met Angela Merkel in Berlin."
N_DOCUMENTS = 500
N_IN_BATCH = 32


def lstm(folder: Path, *arguments: object) -> None:
    command = [sys.executable, "-m", "spacy", "lstm", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=folder)  # noqa: S603


def take_screenshot(page: Path, picture: Path, width: int, height: int) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        raise SystemExit("chromium is missing: apt install chromium")
    options = ["--headless", "--no-sandbox", "--hide-scrollbars"]
    options += [f"--screenshot={picture}", f"--window-size={width},{height}"]
    command = [browser, *options, page.as_uri()]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603


def main(out: Path) -> None:
    """Draw curves and a batch, and take screenshots of the pages of a model."""
    PICTURES.mkdir(exist_ok=True)
    logs = [f"{run}/progress.jsonl" for run in ("ours-0", "spacy-0")]
    lstm(out, "plot", *logs, "--output", PICTURES / "curves.png", "--force")
    shutil.copy(out / "reliability.png", PICTURES / "reliability.png")
    docs = list(DocBin().from_disk(out / "dev.spacy").get_docs(spacy.blank("en").vocab))
    batch = random.Random(0).sample(docs, N_IN_BATCH)  # noqa: S311
    draw_buckets([len(doc) for doc in batch], PICTURES / "buckets.png")
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model").symlink_to((out / "ours-0" / "model-best").absolute())
        page = folder / "page.html"
        lstm(folder, "explain", "model", TEXT, "--output", "page.html")
        take_screenshot(page, PICTURES / "explain.png", 900, 420)
        DocBin(docs=docs[:N_DOCUMENTS]).to_disk(folder / "dev.spacy")
        lstm(folder, "report", "model", "dev.spacy", "page.html", "--force")
        take_screenshot(page, PICTURES / "report.png", 1000, 1300)
    print(*sorted(PICTURES.glob("*.png")), sep="\n")


if __name__ == "__main__":
    typer.run(main)
