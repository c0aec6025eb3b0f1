"""Sizes that would run for too long or exhaust the memory."""

import pytest
from spacy.util import registry

LEXEMES = {"@architectures": "spacy-lstm.LexemeEmbed.v1", "attrs": ["NORM"]}
RNN = {"@architectures": "spacy-lstm.RNNEncoder.v1"}
BILSTM = {"@architectures": "spacy-lstm.BiLSTMEncoder.v1"}


@pytest.mark.parametrize("size", [10**6, 10**12, 2**63, 10**30])
@pytest.mark.parametrize(
    ("block", "argument"),
    [
        ({**RNN, "hidden": 8}, "depth"),
        (RNN, "hidden"),
        ({**BILSTM, "width": 8}, "depth"),
        ({**BILSTM, "depth": 1}, "width"),
        ({**LEXEMES, "rows": [10]}, "width"),
        ({**LEXEMES, "rows": [10], "width": 8}, "char_width"),
    ],
)
def test_sizes(block: dict, argument: str, size: int) -> None:
    with pytest.raises(ValueError, match=f"`{argument}` is {size}"):
        registry.resolve({"block": {**block, argument: size}})


@pytest.mark.parametrize("rows", [10**9, 10**30])
def test_rows(rows: int) -> None:
    with pytest.raises(ValueError, match=r"`rows` is \[10{9,}\]"):
        registry.resolve({"block": {**LEXEMES, "width": 8, "rows": [rows]}})


@pytest.mark.parametrize("nO", [-1, 0, 10**9, 10**30])
@pytest.mark.parametrize("name", ["TextCatRNN.v1", "TextCatRNN.v2", "Tagger.v1"])
def test_outputs(name: str, nO: int) -> None:
    tok2vec = {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {**LEXEMES, "rows": [10], "width": 8},
        "encode": {**RNN, "hidden": 8},
    }
    block = {"@architectures": f"spacy-lstm.{name}", "tok2vec": tok2vec, "nO": nO}
    if "Textcat" in name.title():
        block["exclusive_classes"] = True
    with pytest.raises(ValueError, match=f"`nO` is {nO}"):
        registry.resolve({"block": block})
