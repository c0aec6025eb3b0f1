import pytest
import torch

from spacy_lstm.modules.crf.crf import CRF
from spacy_lstm.modules.crf.temperature import fit_temperature

from .test_crf import make_crf

LENGTHS = [4] * 200


def sample(crf: CRF, emissions: torch.Tensor) -> torch.Tensor:
    """Sample a path for each sequence, as a mask of its tags."""
    gold_mask = torch.ones_like(emissions, dtype=torch.bool)
    rows = range(0, len(emissions), 4)
    for token in range(4):
        tokens = [row + token for row in rows]
        with torch.no_grad():
            expected = crf.tag_probabilities(emissions, LENGTHS, gold_mask)[tokens]
        drawn = torch.multinomial(expected, 1)
        gold_mask[tokens] = torch.zeros_like(expected, dtype=torch.bool).scatter(
            1, drawn, True
        )
    return gold_mask


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_fit_finds_the_temperature(factor: float) -> None:
    torch.manual_seed(0)
    crf = make_crf("biluo", 1)
    emissions = torch.randn(800, 5)
    gold_mask = sample(crf, emissions)
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.mul_(factor)
    before = [parameter.clone() for parameter in crf.parameters()]
    temperature = fit_temperature(crf, factor * emissions, LENGTHS, gold_mask)
    assert temperature == pytest.approx(factor, rel=0.2)
    for old, new in zip(before, crf.parameters(), strict=True):
        assert torch.equal(old, new)
        assert new.grad is None

    def loss(value: float) -> float:
        with torch.no_grad():
            gold, total = (
                crf.log_partition(factor * emissions, LENGTHS, allowed, value)
                for allowed in (gold_mask, None)
            )
        return float((total - gold).sum())

    others = [temperature * 0.95, temperature * 1.05]
    assert loss(temperature) < min(loss(other) for other in others)


def test_temperature_is_bounded() -> None:
    crf = make_crf("bio", 1)
    emissions = torch.zeros(6, 3)
    emissions[:, 0] = 10.0
    gold_mask = torch.ones(6, 3, dtype=torch.bool)
    assert fit_temperature(crf, emissions, [3, 3], gold_mask) == pytest.approx(1.0)
    gold_mask[:, 1:] = False
    assert 0.1 < fit_temperature(crf, emissions, [3, 3], gold_mask) < 1
    gold_mask[:] = torch.tensor([False, True, False])
    assert 1 < fit_temperature(crf, emissions, [3, 3], gold_mask) < 10


def test_a_batch_without_tokens() -> None:
    crf = make_crf("bio", 1)
    nothing = torch.zeros(0, 3)
    assert fit_temperature(crf, nothing, [0], nothing.bool()) == pytest.approx(1.0)
