import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_that_the_site_builds(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir"]
    subprocess.run([*command, str(tmp_path)], cwd=ROOT, check=True)
    assert "lstm_ner" in (tmp_path / "reference" / "index.html").read_text("utf8")
    assert not list(tmp_path.glob("*.py"))
    described = (tmp_path / "api" / "index.html").read_text("utf8")
    for heading in ("Parameters:", "Attributes:", "Returns:", "Raises:"):
        assert heading in described
