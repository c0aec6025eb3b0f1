"""What `spacy lstm init-config` writes, to a wheel in a virtual environment."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from spacy.cli._util import app
from spacy.cli.package import package
from spacy.cli.train import train
from typer.testing import CliRunner

import spacy_lstm.cli.commands  # noqa: F401

from .util import write_corpus

ROOT = Path(__file__).parent.parent
TASKS = ["textcat", "textcat_multilabel", "tagger", "morphologizer", "ner"]
CODE = "import sys, spacy; print(spacy.load(sys.argv[1])('a lovely book').text)"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that borrows all but wheels from this one."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True, symlinks=True)
    scripts = sysconfig.get_path("scripts", vars={"base": str(folder)})
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    borrowed = [sysconfig.get_path("purelib"), str(ROOT)]
    (Path(packages) / "borrowed.pth").write_text("\n".join(borrowed))
    return Path(scripts) / Path(sys.executable).name


@pytest.mark.slow
@pytest.mark.parametrize("size", ["small", "medium", "large"])
@pytest.mark.parametrize("task", TASKS)
def test_each_task_in_each_size(
    task: str, size: str, python: Path, tmp_path: Path
) -> None:
    config, model = tmp_path / "config.cfg", tmp_path / "training" / "model-last"
    arguments = ["lstm", "init-config", task, str(config), "--size", size]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    corpus = str(write_corpus(tmp_path / "corpus.spacy"))
    overrides = {"paths.train": corpus, "paths.dev": corpus, "training.max_steps": 2}
    train(config, model.parent, overrides=overrides)
    names = {"name": f"{task}_{size}", "version": "1.0.0"}
    (tmp_path / "packages").mkdir()
    settings = {"create_sdist": False, "create_wheel": True, **names}
    package(model, tmp_path / "packages", **settings)
    (wheel,) = (tmp_path / "packages").rglob("*.whl")
    install = [str(python), "-m", "pip", "install", "--no-deps", str(wheel)]
    subprocess.run(install, check=True)
    load = [str(python), "-c", CODE, f"en_{task}_{size}"]
    done = subprocess.run(load, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "a lovely book"
