"""Pages in a real browser: Debian's chromium, without a screen."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
DRIVER = Path("/usr/bin/chromedriver")
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,900")


@contextmanager
def page(path: Path) -> Iterator[Any]:
    """Open a file, and at the end check what the browser logged of it.

    The test is skipped where selenium or chromium is missing.
    """
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is missing")
    for program in (CHROMIUM, DRIVER):
        if not program.exists():
            pytest.skip(f"there is no {program}")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = webdriver.ChromeService(executable_path=str(DRIVER))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.get(path.absolute().as_uri())
        yield driver
        check_logs(driver)
    finally:
        driver.quit()


def check_logs(driver: Any) -> None:
    """See that the console has nothing, and that only files and data were asked for."""
    messages = read_console(driver)
    assert not messages, messages
    urls = read_requests(driver)
    assert urls, "the browser logged no request, not even that of the page"
    foreign = [url for url in urls if not url.startswith(("file:", "data:"))]
    assert not foreign, foreign


def read_console(driver: Any) -> list[str]:
    """RETURNS (list[str]): What was logged since the last call."""
    return [entry["message"] for entry in driver.get_log("browser")]


def read_requests(driver: Any) -> list[str]:
    """RETURNS (list[str]): Addresses that were asked for since the last call."""
    events = [
        json.loads(entry["message"])["message"]
        for entry in driver.get_log("performance")
    ]
    return [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
