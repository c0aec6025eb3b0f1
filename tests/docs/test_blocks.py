"""Every code block and command of the documentation is run, in the order of its page.

Trainings are cut to two steps. What installs something is checked for the files that
it names. What takes minutes is checked for workflows and options, and run by slow
tests: the project by test_project.py, benchmarks by test_benchmarks.py.
"""

import configparser
import importlib.util
import inspect
import json
import re
import shlex
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
import srsly
import typer
from spacy.cli._util import app
from spacy.tokens import Doc, DocBin
from spacy.util import registry
from typer.testing import CliRunner

import spacy_lstm.cli.commands  # noqa: F401

from ..util import make_examples, write_corpus, write_vectors

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
FEW_STEPS = ["--training.max_steps", "2", "--training.eval_frequency", "1"]


def blocks_of(page: Path) -> list[tuple[str, str]]:
    return re.findall(r"(?ms)^```(\w+)\n(.*?)^```", page.read_text("utf8"))


def commands_of(block: str) -> Iterator[list[str]]:
    for line in block.splitlines():
        yield shlex.split(line, comments=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that the pages take for given."""
    for name in ("configs", "project", "benchmarks", "requirements.txt"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("train", "dev", "test"):
        write_corpus(tmp_path / f"{name}.spacy")
    write_vectors(tmp_path / "en_vectors")
    docs = [example.reference for example in make_examples(spacy.blank("en"))] * 5
    DocBin(docs=docs).to_disk(tmp_path / "reviews.spacy")
    rows = [{"text": doc.text, "label": best_label(doc)} for doc in docs]
    srsly.write_jsonl(tmp_path / "reviews.jsonl", rows)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def best_label(doc: Doc) -> str:
    return max(doc.cats, key=lambda label: doc.cats[label])


def run_command(command: list[str]) -> None:
    match command:
        case []:
            return
        case ["python3", "-m", "venv", *_]:
            return
        case ["mkdir", "-p", name]:
            Path(name).mkdir(exist_ok=True)
        case ["python", "-m", "spacy", "project", "run", workflow, "project", *_]:
            project = srsly.read_yaml(ROOT / "project" / "project.yml")
            assert workflow in project["workflows"]
        case ["python", "-m", "spacy", *arguments]:
            run_spacy(arguments)
        case ["python", "-m", "pip", "install", *arguments]:
            for option, name in pairwise(arguments):
                assert option != "-r" or (ROOT / name).exists()
        case ["python", script, *arguments] if script.startswith("benchmarks/"):
            parse(ROOT / script, arguments)
        case ["python", "-m", "pytest" | "mkdocs", *_] | ["pre-commit", "install"]:
            return
        case _:
            pytest.fail(f"Nobody runs {shlex.join(command)}")


def run_spacy(arguments: list[str]) -> None:
    if arguments[0] == "train" or arguments[:2] == ["lstm", "crossval"]:
        arguments = [*arguments, *FEW_STEPS]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, f"{shlex.join(arguments)}\n{result.output}"


def parse(script: Path, arguments: list[str]) -> None:
    """Read the arguments of a script without running it."""
    sys.path.insert(0, str(script.parent))
    try:
        spec = importlib.util.spec_from_file_location(script.stem, script)
        module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    finally:
        sys.path.remove(str(script.parent))
    script_app = typer.Typer()
    script_app.command()(module.main)
    typer.main.get_command(script_app).make_context(script.name, arguments)


def check_config(block: str) -> None:
    """See that what a part of a config names is registered, with these arguments.

    Other settings, such as labels, are those that tests/cli train with.
    """
    config = configparser.ConfigParser()
    config.read_string(block)
    for section in map(dict, map(config.__getitem__, config.sections())):
        group = next((name for name in section if name.startswith("@")), None)
        if group is None:
            assert section.keys() <= {
                "labels",
                "source",
                "replace_listeners",
                "frozen_components",
            }
            continue
        function = registry.get(group[1:], json.loads(section.pop(group)))
        assert section.keys() <= inspect.signature(function).parameters.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_that_blocks_run(page: Path, folder: Path) -> None:
    names: dict = {}
    for language, block in blocks_of(page):
        if language == "bash":
            for command in commands_of(block):
                run_command(command)
        elif language == "python":
            exec(compile(block, page.name, "exec"), names)
        elif language == "ini":
            check_config(block)
        else:
            pytest.fail(f"{page.name} has a block of {language}")
