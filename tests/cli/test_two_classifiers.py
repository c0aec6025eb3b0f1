"""Two text classifiers in one pipeline, as described in docs/textcat.md."""

import json
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.cli._util import app
from spacy.cli.evaluate import evaluate
from spacy.cli.train import train
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.training import Example
from spacy.util import load_config
from typer.testing import CliRunner

import spacy_lstm.cli.commands  # noqa: F401

OWN = {"lstm_textcat": ["pos", "neg"], "lstm_textcat_multilabel": ["film", "old"]}
WORDS = {"pos": ["lovely", "happy"], "neg": ["awful", "sad"]}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    nlp, docs = spacy.blank("en"), []
    for sentiment, words in WORDS.items():
        for word in words:
            for topic in ("film", "book"):
                for age in ("ancient", "new"):
                    doc = nlp.make_doc(f"a {word} {age} {topic}")
                    doc.cats = {
                        "pos": float(sentiment == "pos"),
                        "neg": float(sentiment == "neg"),
                        "film": float(topic == "film"),
                        "old": 0.9 if age == "ancient" else 0.1,
                    }
                    docs.append(doc)
        for topic in ("film", "book"):
            doc = nlp.make_doc(f"a {topic}")
            doc.cats = {"film": float(topic == "film"), "old": 0.0}
            docs.append(doc)
    path = tmp_path_factory.mktemp("corpus") / "corpus.spacy"
    DocBin(docs=docs).to_disk(path)
    return path


def make_config(path: Path, *tasks: str) -> Path:
    arguments = ["lstm", "init-config", ",".join(tasks), str(path), "--size", "small"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    config = load_config(path)
    for task in tasks:
        name = f"lstm_{task}"
        config["initialize"]["components"][name] = {"labels": OWN[name]}
    config.to_disk(path)
    return path


def run(config: Path, corpus: Path, **changes: Any) -> Path:
    output = config.parent / "training"
    overrides = {
        "paths.train": str(corpus),
        "paths.dev": str(corpus),
        "training.max_steps": 60,
        "training.eval_frequency": 20,
        "training.dropout": 0.1,
        "training.optimizer.learn_rate.warmup_steps": 5,
    }
    train(config, output, overrides={**overrides, **changes})
    return output / "model-best"


@pytest.fixture(scope="module")
def both(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("both") / "config.cfg"
    assert "# Both text classifiers" in make_and_read(path)
    config = make_config(path.with_name("own.cfg"), "textcat", "textcat_multilabel")
    return run(config, corpus)


def make_and_read(path: Path) -> str:
    CliRunner().invoke(
        app, ["lstm", "init-config", "textcat,textcat_multilabel", str(path)]
    )
    return path.read_text()


def read_examples(nlp: Language, corpus: Path) -> list[Example]:
    docs = DocBin().from_disk(corpus).get_docs(nlp.vocab)
    return [Example(nlp.make_doc(doc.text), doc) for doc in docs]


def check_scores(model: Path, corpus: Path, *names: str) -> Language:
    nlp = spacy.load(model)
    scores = nlp.evaluate(read_examples(nlp, corpus))
    for name in names:
        assert nlp.get_pipe(name).labels == tuple(OWN[name])
        assert scores[f"{name}_score"] > 0.95
        assert scores[f"{name}_ngrams_score"] > 0.95
    return nlp


def test_both(both: Path, corpus: Path, tmp_path: Path) -> None:
    nlp = check_scores(both, corpus, *OWN)
    cats = nlp("an awful ancient book").cats
    assert cats.keys() == {"pos", "neg", "film", "old"}
    assert cats["pos"] + cats["neg"] == pytest.approx(1)
    assert cats["neg"] > 0.5 > cats["film"]
    rows = (both.parent / "progress.jsonl").read_text().splitlines()
    best = json.loads(rows[-1])["scores"]
    assert {f"{name}_score" for name in OWN} <= best.keys()
    evaluate(str(both), corpus, tmp_path / "scores.json", silent=True)
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert {f"{name}_score" for name in OWN} <= scores.keys()
    report = tmp_path / "report.html"
    result = CliRunner().invoke(
        app, ["lstm", "report", str(both), str(corpus), str(report)]
    )
    assert result.exit_code == 0, result.output
    assert all(name in report.read_text() for name in OWN)


@pytest.mark.parametrize("name", OWN)
def test_each_alone(name: str, corpus: Path, tmp_path: Path) -> None:
    config = make_config(tmp_path / "config.cfg", name.removeprefix("lstm_"))
    check_scores(run(config, corpus), corpus, name)


@pytest.mark.parametrize("sourced", OWN)
@pytest.mark.parametrize("is_frozen", [True, False])
def test_one_is_sourced(
    sourced: str, is_frozen: bool, both: Path, corpus: Path, tmp_path: Path
) -> None:
    path = make_config(tmp_path / "config.cfg", "textcat", "textcat_multilabel")
    config = load_config(path)
    config["components"][sourced] = {
        "source": str(both),
        "replace_listeners": ["model.tok2vec"],
    }
    config["training"]["frozen_components"] = [sourced] if is_frozen else []
    config.to_disk(path)
    nlp = check_scores(run(path, corpus), corpus, *OWN)
    before = spacy.load(both)("an awful ancient book").cats
    after = nlp("an awful ancient book").cats
    is_same = [after[label] == pytest.approx(before[label]) for label in OWN[sourced]]
    assert all(is_same) if is_frozen else not any(is_same)


def test_without_labels_they_are_not_told_apart(corpus: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat")
    examples = read_examples(nlp, corpus)
    with pytest.raises(ValueError, match=r"(?s)add up to more than 1.*`labels`"):
        nlp.initialize(lambda: examples)
