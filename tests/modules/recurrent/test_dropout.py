import torch

from spacy_lstm.modules.recurrent.dropout import Dropout, locked_dropout, word_dropout


def test_resolve() -> None:
    rates = Dropout(None, 0.2, None, 0.0)
    assert rates.resolve(0.5) == Dropout(0.5, 0.2, 0.5, 0.0)
    assert rates.resolve(None) == Dropout(0.0)


def test_locked_dropout_uses_one_mask_per_sequence() -> None:
    dropped = locked_dropout(torch.ones(30, 50), [10, 0, 20], 0.4)
    first, second = dropped[:10], dropped[10:]
    for sequence in (first, second):
        assert sequence.equal(sequence[:1].expand_as(sequence))
    assert not first[0].equal(second[0])
    torch.testing.assert_close(dropped.unique(), torch.tensor([0.0, 1 / 0.6]))


def test_unlocked_dropout_uses_one_mask_per_token() -> None:
    dropped = Dropout(locked=False).drop(torch.ones(30, 50), [30], 0.4)
    assert not dropped[0].equal(dropped[1])


def test_word_dropout_drops_whole_tokens() -> None:
    dropped = word_dropout(torch.ones(200, 3), 0.5)
    assert dropped.equal(dropped[:, :1].expand_as(dropped))
    assert set(dropped[:, 0].tolist()) == {0.0, 2.0}


def test_dropout_preserves_the_mean() -> None:
    tokens = torch.ones(100, 500)
    for dropped in (locked_dropout(tokens, [1] * 100, 0.3), word_dropout(tokens, 0.3)):
        assert abs(dropped.mean() - 1) < 0.2


def test_gradients() -> None:
    def drop(tokens: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(0)
        return word_dropout(locked_dropout(tokens, [3, 0, 2], 0.3), 0.3)

    tokens = torch.randn(5, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(drop, tokens)
