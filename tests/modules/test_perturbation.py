import pytest
import torch

from spacy_lstm.modules.perturbation import adversarial_perturbation


def test_perturbation_follows_the_gradient_of_each_document() -> None:
    gradient = torch.randn(5, 4)
    gradient[2:] *= 1000
    change = adversarial_perturbation(gradient, [2, 0, 3], 0.05)
    for doc in (slice(0, 2), slice(2, 5)):
        assert change[doc].square().mean().sqrt() == pytest.approx(0.05)
        ratios = change[doc] / gradient[doc]
        torch.testing.assert_close(ratios, ratios[0, 0].expand_as(ratios))
        assert (ratios > 0).all()


def test_zero_gradient_gives_no_perturbation() -> None:
    assert not adversarial_perturbation(torch.zeros(3, 4), [3], 0.05).any()
