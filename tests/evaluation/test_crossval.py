"""Division into folds, checks before training, and results."""

import os
import random
import subprocess
import sys
from collections import Counter
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
import torch
from confection import ConfigValidationError
from spacy.tokens import Doc, Span
from thinc.api import Config

from spacy_lstm.evaluation.crossval import processes
from spacy_lstm.evaluation.crossval.annotation import (
    find_labels,
    learned_annotations,
    learned_from,
    require_annotations,
)
from spacy_lstm.evaluation.crossval.configs import one_line, with_corpora
from spacy_lstm.evaluation.crossval.folds import make_folds
from spacy_lstm.evaluation.crossval.processes import environment, run_tasks
from spacy_lstm.evaluation.crossval.results import (
    read_scores,
    summarize,
    write_scores,
)
from spacy_lstm.evaluation.crossval.training import TrainFold, find_error
from spacy_lstm.training.corpus import digest_corpus, read_corpus
from spacy_lstm.training.strata import find_strata

from ..util import write_corpus

Labels = list[set[tuple[str, str]]]


def labels_of(categories: str) -> Labels:
    return [{("doc.cats", label)} if label != "." else set() for label in categories]


def make_doc(cats: dict[str, float]) -> Doc:
    doc = Doc(spacy.blank("en").vocab, words=["a", "b"])
    doc.cats = cats
    return doc


def test_stratified_folds() -> None:
    categories = "aaab" * 20
    folds = make_folds(labels_of(categories), list(categories), 4, seed=0)
    assert [fold.name for fold in folds] == ["fold-1", "fold-2", "fold-3", "fold-4"]
    assert sorted(i for fold in folds for i in fold.test) == list(range(80))
    for fold in folds:
        parts = fold.train, fold.dev, fold.test
        assert sorted(i for part in parts for i in part) == list(range(80))
        assert all(a < b for part in parts for a, b in pairwise(part))
        counts = [Counter(categories[i] for i in part) for part in parts]
        assert counts[2] == {"a": 15, "b": 5}
        assert counts[1]["b"] in (1, 2)
        assert len(fold.dev) == 6


def test_that_seeds_count() -> None:
    labels = labels_of("." * 30)
    folds = make_folds(labels, None, 3, seed=1)
    assert make_folds(labels, None, 3, seed=1) == folds
    assert make_folds(labels, None, 3, seed=2) != folds
    assert [len(fold.test) for fold in folds] == [10, 10, 10]
    assert [len(fold.dev) for fold in folds] == [2, 2, 2]


@pytest.mark.parametrize(("n_docs", "n_folds"), [(1, 2), (3, 2), (4, 5), (2, 2)])
def test_too_few_documents(n_docs: int, n_folds: int) -> None:
    message = rf"too few documents for `--folds {n_folds}`: {n_docs}\."
    with pytest.raises(ValueError, match=message):
        make_folds(labels_of("." * n_docs), None, n_folds, seed=0)


@pytest.mark.parametrize(("n_docs", "n_folds"), [(4, 2), (3, 3), (5, 5)])
def test_as_few_documents_as_can_be(n_docs: int, n_folds: int) -> None:
    for fold in make_folds(labels_of("." * n_docs), None, n_folds, seed=0):
        assert fold.train
        assert fold.dev
        assert fold.test


def test_a_label_in_one_fold_alone() -> None:
    message = "label 'c' of `doc.cats` is in 1 of the documents, .* fold [12], .*fewer"
    categories = "ab" * 8 + "c"
    with pytest.raises(ValueError, match=message):
        make_folds(labels_of(categories), list(categories), 2, seed=0)


def test_a_label_whose_documents_are_in_one_fold_by_chance() -> None:
    errors = []
    for seed in range(20):
        try:
            make_folds(labels_of("." * 8 + "xx"), None, 2, seed=seed)
        except ValueError as error:
            errors.append(str(error))
    assert 0 < len(errors) < 20
    assert all("'x' of `doc.cats` is in 2 of the documents" in x for x in errors)


def test_that_training_has_each_label() -> None:
    generator = random.Random(0)
    letters = "abcdefgh" * 3 + "." * 16
    for seed in range(20):
        labels = labels_of("".join(generator.sample(letters, len(letters))))
        try:
            folds = make_folds(labels, None, 4, seed=seed)
        except ValueError:
            continue
        for fold in folds:
            known = set().union(*(labels[i] for i in fold.train))
            assert all(labels[i] <= known for i in [*fold.dev, *fold.test])


def test_no_document_left_for_development() -> None:
    with pytest.raises(ValueError, match="too few documents for `--folds 2`: 4"):
        make_folds(labels_of("abab"), list("abab"), 2, seed=0)


def test_strata() -> None:
    docs = [make_doc({"a": 1.0, "b": 0.0}), make_doc({"b": 0.75, "a": 0.25})]
    assert find_strata(docs) == ["a", "b"]
    assert find_strata([*docs, make_doc({})]) is None
    assert find_strata([*docs, make_doc({"a": 1.0, "b": 1.0})]) is None


def test_what_components_learn() -> None:
    nlp = spacy.blank("en")
    for name in ("sentencizer", "lstm_tagger", "lstm_morphologizer", "lstm_ner"):
        nlp.add_pipe(name)
    nlp.add_pipe("lstm_textcat")
    assert learned_annotations(nlp) == {
        "lstm_tagger": ["token.tag"],
        "lstm_morphologizer": ["token.morph", "token.pos"],
        "lstm_ner": ["doc.ents"],
        "lstm_textcat": ["doc.cats"],
    }
    nlp.config["training"]["frozen_components"] = ["lstm_tagger", "lstm_ner"]
    assert [*learned_annotations(nlp)] == ["lstm_morphologizer", "lstm_textcat"]


def test_that_a_parser_needs_heads() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("parser")
    doc = Doc(nlp.vocab, words=["a", "b"], sent_starts=[True, False])
    with pytest.raises(ValueError, match=r"'parser' learns `token\.dep`"):
        require_annotations(nlp, [doc], Path("a.spacy"))
    for token in doc:
        token.dep_ = "x"
    require_annotations(nlp, [doc], Path("a.spacy"))
    assert learned_from(["token.dep"]) == ["token.dep"]
    assert learned_from(["token.is_sent_start"]) == ["token.is_sent_start"]


def test_components_that_are_frozen_by_a_variable() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_tagger")
    nlp.config["vars"] = {"frozen": ["lstm_tagger"]}
    nlp.config["training"]["frozen_components"] = "${vars.frozen}"
    assert learned_annotations(nlp) == {}


@pytest.mark.parametrize(
    ("component", "annotation"),
    [
        ("lstm_textcat", "`doc.cats`"),
        ("lstm_ner", "`doc.ents`"),
        ("lstm_tagger", "`token.tag`"),
        ("lstm_morphologizer", "`token.morph` or `token.pos`"),
        ("spancat", "`doc.spans`"),
        ("senter", "`token.is_sent_start`"),
        ("trainable_lemmatizer", "`token.lemma`"),
    ],
)
def test_documents_without_annotation(component: str, annotation: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(component)
    message = f"'{component}' learns {annotation}, which a.spacy doesn't have"
    with pytest.raises(ValueError, match=message):
        require_annotations(nlp, [make_doc({})], Path("a.spacy"))
    doc = Doc(
        nlp.vocab,
        words=["a", "b"],
        tags=["X", "Y"],
        pos=["DET", "X"],
        lemmas=["a", "b"],
        sent_starts=[True, False],
        ents=["B-X", "O"],
    )
    doc.spans["sc"] = [Span(doc, 0, 1, "X")]
    doc.cats = {"a": 0.0}
    require_annotations(nlp, [make_doc({}), doc], Path("a.spacy"))


def test_labels_that_a_model_has_to_have_seen() -> None:
    nlp = spacy.blank("en")
    doc = Doc(nlp.vocab, words=["a", "b"], tags=["X", "Y"], ents=["B-X", "O"])
    doc.cats = {"a": 1.0, "b": 0.0}
    nlp.add_pipe("lstm_ner")
    nlp.add_pipe("lstm_tagger")
    assert find_labels(nlp, [doc]) == [{("doc.ents", "X")}]
    nlp.add_pipe("lstm_textcat")
    assert find_labels(nlp, [doc]) == [{("doc.ents", "X"), ("doc.cats", "a")}]


def test_corpora_of_a_fold() -> None:
    config = Config().from_str(
        """
        [paths]
        train = "mine"
        [corpora]
        [corpora.learn]
        @readers = "spacy.Corpus.v1"
        path = ${paths.train}
        [corpora.dev]
        @readers = "spacy.Corpus.v1"
        path = "other"
        [training]
        train_corpus = "corpora.learn"
        [training.callback]
        path = ${paths.dev}
        """,
        interpolate=False,
    )
    before = config.to_str(interpolate=False)
    changed = with_corpora(config, Path("a.spacy"), Path("b.spacy")).interpolate()
    assert changed["corpora"]["learn"]["path"] == "a.spacy"
    assert changed["corpora"]["dev"]["path"] == "b.spacy"
    assert changed["training"]["callback"]["path"] == "b.spacy"
    assert config.to_str(interpolate=False) == before


def test_a_config_without_corpora() -> None:
    changed = with_corpora(Config({"training": {}}), Path("a"), Path("b"))
    assert changed == {"training": {}, "paths": {"train": "a", "dev": "b"}}


def test_a_reader_without_a_path() -> None:
    config = Config({"corpora": {"train": {"@readers": "mine.v1"}}})
    with pytest.raises(ValueError, match=r"\[corpora.train\] has no path"):
        with_corpora(config, Path("a"), Path("b"))


def test_errors_in_one_line() -> None:
    assert one_line(ValueError("a\n  b.")) == "ValueError: a b"
    assert one_line(KeyError("a")) == "KeyError: 'a'"
    assert one_line(AssertionError()) == "AssertionError"
    errors = [{"loc": ["training", "x"], "msg": "extra"}]
    error = ConfigValidationError(config={"a": 1}, errors=errors)
    assert one_line(error) == "ConfigValidationError: training -> x extra"


def test_corpus(tmp_path: Path) -> None:
    vocab = spacy.blank("en").vocab
    one = write_corpus(tmp_path / "one.spacy")
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    write_corpus(folder / "a.spacy")
    write_corpus(folder / "deep" / "b.spacy")
    assert [len(read_corpus(path, vocab)) for path in (one, folder)] == [8, 16]
    before = digest_corpus(folder)
    assert digest_corpus(one) != before
    assert digest_corpus(folder) == before
    (folder / "a.spacy").write_bytes(b"x")
    assert digest_corpus(folder) != before
    with pytest.raises(ValueError, match=r"a.spacy can't be read"):
        read_corpus(folder, vocab)


def test_bad_corpora(tmp_path: Path) -> None:
    vocab = spacy.blank("en").vocab
    with pytest.raises(ValueError, match=r"There is no .*nowhere"):
        read_corpus(tmp_path / "nowhere", vocab)
    with pytest.raises(ValueError, match="contains no documents"):
        read_corpus(tmp_path, vocab)
    (tmp_path / "a.csv").write_text("text,label\n")
    with pytest.raises(ValueError, match=r"a.csv can't be read: .*\.spacy"):
        read_corpus(tmp_path / "a.csv", vocab)


def test_means_and_deviations() -> None:
    folds = [{"a": 0.25, "b": 1.0}, {"a": 0.75}, {"a": 0.5, "b": 0.0}]
    scores = summarize(folds)
    assert scores["a"] == {"mean": 0.5, "std": 0.25, "folds": [0.25, 0.75, 0.5]}
    assert scores["b"]["folds"] == [1.0, None, 0.0]
    assert scores["b"]["mean"] == 0.5
    assert scores["b"]["std"] == pytest.approx(0.5**0.5)
    assert summarize([{"a": 1.0}])["a"]["std"] is None


def test_scores_of_a_fold(tmp_path: Path) -> None:
    scores = {"a": 0.5, "b": None, "speed": 9.0, "c": {"x": 1.0}, "d": "text"}
    assert read_scores(tmp_path, {"seed": 0}) is None
    write_scores(tmp_path, {"seed": 0}, scores)
    assert [path.name for path in tmp_path.iterdir()] == ["scores.json"]
    assert read_scores(tmp_path, {"seed": 0}) == {"a": 0.5}
    assert read_scores(tmp_path, {"seed": 1}) is None
    (tmp_path / "scores.json").write_text("{")
    assert read_scores(tmp_path, {"seed": 0}) is None


def check_process() -> None:
    seed, n_threads = os.environ["PYTHONHASHSEED"], torch.get_num_threads()
    raise ValueError(f"seed {seed}, {n_threads} thread")


def test_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    tasks = {"a": check_process, "b": partial(os._exit, 3)}
    assert dict(run_tasks(tasks, 2)) == {
        "a": "ValueError: seed 0, 1 thread",
        "b": "its process ended with exit code 3",
    }
    assert os.environ.get("PYTHONHASHSEED") != "0"


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "1")
    monkeypatch.delenv("B", raising=False)
    with environment(A="2", B="3"):
        assert (os.environ["A"], os.environ["B"]) == ("2", "3")
    assert os.environ["A"] == "1"
    assert "B" not in os.environ


def complain() -> None:
    raise ValueError("x" * 200_000)


def test_that_a_long_message_does_not_stop_the_others() -> None:
    ((name, message),) = run_tasks({"fold-1": complain}, 1)
    assert name == "fold-1"
    assert message.startswith("ValueError: xxx")
    assert len(message) < 3000


PARENT = """
from spacy_lstm.evaluation.crossval import processes

before, _ = processes.SPACY.split("from spacy.cli")
processes.SPACY = before + "import time; print(os.getpid(), flush=True); time.sleep(99)"
processes.run_spacy()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process as on Unix")
def test_a_command_ends_with_its_parent_process() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.kill()
    parent.wait()
    # The pipe to the test ends when no process holds it any more.
    assert parent.stdout.read() == b""
    parent.stdout.close()


@pytest.mark.parametrize(
    ("log", "error"),
    [
        ("epoch 1\n✘ no corpus.\n\n", "no corpus"),
        ("", "no output"),
        (
            "x\nTraceback (most recent call last):\n  File\n    x\nValueError: a\nb.\n",
            "ValueError: a b",
        ),
    ],
)
def test_errors_in_logs(log: str, error: str) -> None:
    assert find_error(log) == error


def test_overrides_of_the_environment_are_applied_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The config of a fold contains them, and its own corpora."""
    monkeypatch.setenv("SPACY_CONFIG_OVERRIDES", "--paths.train all.spacy")
    script = "import os; print([os.environ['SPACY_CONFIG_OVERRIDES']])"
    monkeypatch.setattr(processes, "SPACY", script)
    assert processes.run_spacy("train") == 0
    assert capfd.readouterr().out.strip() == "['']"


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process as on Unix")
def test_a_fold_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import os; print('0 100 1.23', flush=True); os.kill(os.getpid(), 9)"
    monkeypatch.setattr(processes, "SPACY", script)
    with pytest.raises(processes.FailedCommand, match="ended with exit code -9"):
        TrainFold(tmp_path, {}, None, -1).train()
