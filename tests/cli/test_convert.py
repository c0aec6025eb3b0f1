import sys
from pathlib import Path

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import Doc, DocBin
from typer.testing import CliRunner

import spacy_lstm.cli.commands  # noqa: F401

ROWS = "".join(f"lovely {i},good\nawful {i},bad\n" for i in range(10))


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["lstm", "convert", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, " ".join(result.output.split())


def load(path: Path) -> list[Doc]:
    return list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text(f"text,label\n{ROWS}")
    return path


def test_one_file(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "a.spacy"
    code, output = run(table, out)
    assert code == 0
    assert f"Generated output file (20 documents, 40 tokens): {out}" in output
    assert "doc.cats count -------- ----- bad 10 good 10" in output
    docs = load(out)
    assert len(docs) == 20
    assert docs[0].text == "lovely 0"
    assert docs[0].cats == {"good": 1.0, "bad": 0.0}


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_as_output(table: Path, tmp_path: Path, exists: bool) -> None:
    if exists:
        (tmp_path / "out").mkdir()
    assert run(table, tmp_path / "out")[0] == 0
    assert files(tmp_path / "out") == ["reviews.spacy"]


def test_three_files(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, output = run(table, out, "--split", "80,10,10", "--seed", "3")
    assert code == 0
    assert "Split stratified by label, seed 3" in output
    assert "doc.cats train dev test" in output
    assert "bad 8 1 1 good 8 1 1" in output
    parts = [load(out / f"{name}.spacy") for name in ("train", "dev", "test")]
    assert [len(part) for part in parts] == [16, 2, 2]
    assert files(out) == ["dev.spacy", "test.spacy", "train.spacy"]


def test_that_only_force_writes_over_files(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "dev.spacy"
    out.write_text("mine")
    for arguments in ([out], [tmp_path, "--split", "50,50"]):
        code, output = run(table, *arguments)
        assert code == 1
        assert "dev.spacy already exists" in output
        assert out.read_text() == "mine"
        assert not (tmp_path / "train.spacy").exists()
    assert run(table, out, "--force")[0] == 0
    assert len(load(out)) == 20


@pytest.mark.parametrize("name", ["dev", "test"])
def test_that_folders_are_not_written_over(
    table: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / f"{name}.spacy").mkdir()
    code, output = run(table, tmp_path, "--split", "50,50", "--force")
    assert code == 1
    assert f"{name}.spacy can't be written: it is a folder" in output
    assert not (tmp_path / "train.spacy").exists()


def test_that_force_tells_of_a_part_that_it_removes(
    table: Path, tmp_path: Path
) -> None:
    stale = tmp_path / "test.spacy"
    stale.write_text("mine")
    code, output = run(table, tmp_path, "--split", "50,50", "--force")
    assert code == 0
    assert not stale.exists()
    assert "test.spacy of an earlier split" in output


def test_that_nothing_is_written_after_an_error(tmp_path: Path) -> None:
    source = tmp_path / "reviews.tsv"
    source.write_text("text\tlabel\na\tx\nb\n")
    code, output = run(source, tmp_path / "out", "--split", "50,50")
    assert code == 1
    assert "reviews.tsv, line 3: expected 2 columns" in output
    assert files(tmp_path) == ["reviews.tsv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--split", "80,30"], "`--split` is '80,30'"),
        (["--split", "1,98,1"], "too few documents for `--split 1,98,1`: "),
        (["--type", "xml"], "`--type` is 'xml'"),
        (["--lang", "qq"], "no language 'qq'"),
        (["--separator", ""], "`--separator` is ''"),
        (["--label-column", "stars"], "expected a header with the columns"),
    ],
)
def test_bad_options(
    table: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    code, output = run(table, tmp_path / "out", *arguments)
    assert code == 1
    assert message in output
    assert files(tmp_path) == ["reviews.csv"]


def test_an_output_that_cannot_be_written(table: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    code, output = run(table, tmp_path / "out", "--force")
    assert code == 1
    assert "can't be written: " in output
    assert files(tmp_path) == ["out", "reviews.csv"]


def test_without_scikit_learn(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spacy_lstm.training.strata.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "sklearn.model_selection", None)
    code, output = run(table, tmp_path / "out", "--split", "50,50")
    assert code == 1
    assert "scikit-learn is not installed. Install it with: pip install" in output
    assert run(table, tmp_path / "out")[0] == 0


def test_spans_that_are_misaligned_and_lines_that_are_left_out(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text(
        '{"text": "in Londontown", "spans": '
        '[{"start": 3, "end": 9, "label": "LOC"}, '
        '{"start": 0, "end": 1, "label": "X"}]}\n'
        '{"text": "in Paris", "spans": [{"start": 3, "end": 8, "label": "LOC"}]}\n'
        '{"text": "?", "answer": "ignore"}\n'
    )
    code, output = run(source, tmp_path / "a.spacy")
    assert code == 0
    assert output.count("entities don't align with tokens") == 1
    assert "The first one is 'London' with the label 'LOC'" in output
    assert "Skipped 1 texts that were not accepted" in output
    assert "doc.ents count -------- ----- LOC 1" in output
    docs = load(tmp_path / "a.spacy")
    assert [token.ent_iob_ for doc in docs for token in doc] == ["", "", "O", "B"]


def test_sentences(tmp_path: Path) -> None:
    source = tmp_path / "a.conll"
    sentences = (f"Ann NN{i} B-PER\nleft X O\n" for i in range(12))
    source.write_text("\n".join(sentences))
    code, output = run(source, tmp_path / "a.spacy", "--n-sents", "5")
    assert code == 0
    assert "(3 documents, 24 tokens)" in output
    assert "PER 12" in output
    assert "token.tag count" in output
    assert "and 3 more" in output
    assert [len(doc.ents) for doc in load(tmp_path / "a.spacy")] == [5, 5, 2]


def test_that_no_part_of_an_earlier_split_is_left(tmp_path: Path) -> None:
    rows = "".join(f"text number {i},{i % 2}\n" for i in range(20))
    (tmp_path / "some.csv").write_text(f"text,label\n{rows}", encoding="utf8")
    out = tmp_path / "out"
    for split in ("60,20,20", "80,20"):
        arguments = [str(tmp_path / "some.csv"), str(out), "--split", split, "-F"]
        result = CliRunner().invoke(app, ["lstm", "convert", *arguments])
        assert result.exit_code == 0
    assert {path.name for path in out.iterdir()} == {"train.spacy", "dev.spacy"}


def test_characters_that_utf8_lacks(tmp_path: Path) -> None:
    line = '{"text": "a \\ud800 b", "label": "X"}'
    (tmp_path / "some.jsonl").write_text(line, encoding="utf8")
    arguments = [str(tmp_path / "some.jsonl"), str(tmp_path / "out.spacy")]
    result = CliRunner().invoke(app, ["lstm", "convert", *arguments])
    assert result.exit_code == 1
    assert "line 1" in result.output
    assert isinstance(result.exception, SystemExit)
