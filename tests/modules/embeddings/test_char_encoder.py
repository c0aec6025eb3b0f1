import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from spacy_lstm.modules.embeddings.char_encoder import CHARS, CharCNN, CharLSTM

WIDTH = 6
N_ROWS = 50


def make(kind: str) -> nn.Module:
    torch.manual_seed(0)
    return CHARS[kind](N_ROWS, 4, WIDTH)


def rows_of(lengths: list[int]) -> Tensor:
    generator = torch.Generator().manual_seed(sum(lengths))
    shape = (sum(lengths) + len(lengths) + 1, 4)
    rows = torch.randint(1, N_ROWS, shape, generator=generator)
    boundaries = torch.tensor([0, *lengths]).add(1).cumsum(0) - 1
    rows[boundaries] = 0
    return rows


@pytest.mark.parametrize("kind", CHARS)
@settings(deadline=None)
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_words_are_encoded_independently(kind: str, lengths: list[int]) -> None:
    module, rows = make(kind), rows_of(lengths)
    together = module(rows, lengths)
    start = 0
    for vector, length in zip(together, lengths, strict=True):
        alone = module(rows[start : start + length + 2], [length])[0]
        torch.testing.assert_close(vector, alone, rtol=1e-5, atol=1e-6)
        start += length + 1


def test_cnn_is_a_convolution_with_max_pooling() -> None:
    lengths = [3, 1, 5]
    module = make("cnn")
    assert isinstance(module, CharCNN)
    rows = rows_of(lengths)
    weight = module.convolution.weight.view(WIDTH, 3, 4).transpose(1, 2)
    vectors = module.embedding.weight[rows].sum(dim=1)
    expected, start = [], 0
    for length in lengths:
        word = vectors[start : start + length + 2].T[None]
        states = nn.functional.conv1d(word, weight, module.convolution.bias)
        expected.append(states[0].amax(dim=1))
        start += length + 1
    torch.testing.assert_close(module(rows, lengths), torch.stack(expected))


def test_lstm_gives_the_last_state_of_each_direction() -> None:
    lengths = [3, 1, 5]
    module = make("lstm")
    assert isinstance(module, CharLSTM)
    rows = rows_of(lengths)
    output, start = module(rows, lengths), 0
    for vector, length in zip(output, lengths, strict=True):
        characters = module.embedding(rows[start + 1 : start + 1 + length])
        states = module.lstm(characters, [length])
        half = WIDTH // 2
        expected = torch.cat([states[-1, :half], states[0, half:]])
        torch.testing.assert_close(vector, expected)
        start += length + 1


@pytest.mark.parametrize("kind", CHARS)
def test_gradients(kind: str) -> None:
    module = make(kind).double()
    lengths = [2, 1, 4]
    rows = rows_of(lengths)

    def run(weight: Tensor) -> Tensor:
        parameters = {"embedding.weight": weight}
        return torch.func.functional_call(module, parameters, (rows, lengths))

    weight = module.embedding.weight.detach().clone().requires_grad_()
    assert torch.autograd.gradcheck(run, (weight,))


def test_tied_characters_share_the_gradient() -> None:
    """The gradient of `torch.segment_reduce` is wrong for ties."""
    module = make("cnn")
    assert isinstance(module, CharCNN)
    rows = torch.ones(8, 4, dtype=torch.long)
    module(rows, [6]).backward(-torch.ones(1, WIDTH))
    assert module.convolution.bias.grad.tolist() == pytest.approx([-1.0] * WIDTH)
