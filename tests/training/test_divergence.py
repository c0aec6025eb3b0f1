"""Training of the configs with diverging weights."""

from pathlib import Path

import pytest
import spacy
from spacy.cli.train import train

from ..util import write_corpus

CONFIGS = Path(__file__).parent.parent.parent / "configs"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["ner", "textcat", "tagger"])
def test_what_to_do_is_said_and_the_best_model_stays(name: str, tmp_path: Path) -> None:
    corpus = str(write_corpus(tmp_path / "corpus.spacy"))
    overrides = {
        "paths.train": corpus,
        "paths.dev": corpus,
        "training.optimizer.learn_rate.initial_rate": 1e6,
        "training.optimizer.learn_rate.warmup_steps": 1,
        "training.max_steps": 60,
        "training.eval_frequency": 5,
    }
    with pytest.raises(ValueError, match="Set a lower `learn_rate`"):
        train(CONFIGS / f"{name}.cfg", tmp_path / "training", overrides=overrides)
    nlp = spacy.load(tmp_path / "training" / "model-best")
    assert nlp("a lovely book")
