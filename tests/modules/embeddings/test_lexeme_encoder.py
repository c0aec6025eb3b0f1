import pytest
import torch
from torch import Tensor

from spacy_lstm.modules.embeddings.lexeme_encoder import LexemeEncoder, Lexemes

ROWS = [7, 5]
WORDS = torch.tensor([10, 20, 30, 40])
KNOWN = torch.tensor([10, 20, 30])
COUNTS = torch.tensor([1, 2, 3])


def make(**settings) -> LexemeEncoder:
    torch.manual_seed(0)
    return LexemeEncoder(6, ROWS, [True, False], dropout=0.0, **settings)


def lexemes() -> Lexemes:
    generator = torch.Generator().manual_seed(0)
    return Lexemes(torch.randint(0, 5, (2, 4, 4), generator=generator), WORDS)


def ignores_identifying_attributes(
    module: LexemeEncoder, dropout: float | None
) -> list[bool]:
    """Check for each word whether its vector ignores the identifying table."""
    torch.manual_seed(0)
    before = module(lexemes(), dropout=dropout)
    with torch.no_grad():
        module.tables[0].weight.add_(torch.randn(7, 6))
    torch.manual_seed(0)
    after = module(lexemes(), dropout=dropout)
    return [bool(same) for same in (before == after).all(dim=1)]


def test_tokens_share_the_vectors_of_words() -> None:
    module = make()
    vectors = module(lexemes())
    tokens = module(lexemes(), torch.tensor([3, 0, 3]))
    assert torch.equal(tokens, vectors[[3, 0, 3]])


def test_parts_are_concatenated_in_order() -> None:
    module = make(vector_width=2)
    words = lexemes()
    words.vectors = torch.tensor([[1.0, 2.0], [0.0, 0.0], [3.0, 4.0], [5.0, 6.0]])
    assert module.projection is not None
    parts = [
        module.tables[0].weight[words.rows[0]].sum(dim=1),
        module.tables[1].weight[words.rows[1]].sum(dim=1),
        words.vectors @ module.projection.weight.T,
    ]
    torch.testing.assert_close(module(words), module.mixer(torch.cat(parts, dim=1)))


@pytest.mark.parametrize("rate", [0.0, 0.99])
def test_no_word_is_unknown_without_counts(rate: float) -> None:
    module = make(unknown_rate=rate)
    assert ignores_identifying_attributes(module, None) == [False] * 4


def test_prediction_replaces_unseen_words() -> None:
    module = make(unknown_rate=0.5)
    module.set_counts(KNOWN, COUNTS)
    assert ignores_identifying_attributes(module, None) == [False, False, False, True]


def test_training_replaces_rare_words_at_the_unknown_rate() -> None:
    module = make(unknown_rate=0.7, rare_count=2)
    module.set_counts(KNOWN, COUNTS)
    lost = torch.tensor([find_unknown(module, i) for i in range(400)])
    rates = lost.double().mean(dim=0)
    assert rates[2] == 0
    assert rates[[0, 1, 3]].tolist() == pytest.approx([0.7] * 3, abs=0.1)


def find_unknown(module: LexemeEncoder, seed: int) -> list[bool]:
    torch.manual_seed(seed)
    unknown = module._find_unknown(WORDS, is_train=True)
    assert unknown is not None
    return unknown.tolist()


def test_counts_are_part_of_the_state_dict() -> None:
    module = make(unknown_rate=0.5)
    module.set_counts(KNOWN, COUNTS)
    loaded = make(unknown_rate=0.5, n_words=3)
    loaded.load_state_dict(module.state_dict())
    assert torch.equal(loaded.words, KNOWN)
    assert torch.equal(loaded.counts, COUNTS)


def test_dropout_defaults_to_the_training_rate() -> None:
    def dropped(module: LexemeEncoder) -> float:
        vectors = module(lexemes(), torch.zeros(500, dtype=torch.int64), 0.5)
        return float((vectors == 0).double().mean())

    own = make()
    assert dropped(own) == 0
    own.dropout = None
    assert dropped(own) == pytest.approx(0.5, abs=0.05)
    assert not (own(lexemes()) == 0).any()


def test_gradients() -> None:
    module = make(unknown_rate=0.5).double()
    module.set_counts(KNOWN, COUNTS)
    names = ["unknown", "tables.0.weight", "mixer.pieces.weight"]
    parameters = dict(module.named_parameters())

    def run(*values: Tensor) -> Tensor:
        given = dict(zip(names, values, strict=True))
        arguments = (lexemes(), torch.tensor([0, 1, 3, 3]))
        return torch.func.functional_call(module, given, arguments)

    values = [parameters[name].detach().clone().requires_grad_() for name in names]
    assert torch.autograd.gradcheck(run, values)
