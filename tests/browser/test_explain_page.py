"""The page of an explanation."""

from pathlib import Path
from typing import Any

from spacy_lstm import render
from spacy_lstm.attribution.explanation import Explanation

from .browser import page


def make(label: str, start: int | None) -> Explanation:
    return Explanation(
        component="ner" if start is not None else "textcat",
        label=label,
        tokens=["<script>document.title='hacked'</script>", "Ann", "left", "x" * 500],
        whitespace=[" ", " ", " ", ""],
        scores=[0.5, 4.0, -2.0, 0.0],
        method="gradients",
        logit=2.0,
        baseline=-0.5,
        start=start,
        end=None if start is None else start + 1,
    )


def visible(driver: Any) -> list[str]:
    figures = driver.find_elements("css selector", "figure")
    return [f.get_attribute("data-label") for f in figures if f.is_displayed()]


def pressed(driver: Any) -> list[str]:
    buttons = driver.find_elements("css selector", 'button[aria-pressed="true"]')
    return [button.text for button in buttons]


def test_that_a_decision_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    explanations = [make("PER", 1), make("good", None), make("ORG", 2)]
    path.write_text(render(explanations, page=True), "utf8")
    with page(path) as driver:
        assert driver.title == "Token attributions"
        assert visible(driver) == ["PER"]
        assert pressed(driver) == ["PER Ann"]
        choices = {
            button.text: button
            for button in driver.find_elements("css selector", "nav button")
        }
        assert list(choices) == ["PER Ann", "ORG left", "good"]
        for text, label in (("good", "good"), ("ORG left", "ORG")):
            choices[text].click()
            assert visible(driver) == [label]
            assert pressed(driver) == [text]


def test_that_long_texts_fit_a_narrow_screen(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    label = "Case=Nom|Gender=Fem|Number=Plur|Person=3|PronType=Prs|POS=PRON" * 3
    path.write_text(render([make(label, 1)], page=True), "utf8")
    with page(path) as driver:
        driver.set_window_size(500, 900)
        root = driver.find_element("css selector", "html")
        assert root.get_property("scrollWidth") <= root.get_property("clientWidth")
        (mark, *_) = driver.find_elements("css selector", "mark.lstm-decided")
        assert mark.text == "Ann"
