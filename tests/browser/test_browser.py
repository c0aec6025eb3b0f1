"""The checks of pages can fail."""

from pathlib import Path

import pytest

from .browser import check_logs, page, read_console, read_requests


def write(path: Path, body: str) -> Path:
    path.write_text(
        "<!DOCTYPE html><html><head><meta charset='utf-8'>"
        f"<link rel='icon' href='data:,'></head><body>{body}</body></html>"
    )
    return path


def test_what_is_logged(tmp_path: Path) -> None:
    path = write(tmp_path / "page.html", "<p>good</p>")
    with page(path) as driver:
        assert driver.find_element("css selector", "p").text == "good"
        check_logs(driver)

        for script in ("console.error('wrong')", "throw Error('wrong')"):
            write(path, f"<script>{script}</script>")
            driver.get(path.as_uri())
            with pytest.raises(AssertionError, match="wrong"):
                check_logs(driver)

        picture = "http://localhost:9/picture.png"
        write(path, f"<img src='{picture}' alt=''>")
        driver.get(path.as_uri())
        assert picture in read_console(driver)[0]
        with pytest.raises(AssertionError, match="localhost"):
            check_logs(driver)

        write(path, "<p>good</p>")
        driver.get(path.as_uri())
        assert read_requests(driver) == [path.as_uri()]
        driver.refresh()
