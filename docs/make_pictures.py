"""Make the pictures of the documentation, of real runs.

python docs/make_pictures.py OUT

OUT is the folder of `benchmarks/ner.py`. Needs Debian's chromium for screenshots.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import spacy
import typer
from spacy.tokens import DocBin

PICTURES = Path(__file__).absolute().parent / "images"
TEXT = "Mary Jones of the World Bank met Angela Merkel in Berlin."
N_DOCUMENTS = 500


def lstm(folder: Path, *arguments: object) -> None:
    command = [sys.executable, "-m", "spacy", "lstm", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=folder)  # noqa: S603


def take_screenshot(page: Path, picture: Path, width: int, height: int) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        raise SystemExit("chromium is missing: apt install chromium")
    options = ["--headless", "--no-sandbox", "--hide-scrollbars"]
    options += [f"--screenshot={picture}", f"--window-size={width},{height}"]
    subprocess.run([browser, *options, page.as_uri()], check=True)  # noqa: S603


def main(out: Path) -> None:
    """Draw curves, and take screenshots of an explanation and of a report."""
    PICTURES.mkdir(exist_ok=True)
    logs = [f"{run}/progress.jsonl" for run in ("ours-0", "spacy-0")]
    lstm(out, "plot", *logs, "--output", PICTURES / "curves.png", "--force")
    shutil.copy(out / "reliability.png", PICTURES / "reliability.png")
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model").symlink_to((out / "ours-0" / "model-best").absolute())
        page = folder / "page.html"
        lstm(folder, "explain", "model", TEXT, "--output", "page.html")
        take_screenshot(page, PICTURES / "explain.png", 900, 420)
        docs = DocBin().from_disk(out / "dev.spacy").get_docs(spacy.blank("en").vocab)
        DocBin(docs=list(docs)[:N_DOCUMENTS]).to_disk(folder / "dev.spacy")
        lstm(folder, "report", "model", "dev.spacy", "page.html", "--force")
        take_screenshot(page, PICTURES / "report.png", 1000, 1300)


if __name__ == "__main__":
    typer.run(main)
