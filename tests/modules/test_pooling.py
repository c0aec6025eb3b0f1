import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_lstm.modules.pooling import POOLINGS, AttentionPooling, Pooling

LENGTHS = st.lists(st.integers(0, 12), min_size=1, max_size=12)


def plain(kind: str, pooling: Pooling, tokens: torch.Tensor) -> torch.Tensor:
    if not len(tokens):
        return torch.zeros(tokens.shape[1])
    if kind == "max":
        return tokens.max(dim=0).values
    if kind == "mean":
        return tokens.mean(dim=0)
    if kind == "last":
        return tokens[-1]
    attention = pooling.poolings[0]
    scores = attention.context(torch.tanh(attention.hidden(tokens)))
    return (torch.softmax(scores, dim=0) * tokens).sum(dim=0)


@pytest.mark.parametrize("kind", POOLINGS)
@given(lengths=LENGTHS)
@settings(max_examples=25, deadline=None)
def test_documents_are_pooled_independently(kind: str, lengths: list[int]) -> None:
    torch.manual_seed(0)
    pooling = Pooling(5, [kind])
    tokens = torch.randn(sum(lengths), 5)
    expected = [plain(kind, pooling, part) for part in tokens.split(lengths)]
    torch.testing.assert_close(pooling(tokens, lengths), torch.stack(expected))


@pytest.mark.parametrize("kind", POOLINGS)
def test_gradients(kind: str) -> None:
    pooling = Pooling(3, [kind]).double()
    tokens = torch.randn(7, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: pooling(x, [2, 0, 4, 1]), tokens)


def test_several_poolings_are_concatenated() -> None:
    tokens = torch.tensor([[1.0, -2.0], [3.0, 4.0], [5.0, 6.0]])
    pooling = Pooling(2, ["max", "mean", "last"])
    assert pooling.output_width == 6
    assert pooling(tokens, [2, 0, 1]).tolist() == [
        [3, 4, 2, 1, 3, 4],
        [0, 0, 0, 0, 0, 0],
        [5, 6, 5, 6, 5, 6],
    ]


def test_attention_weights_sum_to_one_and_handle_large_scores() -> None:
    attention = AttentionPooling(2)
    torch.nn.init.constant_(attention.context.weight, 1e4)
    weights = attention.weights(torch.randn(6, 2), torch.tensor([4, 2]))
    torch.testing.assert_close(weights[:4].sum(), torch.tensor(1.0))
    torch.testing.assert_close(weights[4:].sum(), torch.tensor(1.0))


def test_dropout_applies_to_the_result() -> None:
    pooled = Pooling(50, ["mean"])(torch.ones(4, 50), [4], 0.5)
    assert set(pooled.flatten().tolist()) == {0.0, 2.0}


def test_tied_maxima_share_the_gradient() -> None:
    for sign in (1.0, -1.0):
        tokens = torch.ones(2, 1, requires_grad=True)
        (sign * Pooling(1, ["max"])(tokens, [2])).sum().backward()
        assert tokens.grad.tolist() == [[sign / 2], [sign / 2]]
