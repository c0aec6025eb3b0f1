import re
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from PIL import Image
from rich.console import Console
from spacy.cli._util import app
from typer.testing import CliRunner

import spacy_lstm
import spacy_lstm.cli.commands
from spacy_lstm.attribution import console as explain_console
from spacy_lstm.attribution.explanation import Explanation

from ..attribution.planted import LSTM, make_categories, make_entities, train

TEXT = "six yes two <script>"
CLASSIFIER = {
    "@architectures": "spacy-lstm.TextCatRNN.v1",
    "tok2vec": LSTM,
    "exclusive_classes": True,
    "pooling": ["attention", "max"],
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text classifier, and an entity recognizer that finds nothing."""
    spacy.util.fix_random_seed(0)
    nlp = train(make_categories, steps=10, lstm_textcat=CLASSIFIER)
    ner = train(make_entities, steps=0, lstm_ner={"tok2vec": LSTM})
    emission = ner.get_pipe("lstm_ner").model.get_ref("output_layer")
    emission.shims[0].module.bias.data[0] = 50.0
    nlp.add_pipe("lstm_ner", source=ner)
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return path


def run(*arguments: object, stdin: str | None = None) -> str:
    """Run the command and check that it succeeds."""
    result = CliRunner().invoke(
        app, ["lstm", "explain", *map(str, arguments)], input=stdin
    )
    assert result.exit_code == 0, result.output
    return result.output


def fail(*arguments: object, stdin: str | None = None) -> str:
    """Run the command and check that it fails with one message."""
    result = CliRunner().invoke(
        app, ["lstm", "explain", *map(str, arguments)], input=stdin
    )
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    (message,) = result.output.strip().split("\n\n")
    return " ".join(re.sub(r"\x1b\[[\d;]*m", "", message).split())


def test_what_is_printed(model: Path) -> None:
    lines = run(model, TEXT).splitlines()
    assert re.fullmatch(
        r"lstm_textcat: good, probability 0\.\d{4}, logit \+\d\.\d\d", lines[0]
    )
    numbers = r"six [+-]\d\.\d\d  yes \+\d\.\d\d  two [+-]\d\.\d\d  < [+-].*"
    assert re.fullmatch(numbers, lines[1])
    assert re.fullmatch(
        r"logit [+-]\d\.\d\d for the baseline, [+-]\d\.\d\d for the text; "
        r"the scores add up to [+-]\d\.\d\d",
        lines[2],
    )
    assert lines[3:] == [""]


def test_numbers_that_do_not_add_up() -> None:
    for score, error in ((1.99, ""), (1.9, " (+0.10 missing)")):
        explanation = Explanation(
            *("ner", "X", ["a"], [""], [score], "gradients"), logit=1.0, baseline=-1.0
        )
        assert explanation.adds_up == (not error)
        assert replace(explanation, logit=-1.0, scores=[0.0001]).adds_up
        assert str(explain_console.describe_sum(explanation)) == (
            "logit -1.00 for the baseline, +1.00 for the text; "
            f"the scores add up to {score:+.2f}{error}"
        )
        page = spacy_lstm.render(explanation, jupyter=False)
        assert ("missing" in page) == bool(error)


def test_the_choice_of_label_and_component(model: Path) -> None:
    output = run(model, TEXT, "--component", "lstm_textcat", "--label", "bad")
    assert output.startswith("lstm_textcat: bad, probability 0.")


def test_attention(model: Path) -> None:
    lines = run(model, TEXT, "--method", "attention").splitlines()
    weights = [float(number) for number in re.findall(r" (0\.\d{3})", lines[1])]
    assert sum(weights) == pytest.approx(1, abs=0.003)
    assert lines[2] == "attention weights"


def test_text_of_stdin(model: Path) -> None:
    assert run(model, "-", stdin=TEXT + "\n") == run(model, TEXT)


def test_pages(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.html"
    run(model, TEXT, "--output", path)
    html = path.read_text("utf8")
    assert html.startswith("<!DOCTYPE html>")
    assert ">&lt;</mark>" in html
    assert "<script>" in html.partition("</main>")[2]
    assert "<script" not in html.partition("</main>")[0]


def test_pictures(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "picture.PNG"
    run(model, TEXT, "--output", path)
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.width > 300


def test_characters_that_no_font_has(model: Path, tmp_path: Path) -> None:
    output = run(model, "yes \u0378", "--output", tmp_path / "a.png")
    assert "No installed font" in output
    assert "No installed font" not in run(model, "yes", "--output", tmp_path / "b.png")


def test_that_nothing_is_written_over(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("mine")
    assert "--force" in fail(model, TEXT, "--output", path)
    assert "no words" in fail(model, "", "--output", path, "--force")
    assert path.read_text() == "mine"
    run(model, TEXT, "--output", path, "--force")
    assert path.read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["", "--method", "gradients"], "no words"),
        ([TEXT, "--component", "tagger"], "no component of the name 'tagger'"),
        ([TEXT, "--label", "neutral"], "not a label"),
        ([TEXT, "--token", "9"], "from 0 to 5"),
        ([TEXT, "--token", "1"], "no decision to explain"),
        ([TEXT, "--component", "lstm_textcat", "--token", "1"], "labels whole texts"),
        ([TEXT, "--component", "lstm_ner"], "no decision to explain"),
        ([TEXT, "--method", "magic"], "`method` is 'magic'"),
        ([TEXT, "-c", "lstm_ner", "-m", "attention"], "no attention weights"),
        ([TEXT, "--output", "page.txt"], ".html, .png"),
        (["yes " * 300_000], "E088"),
    ],
)
def test_bad_input(
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in fail(model, *arguments)
    assert not list(tmp_path.iterdir())


def test_bad_pipelines(tmp_path: Path) -> None:
    assert "Can't load a pipeline" in fail(tmp_path, TEXT)
    nlp = spacy.blank("en")
    nlp.to_disk(tmp_path / "blank")
    assert "in this pipeline: none" in fail(tmp_path / "blank", TEXT)
    config = tmp_path / "blank" / "config.cfg"
    config.write_text(f'{config.read_text()}\n[nlp]\nlang = "en"\n')
    assert "Can't load a pipeline" in fail(tmp_path / "blank", TEXT)


def test_that_pictures_need_matplotlib(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spacy_lstm.cli.files.find_spec", lambda name: None)
    assert "pip install matplotlib" in fail(model, TEXT, "--output", tmp_path / "a.png")
    run(model, TEXT, "--output", tmp_path / "a.html")


def test_the_colors_of_a_terminal(capsys: pytest.CaptureFixture) -> None:
    explanation = Explanation(
        "ner",
        "PER",
        ["Ann", "left", " "],
        [" ", "", ""],
        [4.0, -2.0, 0.0],
        "gradients",
        2.0,
        0.0,
        start=0,
        end=1,
    )
    console = Console(force_terminal=True, color_system="truecolor", width=60)
    console.print(explain_console.describe_tokens(explanation))
    output = capsys.readouterr().out
    assert "48;2;38;118;196mAnn" in output
    assert "48;2;142;83;50mleft" in output
    assert "48;2;70;70;70m_" in output
    assert "+4.00" in output
    assert explain_console.describe_decision(explanation).plain == (
        'ner: PER "Ann", probability 0.8808, logit +2.00'
    )
