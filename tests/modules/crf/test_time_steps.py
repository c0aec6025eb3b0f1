import torch

from spacy_lstm.modules.crf.time_steps import TimeSteps

CPU = torch.device("cpu")


def test_tokens_of_each_step() -> None:
    tokens = torch.arange(6)  # sequences of 2, 0, 3 and 1
    steps = TimeSteps([2, 0, 3, 1], CPU)
    assert steps.sizes == [3, 2, 1]
    assert [step.tolist() for step in steps.split(tokens)] == [[2, 0, 5], [3, 1], [4]]
    assert steps.join(list(steps.split(tokens))).tolist() == tokens.tolist()


def test_tokens_of_each_step_from_the_end() -> None:
    tokens = torch.arange(6)
    steps = TimeSteps([2, 0, 3, 1], CPU, backwards=True)
    assert [step.tolist() for step in steps.split(tokens)] == [[4, 1, 5], [3, 0], [2]]
    assert steps.join(list(steps.split(tokens))).tolist() == tokens.tolist()


def test_a_batch_without_tokens() -> None:
    assert TimeSteps([0, 0], CPU).sizes == []
    assert TimeSteps([], CPU).sizes == []
