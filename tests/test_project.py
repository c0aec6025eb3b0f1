"""Each workflow of the project, from data to a wheel, with two steps of training."""

import importlib.util
import shutil
from pathlib import Path

import pytest
import srsly
from spacy.cli.project.run import project_run

ROOT = Path(__file__).parent.parent
PROJECT = srsly.read_yaml(ROOT / "project" / "project.yml")
STEPS = {f"vars.{name}": 2 for name in PROJECT["vars"] if name.endswith("_steps")}
# Those need a package index, to make a virtual environment of their own.
ON_THE_NET = ("install", "classify", "tag", "recognize")
CONLLU = """\
1\tWe\twe\tPRON\tPRP\tNumber=Plur\t2\tnsubj\t_\t_
2\tread\tread\tVERB\tVBP\tTense=Pres\t0\troot\t_\t_
3\tbooks\tbook\tNOUN\tNNS\tNumber=Plur\t2\tobj\t_\t_

"""
CONLL = "Mary\tB-person\nlives\tO\nin\tO\nParis\tB-location\n\n"
TSV = "1\ta warm and funny film\n0\ttwo hours that nobody gives back\n"
FILES = {
    "sst2": ("{part}.tsv", TSV),
    "ewt": ("en_ewt-ud-{part}.conllu", CONLLU),
    "wnut": ("{part}.conll", CONLL),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("project", "configs"):
        ignored = shutil.ignore_patterns(*(ROOT / ".gitignore").read_text().split())
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("corpus", "training", "metrics", "packages"):
        shutil.rmtree(tmp_path / "project" / name, ignore_errors=True)
    return tmp_path / "project"


def write_files(folder: Path) -> dict[str, str]:
    """RETURNS (dict[str, str]): The variables that name them."""
    for variable, (name, text) in FILES.items():
        (folder / variable).mkdir()
        for part in ("train", "dev", "test"):
            path = folder / variable / name.format(part=part)
            path.write_text(text * 10, encoding="utf8")
    folders = {f"vars.{variable}": str(folder / variable) for variable in FILES}
    return {**folders, "vars.wnut_files": "train.conll,dev.conll,test.conll"}


def commands_of(workflow: str) -> list[str]:
    names = PROJECT["workflows"][workflow]
    return [name for name in names if name.partition("-")[0] not in ON_THE_NET]


@pytest.mark.slow
@pytest.mark.parametrize("workflow", [w for w in PROJECT["workflows"] if w != "all"])
def test_that_a_workflow_makes_a_wheel(workflow: str, project: Path) -> None:
    for package in ("snownlp", "pysblgnt", "sklearn"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(
                f"{package} is missing: pip install -r project/requirements.txt"
            )
    overrides = {**STEPS, **write_files(project.parent)}
    for command in commands_of(workflow):
        project_run(project, command, overrides=overrides, capture=True)
    assert list(project.glob("metrics/*.json"))
    assert list(project.glob("packages/*/dist/*.whl"))


def test_that_all_goes_through_three_tasks() -> None:
    workflows = PROJECT["workflows"]
    three = workflows["textcat"] + workflows["tagger"] + workflows["ner"]
    assert workflows["all"] == three


def test_that_every_command_is_in_a_workflow() -> None:
    used = {name for names in PROJECT["workflows"].values() for name in names}
    assert used == {command["name"] for command in PROJECT["commands"]}
