"""The package as a whole: what is registered, what trains, what is shipped."""

import configparser
import contextlib
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import spacy
import srsly
from numpy.testing import assert_allclose
from spacy.cli.debug_config import debug_config
from spacy.cli.evaluate import evaluate
from spacy.cli.package import package
from spacy.cli.train import train as spacy_train
from spacy.util import load_config, registry
from thinc.api import fix_random_seed

from .util import TEXTS, make_examples, write_corpus, write_vectors

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.cfg"))


def registered() -> list[tuple[str, str]]:
    setup = configparser.ConfigParser()
    setup.optionxform = str  # type: ignore[assignment,method-assign]
    setup.read(ROOT / "setup.cfg")
    return [
        (group.partition("_")[2], line.split("=")[0].strip())
        for group, lines in setup["options.entry_points"].items()
        if group != "spacy_cli"
        for line in lines.strip().splitlines()
    ]


@pytest.mark.parametrize(("group", "name"), registered())
def test_entry_points_are_found(group: str, name: str) -> None:
    spacy.blank("en")  # finds the factories
    info = registry.find(group, name)
    assert info["module"].startswith("spacy_lstm.")
    assert registry.get(group, name).__doc__


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, spacy_lstm; assert not {'torch', 'spacy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_uses_one_thread_of_torch() -> None:
    code = (
        "import os, torch, spacy_lstm\n"
        "torch.set_num_threads(2)\n"
        "child = os.fork()\n"
        "if not child: os._exit(torch.get_num_threads())\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1\n"
        "assert torch.get_num_threads() == 2\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize(("value", "n_threads"), [("1", 2), ("0", 1)])
def test_threads_after_a_fork_by_a_variable(value: str, n_threads: int) -> None:
    code = (
        "import os, torch, spacy_lstm\n"
        "torch.set_num_threads(2)\n"
        "child = os.fork()\n"
        "if not child: os._exit(torch.get_num_threads())\n"
        f"assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == {n_threads}\n"
    )
    environment = {**os.environ, "SPACY_LSTM_KEEP_THREADS_AFTER_FORK": value}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


FORK = """
import os, sys, torch
if sys.argv[1] == "hooked": import spacy_lstm
torch.set_num_threads(2)
values = torch.ones(1_000_000)
torch.tanh(values)
child = os.fork()
if not child: os._exit(int(torch.tanh(values).sum() < 0))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize(
    "hook",
    [
        "hooked",
        pytest.param(
            "upstream",
            marks=pytest.mark.xfail(raises=subprocess.TimeoutExpired, strict=True),
        ),
    ],
)
def test_a_forked_process_does_not_hang(hook: str) -> None:
    """It does in torch by itself, and so in spaCy's `n_process`."""
    command = [sys.executable, "-c", FORK, hook]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        assert process.wait(timeout=15) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def paths(tmp_path: Path, lang: str = "en") -> dict[str, str]:
    corpus = str(write_corpus(tmp_path / "corpus.spacy"))
    vectors = str(write_vectors(tmp_path / "vectors", lang))
    return {"paths.train": corpus, "paths.dev": corpus, "paths.vectors": vectors}


def language_of(config: Path) -> str:
    return load_config(config)["nlp"]["lang"]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_configs_are_complete(config: Path, tmp_path: Path) -> None:
    debug_config(config, overrides=paths(tmp_path, language_of(config)))


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_configs_train(config: Path, tmp_path: Path) -> None:
    limits = {"training.max_steps": 12, "training.eval_frequency": 6}
    out = tmp_path / "out"
    overrides = {**paths(tmp_path, language_of(config)), **limits}
    spacy_train(config, out, overrides=overrides)
    nlp = spacy.load(out / "model-best")
    doc = nlp("A lovely book")
    if "lstm_tagger" in nlp.pipe_names:
        assert {token.tag_ for token in doc} <= {"LONG", "SHORT"}
        assert {token.pos_ for token in doc} <= {"ADJ", "X"}
    elif "ner" in nlp.pipe_names:
        assert nlp.get_pipe("ner").labels == ("THING",)
    elif "lstm_ner" in nlp.pipe_names:
        assert nlp.get_pipe("lstm_ner").labels == ("THING",)
        assert nlp.get_pipe("lstm_ner").cfg["temperature"] != 1.0
        assert {ent.label_ for ent in doc.ents} <= {"THING"}
    else:
        assert doc.cats.keys() == {"good", "bad"}
    assert len((out / "progress.jsonl").read_text().splitlines()) == 3
    nlp.resume_training()  # makes the optimizer anew, of the saved config


def test_training_twice_gives_the_same_model(tmp_path: Path) -> None:
    limits = {"training.max_steps": 8, "training.eval_frequency": 4}
    overrides = {**paths(tmp_path), **limits}
    for out in ("a", "b"):
        fix_random_seed(1 if out == "a" else 2)
        spacy_train(ROOT / "configs/textcat.cfg", tmp_path / out, overrides=overrides)
    a, b = (tmp_path / out / "model-last/lstm_textcat/model" for out in ("a", "b"))
    assert a.read_bytes() == b.read_bytes()


def test_training_on_several_threads_gives_the_same_model() -> None:
    code = (
        "import spacy, sys, torch\n"
        "from thinc.api import fix_random_seed\n"
        "from tests.util import make_examples, train\n"
        "torch.set_num_threads(2)\n"
        "def trained():\n"
        "    fix_random_seed(0)\n"
        "    nlp = spacy.blank('en')\n"
        "    nlp.add_pipe('lstm_textcat')\n"
        "    train(nlp, make_examples(nlp) * 8, steps=3)\n"
        "    return nlp.get_pipe('lstm_textcat').model.to_bytes()\n"
        "assert trained() == trained()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_scores_while_training_are_those_of_the_saved_model(tmp_path: Path) -> None:
    limits = {"training.max_steps": 12, "training.eval_frequency": 4}
    overrides = {**paths(tmp_path), **limits}
    spacy_train(ROOT / "configs/textcat.cfg", tmp_path / "out", overrides=overrides)
    nlp = spacy.load(tmp_path / "out" / "model-best")
    scores = nlp.evaluate(make_examples(nlp))
    assert nlp.meta["performance"]["cats_score"] == pytest.approx(scores["cats_score"])


def test_scores_of_a_tagger_while_training_are_those_of_the_saved_model(
    tmp_path: Path,
) -> None:
    limits = {"training.max_steps": 12, "training.eval_frequency": 4}
    overrides = {**paths(tmp_path), **limits}
    spacy_train(ROOT / "configs/tagger.cfg", tmp_path / "out", overrides=overrides)
    scores = evaluate(tmp_path / "out" / "model-best", tmp_path / "corpus.spacy")
    performance = srsly.read_json(tmp_path / "out/model-best/meta.json")["performance"]
    for name in ("tag_acc", "pos_acc"):
        assert performance[name] == pytest.approx(scores[name])


def test_a_wheel_names_its_requirement_and_gives_the_same_scores(
    tmp_path: Path,
) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat")
    nlp.initialize(lambda: make_examples(nlp))
    nlp.to_disk(tmp_path / "model")
    (tmp_path / "out").mkdir()
    package(
        tmp_path / "model",
        tmp_path / "out",
        name="reviews",
        version="1.2.3",
        create_sdist=False,
        create_wheel=True,
    )
    (wheel,) = (tmp_path / "out").rglob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        (metadata,) = (n for n in archive.namelist() if n.endswith("METADATA"))
        requirements = archive.read(metadata).decode()
    assert "Requires-Dist: spacy-lstm<" in requirements
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import en_reviews, srsly\n"
        "nlp = en_reviews.load()\n"
        "print(srsly.json_dumps([d.cats for d in nlp.pipe(sys.argv[2:])]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "site"), *TEXTS]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    for found, doc in zip(srsly.json_loads(run.stdout), nlp.pipe(TEXTS), strict=True):
        assert_allclose(list(found.values()), list(doc.cats.values()), atol=1e-6)


@pytest.mark.gpu
def test_gpu_gives_the_probabilities_of_the_cpu() -> None:
    if not spacy.prefer_gpu():
        pytest.skip("no GPU here, or CuPy is missing")
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat")
    nlp.initialize(lambda: make_examples(nlp))
    nlp.update(make_examples(nlp))
    saved = nlp.to_bytes()
    on_gpu = [list(doc.cats.values()) for doc in nlp.pipe(TEXTS)]
    spacy.require_cpu()
    loaded = spacy.util.load_model_from_config(nlp.config, auto_fill=True)
    loaded.from_bytes(saved)
    on_cpu = [list(doc.cats.values()) for doc in loaded.pipe(TEXTS)]
    assert_allclose(on_gpu, on_cpu, atol=1e-4)
