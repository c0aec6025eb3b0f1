from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import spacy
import srsly
from spacy.language import Language
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config
from thinc.api import Optimizer

from spacy_lstm.training import progress as module
from spacy_lstm.training.progress import TrainingProgress

from ..util import write_corpus

CONFIG = Path(__file__).parent.parent.parent / "configs" / "textcat.cfg"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "perf_counter", clock)
    return clock


def make_nlp(**training: Any) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat")
    limits = {"max_steps": 0, "max_epochs": 0, "patience": 0}
    scores = {"cats_score": 1.0, "speed": 0.0, "cats_macro_f": None}
    nlp.config["training"].update({**limits, "score_weights": scores, **training})
    return nlp


def info(step: int, score: float, epoch: int = 0, words: int = 0) -> dict[str, Any]:
    return {
        "epoch": epoch,
        "step": step,
        "score": score,
        "other_scores": {"cats_score": score, "speed": 500.0},
        "losses": {"lstm_textcat": 1.5},
        "words": words,
    }


def test_a_row(clock: Clock) -> None:
    progress = TrainingProgress(make_nlp(max_steps=100))
    clock.now = 2
    assert progress.record_evaluation(info(0, 0.25, words=100))["seconds_left"] is None
    for _ in range(9):
        progress.advance()
    assert progress.step == 9
    clock.now = 10
    assert progress.record_evaluation(info(9, 0.2, epoch=1, words=900)) == {
        "epoch": 1,
        "step": 9,
        "losses": {"lstm_textcat": 1.5},
        "scores": {"cats_score": 20.0, "speed": 500.0},
        "score": 0.2,
        "best_score": 0.25,
        "words_per_second": 100.0,
        "learn_rate": 0.001,
        "seconds": 10.0,
        "seconds_left": pytest.approx(91 * 10 / 9),
    }


@pytest.mark.parametrize(
    "schedule",
    [
        {
            "@schedules": "warmup_linear.v1",
            "warmup_steps": 2,
            "total_steps": "${training.max_steps}",
            "initial_rate": 0.8,
        },
        {
            "@schedules": "spacy-lstm.Plateau.v1",
            "rate": 0.8,
            "factor": 0.5,
            "patience": 1,
        },
    ],
    ids=lambda schedule: schedule["@schedules"],
)
def test_the_learning_rate_is_that_of_the_training_loop(
    schedule: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = str(write_corpus(tmp_path / "corpus.spacy"))
    overrides: dict[str, Any] = {"paths.train": corpus, "paths.dev": corpus}
    overrides |= {"training.max_steps": 4, "training.eval_frequency": 1}
    config = load_config(CONFIG, overrides=overrides, interpolate=False)
    config["training"]["optimizer"]["learn_rate"] = schedule
    used: list[float] = []
    update = Optimizer.__call__

    def spy(optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
        used.append(optimizer.learn_rate)
        return update(optimizer, *args, **kwargs)

    monkeypatch.setattr(Optimizer, "__call__", spy)
    train(init_nlp(config), tmp_path, stdout=StringIO(), stderr=StringIO())
    rows = list(srsly.read_jsonl(tmp_path / "progress.jsonl"))
    n_weights = len(used) // len(rows)
    rates = [row["learn_rate"] for row in rows]
    assert rates == used[::n_weights]
    assert len(set(rates)) > 1


@pytest.mark.parametrize(
    ("training", "last_step"),
    [
        ({}, None),
        ({"max_steps": 100}, 100),
        ({"patience": 20}, 30),
        ({"max_epochs": 4}, 80),
        ({"max_epochs": -1}, None),
        ({"max_steps": 100, "patience": 20, "max_epochs": 4}, 30),
        ({"max_steps": 15, "patience": 20, "max_epochs": 4}, 40),
    ],
)
def test_last_step(training: dict[str, int], last_step: int | None) -> None:
    progress = TrainingProgress(make_nlp(**training))
    progress.record_evaluation(info(10, 0.5))
    progress.record_evaluation(info(40, 0.4, epoch=2))
    if last_step is not None:
        last_step = max(last_step, 40)
    assert progress.last_step() == last_step


def test_the_number_of_epochs_says_nothing_in_the_first_one() -> None:
    progress = TrainingProgress(make_nlp(max_epochs=4))
    progress.record_evaluation(info(10, 0.5))
    assert progress.last_step() is None
    assert progress.seconds_left() is None


def test_a_score_that_is_no_number() -> None:
    progress = TrainingProgress(make_nlp())
    bad = info(0, 0.5)
    bad["other_scores"]["cats_score"] = {}
    with pytest.raises(ValueError, match="cats_score"):
        progress.record_evaluation(bad)
