"""Memory of a process that reads a million distinct words.

python benchmarks/distinct_words.py MODEL

reads them within `nlp.memory_zone`, so that spaCy's own vocabulary lets go of them too.
"""

from pathlib import Path

import spacy
import typer
from spacy.tokens import Doc

N_WORDS = 1_000_000
N_DOCS = 250
LENGTH = 20


def read_memory() -> int:
    """RETURNS (int): Memory that this process has in use, in MB."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def main(model: str) -> None:
    """Print the memory after each tenth of the words."""
    nlp = spacy.load(model)
    zone = N_DOCS * LENGTH
    for start in range(0, N_WORDS, zone):
        with nlp.memory_zone():
            docs = [
                Doc(nlp.vocab, words=[f"word{i}" for i in range(first, first + LENGTH)])
                for first in range(start, start + zone, LENGTH)
            ]
            for _ in nlp.pipe(docs):
                pass
        if (start + zone) % (N_WORDS // 10) == 0:
            print(f"{start + zone:>9,} words: {read_memory()} MB", flush=True)


if __name__ == "__main__":
    typer.run(main)
