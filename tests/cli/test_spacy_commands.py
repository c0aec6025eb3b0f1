"""spaCy's own commands on pipelines with the package's components."""

from pathlib import Path

import pytest
import spacy
import srsly
from spacy.cli._util import app
from spacy.tokens import DocBin
from spacy.util import load_config
from typer.testing import CliRunner

import spacy_lstm.cli.commands  # noqa: F401

from ..util import TEXTS, make_examples, make_trained, train, write_corpus

SMALL = [
    *("--training.max_steps", "4", "--training.eval_frequency", "2"),
    *("--nlp.batch_size", "4"),
]


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus, and a trained tagger and classifier."""
    folder = tmp_path_factory.mktemp("commands")
    write_corpus(folder / "corpus.spacy")
    srsly.write_jsonl(folder / "texts.jsonl", [{"text": text} for text in TEXTS])
    make_trained("lstm_tagger", {"probabilities": True}).to_disk(folder / "tagger")
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat")
    train(nlp, make_examples(nlp))
    nlp.to_disk(folder / "textcat")
    return folder


def test_apply(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "found.spacy"
    run("apply", folder / "tagger", folder / "texts.jsonl", output)
    nlp = spacy.load(folder / "tagger")
    docs = list(DocBin().from_disk(output).get_docs(nlp.vocab))
    assert len(docs) == len(TEXTS)
    for doc in docs:
        expected = nlp(doc.text)
        assert [token.tag_ for token in doc] == [token.tag_ for token in expected]
        assert [token._.tag_prob for token in doc] == pytest.approx(
            [token._.tag_prob for token in expected], abs=1e-5
        )


def test_benchmark(folder: Path, tmp_path: Path) -> None:
    corpus, scores = folder / "corpus.spacy", tmp_path / "scores.json"
    output = run(
        *("benchmark", "speed", folder / "tagger", corpus),
        *("--batches", "30", "--warmup", "0"),
    )
    assert "words/s" in output
    run("benchmark", "accuracy", folder / "textcat", corpus, "--output", scores)
    assert srsly.read_json(scores)["cats_score"] == 1.0


def test_assemble(folder: Path, tmp_path: Path) -> None:
    """Source a trained component into a pipeline without training it."""
    config = spacy.blank("en").config.copy()
    config["nlp"]["pipeline"] = ["lstm_tagger", "lstm_textcat"]
    config["components"] = {
        f"lstm_{name}": {"source": str(folder / name)} for name in ("tagger", "textcat")
    }
    config.to_disk(tmp_path / "config.cfg")
    run("assemble", tmp_path / "config.cfg", tmp_path / "out")
    doc = spacy.load(tmp_path / "out")("a lovely book")
    assert [token.tag_ for token in doc] == [
        token.tag_ for token in spacy.load(folder / "tagger")("a lovely book")
    ]
    assert doc.cats == spacy.load(folder / "textcat")("a lovely book").cats


def test_debug_model(folder: Path, tmp_path: Path) -> None:
    path, corpus = tmp_path / "config.cfg", folder / "corpus.spacy"
    run("lstm", "init-config", "textcat", path, "--size", "small")
    output = run(
        *("debug", "model", path, "lstm_textcat", "--parameters", "--dimensions"),
        *(f"--print-step{step}" for step in range(4)),
        *("--paths.train", corpus, "--paths.dev", corpus),
    )
    assert "Successfully ended analysis" in output


def test_debug_profile(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where it writes Profile.prof
    output = run("debug", "profile", folder / "tagger", folder / "texts.jsonl")
    assert "Profile stats" in output


def test_training_on_a_streamed_corpus(folder: Path, tmp_path: Path) -> None:
    run("lstm", "init-config", "textcat", tmp_path / "config.cfg", "--size", "small")
    corpus = folder / "corpus.spacy"
    run(
        *("train", tmp_path / "config.cfg", "--output", tmp_path / "out", *SMALL),
        *("--paths.train", corpus, "--paths.dev", corpus),
        *("--training.max_epochs", "-1"),
    )
    pipe = spacy.load(tmp_path / "out" / "model-last").get_pipe("lstm_textcat")
    assert set(pipe.labels) == {"good", "bad"}


def test_pretraining_that_goes_on(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "config.cfg"
    run("init", "config", path, "--pipeline", "tagger", "--lang", "en")
    run("init", "fill-config", path, path, "--pretraining")
    config = load_config(path)
    tok2vec = config["components"]["tok2vec"]["model"]
    tok2vec["embed"]["width"] = config["components"]["tagger"]["model"]["tok2vec"][
        "width"
    ] = 64
    tok2vec["encode"] = {"@architectures": "spacy-lstm.RNNEncoder.v1", "hidden": 32}
    config["pretraining"].update(
        {"max_epochs": 2, "n_save_every": None, "n_save_epoch": None}
    )
    config.to_disk(path)
    corpus = ("--paths.raw_text", folder / "texts.jsonl")
    run("pretrain", path, tmp_path / "first", *corpus)
    weights = tmp_path / "first" / "model1.bin"
    run(
        *("pretrain", path, tmp_path / "second", *corpus),
        *("--resume-path", weights, "--epoch-resume", "2"),
        *("--pretraining.max_epochs", "3"),
    )
    names = sorted(found.name for found in (tmp_path / "second").glob("*.bin"))
    assert "model2.bin" in names
    assert "model0.bin" not in names
    assert (tmp_path / "second" / "model2.bin").read_bytes() != weights.read_bytes()
