from pathlib import Path

import pytest
import spacy
import srsly
from click.testing import Result
from spacy.cli._util import app
from spacy.language import Language
from typer.testing import CliRunner

import spacy_lstm.cli.commands  # noqa: F401

from ..evaluation.test_model_summary import initialize, make_tagger
from ..util import write_vectors

TREE = """\
{path} (xx): 322 parameters, 1.29 kB
├── tok2vec: 308 parameters, 1.23 kB
│   ├── config
│   │   ├── model: spacy.Tok2Vec.v2()
│   │   ├── model.embed: spacy-lstm.LexemeEmbed.v1({embed})
│   │   └── model.encode: spacy-lstm.RNNEncoder.v1({encode})
│   └── chain (nO 6): 308
│       ├── embed: spacy-lstm.LexemeEmbed.v1 (nO 4): 92
│       │   ├── unknown (1 x 4): 4
│       │   ├── tables.0.weight (5 x 4): 20
│       │   ├── mixer.pieces.weight (12 x 4): 48
│       │   ├── mixer.pieces.bias (12): 12
│       │   ├── mixer.norm.weight (4): 4
│       │   └── mixer.norm.bias (4): 4
│       └── encode: rnn_encoder (nI 4, nO 6): 216
│           ├── layers.0.cells.0.weight_ih (12 x 4): 48
│           ├── layers.0.cells.0.weight_hh (12 x 3): 36
│           ├── layers.0.cells.0.bias_ih (12): 12
│           ├── layers.0.cells.0.bias_hh (12): 12
│           ├── layers.0.cells.1.weight_ih (12 x 4): 48
│           ├── layers.0.cells.1.weight_hh (12 x 3): 36
│           ├── layers.0.cells.1.bias_ih (12): 12
│           └── layers.0.cells.1.bias_hh (12): 12
├── sentencizer: no network
└── lstm_tagger: 14 parameters, 56 bytes
    ├── config
    │   ├── model: spacy-lstm.Tagger.v1(nO = null, normalize = false)
    │   └── model.tok2vec: spacy.Tok2VecListener.v1(width = 6, upstream = "tok2vec")
    └── chain (nO 2): 14
        ├── tok2vec: tok2vec-listener (nO 6), listens to tok2vec
        ├── softmax: emission (nI 6, nO 2): 14
        │   ├── weight (2 x 6): 12
        │   └── bias (2): 2
        └── softmax
"""


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(app, ["lstm", "info", *map(str, args)])


def saved(nlp: Language, path: Path) -> Path:
    nlp.to_disk(path)
    return path


def test_the_tree_is_whole_however_narrow_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    path = saved(initialize(make_tagger()), tmp_path / "model")
    result = run(path)
    assert result.exit_code == 0
    config = spacy.load(path).config["components"]["tok2vec"]["model"]
    embed, encode = (
        ", ".join(
            f"{name} = {srsly.json_dumps(value)}"
            for name, value in config[block].items()
            if name != "@architectures"
        )
        for block in ("embed", "encode")
    )
    assert "hidden = 3" in encode
    assert result.stdout == TREE.format(path=path, embed=embed, encode=encode)


def test_json_holds_the_same(tmp_path: Path) -> None:
    path = saved(initialize(make_tagger()), tmp_path / "model")
    described = srsly.json_loads(run(path, "--json").stdout)
    assert described["n_parameters"] == 322
    tok2vec, sentencizer, tagger = described["components"]
    assert tok2vec["network"]["layers"][1]["dims"] == {"nI": 4, "nO": 6}
    assert tok2vec["architectures"][2]["settings"]["hidden"] == 3
    assert sentencizer["network"] is None
    assert tagger["network"]["layers"][0]["listens_to"] == "tok2vec"


def test_a_config_has_sizes_that_are_unknown(tmp_path: Path) -> None:
    make_tagger().config.to_disk(tmp_path / "config.cfg")
    lines = run(tmp_path / "config.cfg").stdout.splitlines()
    assert lines[0] == f"{tmp_path / 'config.cfg'} (xx): ? parameters"
    assert lines[-4:] == [
        "        ├── tok2vec: tok2vec-listener (nO 6), listens to tok2vec",
        "        ├── softmax: emission (nI 6, nO ?): ?",
        "        │   └── weights (?): ?",
        "        └── softmax",
    ]


def test_static_vectors_are_named(tmp_path: Path) -> None:
    path = write_vectors(tmp_path / "vectors")
    n_rows = spacy.load(path).vocab.vectors.shape[0]
    assert run(path).stdout.splitlines() == [
        f"{path} (en): 0 parameters, 0 bytes",
        f"└── static vectors ({n_rows} x 4): {4 * n_rows:,} (not trained)",
    ]


@pytest.mark.parametrize("name", ["no_such_model", "no_such.cfg"])
def test_what_is_not_there_is_refused(name: str) -> None:
    check_refusal(run(name), name)


def test_a_config_that_makes_no_pipeline_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.cfg"
    path.write_text('[nlp]\nlang = "xx"\npipeline = ["ghost"]\n')
    check_refusal(run(path), "ghost")
    path.write_text("no config")
    check_refusal(run(path, "--json"), "config.cfg")


def check_refusal(result: Result, message: str) -> None:
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "Can't load a pipeline from" in " ".join(result.output.split())
    assert message in result.output
