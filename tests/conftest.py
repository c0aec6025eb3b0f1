import pytest
import spacy
import torch
from spacy.language import Language
from thinc.api import fix_random_seed

from .util import make_examples, train


@pytest.fixture(autouse=True)
def _seed() -> None:
    fix_random_seed(0)


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(params=["lstm_textcat", "lstm_textcat_multilabel"])
def factory(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def nlp(factory: str) -> Language:
    """A pipeline that was trained until it knows its examples."""
    nlp = spacy.blank("en")
    nlp.add_pipe(factory)
    train(nlp, make_examples(nlp))
    return nlp
