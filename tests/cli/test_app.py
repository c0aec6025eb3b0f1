import subprocess
import sys


def test_that_spacy_knows_the_commands() -> None:
    command = [sys.executable, "-m", "spacy", "lstm", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "pipelines with recurrent networks" in done.stdout
