from pathlib import Path

from spacy_lstm.evaluation.report.report import make_report

from ..evaluation.report.reporting import OURS, SCRIPT, make_examples, make_pipeline
from .browser import page

PHONE = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}


def test_a_report(tmp_path: Path) -> None:
    nlp = make_pipeline(*OURS)
    path = tmp_path / "report.html"
    html = make_report(
        nlp, make_examples(nlp), model="model", path=Path("dev.spacy"), n_mistakes=100
    )
    path.write_text(html, encoding="utf8")
    with page(path) as driver:
        assert driver.title.startswith("Report on en_pipeline")
        links = driver.find_elements("css selector", "nav a")
        assert [link.text for link in links] == ["tokenizer", *OURS]
        for link in links:
            driver.execute_script("scrollTo(0, 0)")
            name = link.text
            link.click()
            heading = driver.find_element("css selector", ":target h2")
            assert heading.text == name
            top = heading.rect["y"] - driver.execute_script("return scrollY")
            assert 0 <= top < 900

        for name in OURS:
            section = driver.find_element(
                "xpath", f"//section[h2[normalize-space()='{name}']]"
            )
            mistake = section.find_element("css selector", ".mistake")
            line = mistake.find_element("css selector", "dd")
            assert not line.is_displayed()
            mistake.find_element("css selector", "summary").click()
            assert line.is_displayed()
            figure = section.find_element("css selector", "figure")
            figure.find_element("css selector", "summary").click()
            assert figure.find_element("css selector", "td").is_displayed()

        lines = driver.find_elements("css selector", ".mistake dd")
        assert any(SCRIPT in line.get_property("textContent") for line in lines)
        assert driver.find_elements("css selector", "script") == []

        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
        opened = "document.querySelectorAll('details').forEach(d => d.open = true)"
        driver.execute_script(opened)
        width = driver.execute_script("return document.documentElement.scrollWidth")
        assert width == PHONE["width"]

        for scheme, color in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(23,")):
            media = {"name": "prefers-color-scheme", "value": scheme}
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [media]})
            script = "return getComputedStyle(document.body).backgroundColor"
            assert driver.execute_script(script).startswith(color)
