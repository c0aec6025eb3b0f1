from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import spacy
import srsly
from confection import Config
from spacy.cli._util import app
from spacy.tokens import Doc, DocBin
from typer.testing import CliRunner

import spacy_lstm.cli.commands  # noqa: F401
from spacy_lstm.evaluation.crossval.results import write_scores

TINY = {
    "nlp": {"lang": "en", "pipeline": ["lstm_textcat"]},
    "components": {
        "lstm_textcat": {
            "factory": "lstm_textcat",
            "model": {
                "@architectures": "spacy-lstm.TextCatRNN.v1",
                "exclusive_classes": True,
                "length": 100,
                "tok2vec": {
                    "@architectures": "spacy.Tok2Vec.v2",
                    "embed": {
                        "@architectures": "spacy.MultiHashEmbed.v2",
                        "width": 8,
                        "attrs": ["NORM"],
                        "rows": [100],
                        "include_static_vectors": False,
                    },
                    "encode": {
                        "@architectures": "spacy-lstm.RNNEncoder.v1",
                        "hidden": 8,
                    },
                },
            },
        }
    },
    "training": {
        "seed": 0,
        "gpu_allocator": None,
        "max_steps": 6,
        "eval_frequency": 3,
        "optimizer": {"@optimizers": "Adam.v1", "learn_rate": 0.02},
        "before_to_disk": {"@callbacks": "tests.fail_where_told.v1"},
    },
}

CODE = """
from pathlib import Path

import spacy


@spacy.registry.callbacks("tests.fail_where_told.v1")
def make_fail_where_told():
    def fail_where_told(nlp):
        folder = Path(nlp.config["paths"]["train"]).parent
        if folder.name == "fold-2" and (folder.parent.parent / "fail").exists():
            raise ValueError("this fold\\nwas told to.")
        return nlp

    return fail_where_told
"""

WORDS = {"good": ["lovely", "happy", "book"], "bad": ["awful", "sad", "story"]}


@dataclass
class Workspace:
    folder: Path

    def run(self, output: str, *arguments: str, data: str = "data.spacy") -> str:
        """RETURNS (str): The exit code and the output."""
        paths = [str(self.folder / name) for name in ("config.cfg", data, output)]
        code = ["--code", str(self.folder / "code.py")]
        command = ["lstm", "crossval", *paths, *code, "--folds", "2", *arguments]
        result = CliRunner().invoke(app, command)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        if result.exit_code == 1:
            assert len(result.stderr.strip().splitlines()) == 1
        return f"{result.exit_code} {' '.join(result.output.split())}"

    def write(self, name: str, docs: list[Doc]) -> None:
        DocBin(docs=docs).to_disk(self.folder / name)


def make_docs(categories: list[str]) -> list[Doc]:
    nlp = spacy.blank("en")
    docs = []
    for i, label in enumerate(categories):
        words = WORDS.get(label, ["so"])
        docs.append(nlp(f"a {words[i % len(words)]} {i}"))
        docs[-1].cats = {x: float(x == label) for x in sorted(set(categories))}
    return docs


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    Config(TINY).to_disk(tmp_path / "config.cfg")
    (tmp_path / "code.py").write_text(CODE)
    place = Workspace(tmp_path)
    place.write("data.spacy", make_docs(["good", "bad", "bad"] * 8))
    return place


def table(printed: str) -> str:
    return printed[printed.index("Score") : printed.rindex("Saved scores")]


def test_a_fold_that_fails_a_new_start_and_two_at_a_time(place: Workspace) -> None:
    (place.folder / "fail").touch()
    failed = place.run("one")
    assert failed.startswith("1 ")
    assert "Fold 1: trained on 10 documents, 2 for development, scored on 12" in failed
    assert "Fold 2 can't be trained: ValueError: this fold was told to. " in failed
    assert "cats_score" not in failed
    first = place.folder / "one" / "fold-1" / "scores.json"
    before = first.stat().st_mtime_ns

    (place.folder / "fail").unlink()
    resumed = place.run("one")
    assert resumed.startswith("0 ")
    assert "Divided 24 documents into 2 folds, stratified by label" in resumed
    assert "Skipping fold 1, which is finished" in resumed
    assert "Fold 1: trained" not in resumed
    assert "Fold 2: trained on" in resumed
    assert first.stat().st_mtime_ns == before

    parallel = place.run("two", "--jobs", "2")
    assert table(parallel) == table(resumed)
    written = [place.folder / name / "crossval.json" for name in ("one", "two")]
    assert written[0].read_bytes() == written[1].read_bytes()
    check_files(written[0])

    changed = place.run("one", "--seed", "1", "--training.max_steps", "3")
    assert changed.startswith("1 ")
    assert "a cross-validation with other settings: config, seed." in changed
    assert "with `--force`" in changed
    assert first.stat().st_mtime_ns == before


def check_files(path: Path) -> None:
    """Compare saved scores with the models' scores on the held-out documents."""
    content = srsly.read_json(path)
    assert content["documents"] == [{"train": 10, "dev": 2, "test": 12}] * 2
    vocab = spacy.blank("en").vocab
    texts = set()
    for i in range(2):
        folder = path.parent / f"fold-{i + 1}"
        names = {file.name for file in folder.iterdir()}
        assert {"model-best", "scores.json", "test.spacy", "training.log"} <= names
        assert {"config.cfg", "train.spacy", "dev.spacy"} <= names
        assert "model-last" not in names
        nlp = spacy.load(folder / "model-best")
        docs = list(DocBin().from_disk(folder / "test.spacy").get_docs(vocab))
        texts |= {doc.text for doc in docs}
        gold = [max(doc.cats, key=doc.cats.__getitem__) for doc in docs]
        cats = [nlp(doc.text).cats for doc in docs]
        right = sum(
            max(x, key=x.__getitem__) == y for x, y in zip(cats, gold, strict=True)
        )
        micro = content["scores"]["cats_micro_f"]["folds"][i]
        assert micro == pytest.approx(right / len(docs))
    assert len(texts) == 24
    assert "speed" not in content["scores"]


@pytest.fixture
def untrained(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace in which no training must start."""

    def run_tasks(*arguments: object) -> None:
        raise AssertionError("Something is trained")

    name = "spacy_lstm.evaluation.crossval.cross_validation.run_tasks"
    monkeypatch.setattr(name, run_tasks)
    yield place
    assert not (place.folder / "out").exists()


@pytest.mark.parametrize(
    ("categories", "arguments", "message"),
    [
        (["good"], [], "too few documents for `--folds 2`: 1."),
        (["good", "bad"] * 3, ["--folds", "7"], "`--folds 7`: 6."),
        (
            [*["good", "bad"] * 6, "rare"],
            [],
            "label 'rare' of `doc.cats` is in 1 of the documents",
        ),
        ([], [], "data.spacy contains no documents"),
        (["good", "bad"] * 6, ["--training.max_steps", "x"], "max_steps"),
        (["good", "bad"] * 6, ["--nowhere.steps", "3"], "nowhere"),
        (
            ["good", "bad"] * 6,
            ["--components.lstm_textcat.factory", "none"],
            "config.cfg can't be trained: ",
        ),
        (["good", "bad"] * 6, ["--nlp.lang", "qq"], "config.cfg can't be trained: "),
    ],
)
def test_bad_input(
    untrained: Workspace, categories: list[str], arguments: list[str], message: str
) -> None:
    untrained.write("data.spacy", make_docs(categories))
    printed = untrained.run("out", *arguments)
    assert printed.startswith("1 ")
    assert message in printed


def test_that_a_file_is_no_output(untrained: Workspace) -> None:
    printed = untrained.run("config.cfg")
    assert printed.startswith("1 ")
    assert "config.cfg" in printed


def test_that_ctrl_c_says_how_to_go_on(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_stopped(*_: object) -> list:
        raise KeyboardInterrupt

    name = "spacy_lstm.evaluation.crossval.cross_validation.run_tasks"
    monkeypatch.setattr(name, be_stopped)
    printed = place.run("out")
    assert printed.startswith("130 ")
    assert "Run the same command again" in printed


def test_data_of_another_task(untrained: Workspace) -> None:
    untrained.write("ents.spacy", [Doc(spacy.blank("en").vocab, words=["a"])] * 9)
    printed = untrained.run("out", data="ents.spacy")
    assert printed.startswith("1 ")
    assert "'lstm_textcat' learns `doc.cats`, which" in printed


def test_unknown_options(untrained: Workspace) -> None:
    printed = untrained.run("out", "--nowhere", "1")
    assert printed.startswith("2 ")
    assert "No such option" in printed


def test_missing_files(untrained: Workspace) -> None:
    printed = untrained.run("out", data="nowhere.spacy")
    assert printed.startswith("1 ")
    assert "nowhere.spacy. Give a .spacy file" in printed
    (untrained.folder / "config.cfg").unlink()
    printed = untrained.run("out")
    assert printed.startswith("1 ")
    assert "config.cfg. Give a config" in printed


def test_that_something_else_is_not_written_over(place: Workspace) -> None:
    out = place.folder / "mine"
    out.mkdir()
    (out / "crossval.json").write_text("[]")
    printed = place.run("mine")
    assert printed.startswith("1 ")
    assert "mine already exists" in printed
    assert [path.name for path in out.iterdir()] == ["crossval.json"]
    assert (out / "crossval.json").read_text() == "[]"


def test_that_force_begins_anew(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = place.folder / "out"
    for i in (1, 2, 3, 4, 5):
        (out / f"fold-{i}").mkdir(parents=True)
        (out / f"fold-{i}" / "scores.json").write_text("{}")
    srsly.write_json(out / "crossval.json", {"fingerprint": {"folds": 4}})

    def run_tasks(*arguments: object) -> Iterator[tuple[str, str]]:
        assert sorted(path.name for path in out.rglob("*.json")) == [
            "crossval.json",
            "scores.json",  # of fold 5, which is somebody else's
        ]
        return iter([("fold-1", "ValueError: so")])

    name = "spacy_lstm.evaluation.crossval.cross_validation.run_tasks"
    monkeypatch.setattr(name, run_tasks)
    (out / "fold-2" / "scores.json").unlink()
    (out / "fold-2" / "mine.txt").write_text("")
    elsewhere = place.folder / "elsewhere"
    (out / "fold-1").rename(elsewhere)
    (out / "fold-1").symlink_to(elsewhere)
    printed = place.run("out", "--force")
    assert (out / "fold-2" / "mine.txt").exists()
    assert elsewhere.exists()
    assert "Fold 1 can't be trained: ValueError: so. Fix this" in printed
    assert srsly.read_json(out / "crossval.json")["fingerprint"]["folds"] == 2
    assert (out / "fold-5").exists()


@pytest.mark.parametrize(
    "left", [None, "[", '{"fingerprint": 5}', '{"fingerprint": {"x": 0}}']
)
def test_that_force_trains_all_folds_though_it_is_unknown_what_is_there(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, left: str | None
) -> None:
    """Even if the folds have scores with the same fingerprint."""
    out = place.folder / "out"
    trained: list[str] = []

    def run_tasks(tasks: dict, n_jobs: int) -> Iterator[tuple[str, str]]:
        for name, task in tasks.items():
            trained.append(name)
            write_scores(task.folder, task.fingerprint, {"cats_score": 0.5})
            yield name, ""

    name = "spacy_lstm.evaluation.crossval.cross_validation.run_tasks"
    monkeypatch.setattr(name, run_tasks)
    assert place.run("out").startswith("0 ")
    if left is None:
        (out / "crossval.json").unlink()
    else:
        (out / "crossval.json").write_text(left)
    assert place.run("out").startswith("1 ")
    assert place.run("out", "--force").startswith("0 ")
    assert trained == ["fold-1", "fold-2"] * 2


def test_code_that_can_not_be_run(
    untrained: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (untrained.folder / "bad.py").write_text("\n1 / 0")
    (untrained.folder / "code.txt").write_text("")
    for file, message in (
        ("none.py", "There is no {}. Give a Python file with registered"),
        ("bad.py", "{} can't be run: ZeroDivisionError: division by zero, in line 2."),
        ("code.txt", "{} can't be run: its name doesn't end in .py."),
    ):
        path = untrained.folder / file
        printed = untrained.run("out", "--code", str(path))
        assert printed.startswith("1 ")
        assert message.format(path) in printed
    monkeypatch.chdir(untrained.folder)
    assert "division by zero, in line 2." in untrained.run("out", "--code", "bad.py")


def test_folders_with_the_name_of_a_corpus(untrained: Workspace) -> None:
    (untrained.folder / "texts" / "old.spacy").mkdir(parents=True)
    printed = untrained.run("out", data="texts")
    assert printed.startswith("1 ")
    assert "texts contains no documents" in printed


def test_without_scikit_learn(
    untrained: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spacy_lstm.training.strata.find_spec", lambda name: None)
    printed = untrained.run("out")
    assert printed.startswith("1 ")
    assert "scikit-learn is not installed" in printed


def test_without_a_gpu(untrained: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacy_lstm.cli.files.gpu_is_available", lambda: False)
    printed = untrained.run("out", "--gpu-id", "0")
    assert printed.startswith("1 ")
    assert "`--gpu-id` is 0, but this GPU can't be used: there is no GPU" in printed
