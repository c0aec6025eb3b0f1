import gc
import pickle
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from spacy import registry
from spacy.language import DEFAULT_CONFIG
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from thinc.api import Config, Optimizer, warmup_linear

from spacy_lstm.training.loggers import progress_logger
from spacy_lstm.training.schedules import Plateau, pop_unbound_schedules

from ..util import write_corpus
from .test_progress import info, make_nlp

# With this rate no score changes.
RATE = 1e-9

CONFIG = """
[nlp]
lang = "en"
pipeline = ["lstm_tagger"]

[components]

[components.lstm_tagger]
factory = "lstm_tagger"

[components.lstm_tagger.model]
@architectures = "spacy-lstm.Tagger.v1"

[components.lstm_tagger.model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"

[components.lstm_tagger.model.tok2vec.embed]
@architectures = "spacy.MultiHashEmbed.v2"
width = 8
attrs = ["NORM"]
rows = [50]
include_static_vectors = false

[components.lstm_tagger.model.tok2vec.encode]
@architectures = "spacy-lstm.RNNEncoder.v1"
hidden = 4

[corpora]

[corpora.train]
@readers = "spacy.Corpus.v1"
path = null

[corpora.dev]
@readers = "spacy.Corpus.v1"
path = null

[training]
train_corpus = "corpora.train"
dev_corpus = "corpora.dev"
eval_frequency = 2
patience = 10
max_steps = 100

[training.score_weights]
tag_acc = 1.0

[training.optimizer]
@optimizers = "test.Watched.v1"

[training.optimizer.learn_rate]
@schedules = "spacy-lstm.Plateau.v1"
rate = 1e-9
factor = 0.5
patience = 2
"""


class Watched(Optimizer):
    """An optimizer that records the rate of each step."""

    def __init__(self, learn_rate: Any) -> None:
        super().__init__(learn_rate, use_averages=False)
        self.rates: list[float] = []

    def step_schedules(self) -> None:
        self.rates.append(self.learn_rate)
        super().step_schedules()


def run(tmp_path: Path, logger: str) -> list[float]:
    """Train with a config, and return the rate of each step."""
    made: list[Watched] = []

    @registry.optimizers("test.Watched.v1")
    def make(learn_rate: Any) -> Watched:
        made.append(Watched(learn_rate))
        return made[-1]

    path = str(write_corpus(tmp_path / "corpus.spacy"))
    paths = {"corpora.train.path": path, "corpora.dev.path": path}
    config = DEFAULT_CONFIG.merge(Config().from_str(CONFIG, overrides=paths))
    config["training"]["logger"] = {"@loggers": logger, "progress_bar": False}
    train(init_nlp(config), stdout=StringIO(), stderr=StringIO())
    return next(optimizer.rates for optimizer in made if optimizer.rates)


def test_the_rate_and_the_patience_of_a_training(tmp_path: Path) -> None:
    """The score stalls after the first evaluation."""
    rates = run(tmp_path, "spacy-lstm.ProgressLogger.v1")
    assert rates == [RATE] * 6 + [RATE / 2] * 4 + [RATE / 4]


def test_a_logger_that_reports_no_scores(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"Plateau\.v1 receives no scores.*Progress"):
        run(tmp_path, "spacy.ConsoleLogger.v1")


def rates_after(schedule: Plateau, *scores: float) -> list[float]:
    """Report scores, and return the rates before each score and after the last."""
    pop_unbound_schedules()
    rates = [next(schedule)]
    for score in scores:
        schedule.report(score)
        rates.append(next(schedule))
    return rates


def test_stalling() -> None:
    scores = [0.5, 0.6, 0.6, 0.5, 0.61, 0.6, 0.61, 0.6, 0.6]
    assert rates_after(Plateau(8.0, 0.5, 2), *scores) == [8] * 4 + [4] * 3 + [2] * 2 + [
        1
    ]


def test_a_score_that_is_no_number_is_none_that_is_better() -> None:
    nan = float("nan")
    assert rates_after(Plateau(8.0, 0.5, 1), nan, 0.5, nan, 0.6) == [8, 4, 4, 2, 2]


def test_the_smallest_rate() -> None:
    assert rates_after(Plateau(8.0, 0.25, 1, 1.0), 1, 1, 1, 1) == [8, 8, 2, 1, 1]


def test_over_another_schedule() -> None:
    warmup = Plateau(warmup_linear(8.0, 2, 4), 0.5, 1, min_rate=1.0)
    assert rates_after(warmup, 1, 1, 1, 1) == [0, 4, 4, 1, 0]
    assert rates_after(Plateau(iter([8.0, 4.0]), 0.5, 1), 1, 1, 1) == [8, 4, 2, 1]


def test_a_copy_goes_on_where_it_was() -> None:
    schedule = Plateau(8.0, 0.5, 1)
    rates_after(schedule, 1, 1)
    copied = pickle.loads(pickle.dumps(schedule))
    copied.report(1)
    assert (next(copied), next(schedule)) == (2, 4)


def test_a_logger_takes_the_schedules_that_were_made_before_it() -> None:
    pop_unbound_schedules()
    lost, schedule = Plateau(8.0), Plateau(8.0, 0.5, 1)
    del lost
    gc.collect()
    nlp = make_nlp()
    log_step, finalize = progress_logger()(nlp, StringIO(), StringIO())
    assert schedule.is_bound
    assert pop_unbound_schedules() == []
    for step in range(2):
        log_step(info(step, 0.5))
        log_step(None)
    finalize()
    assert next(schedule) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"factor": 1.0}, "`factor` is 1.0. Set it to a number between 0 and 1"),
        ({"factor": 0.0}, "`factor` is 0.0"),
        ({"patience": 0}, "`patience` is 0. Set it to a number of evaluations"),
        ({"patience": 1.5}, "`patience` is 1.5"),
        ({"min_rate": -1.0}, "`min_rate` is -1.0"),
        ({"min_rate": 1e9}, "`min_rate` is 1000000000.0.* value of `rate`"),
        ({"rate": float("inf")}, "`rate` is inf"),
        ({"rate": 0.0}, "`rate` is 0.0. Set it to a rate above 0, or a schedule"),
        ({"rate": None}, "`rate` is None"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Plateau(**{"rate": 0.1, **arguments})
