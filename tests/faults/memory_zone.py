"""Predict within memory zones, and see whether the process grows.

python -m tests.faults.memory_zone --calls 3500

Each call reads 20 words that have not been seen before. Once the caches of words are
full, the process may grow by 16 MB.
"""

import resource
from collections.abc import Iterator
from itertools import count

import typer
from spacy.language import Language

from .pipeline import make_pipeline

LARGEST_GROWTH = 16.0
CACHE_SIZE = 20_000


def megabytes() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def predict(nlp: Language, numbers: Iterator[int], calls: int, n_words: int) -> None:
    for _ in range(calls):
        with nlp.memory_zone():
            nlp(" ".join(f"word{next(numbers)}" for _ in range(n_words)))


def main(calls: int = 3500) -> None:
    """Print the memory of the process with full caches, and after all calls.

    calls: How many texts are read.
    """
    nlp, numbers = make_pipeline(), count()
    predict(nlp, numbers, calls=2 * CACHE_SIZE // 1000, n_words=1000)
    predict(nlp, numbers, calls=100, n_words=20)
    before = megabytes()
    predict(nlp, numbers, calls=calls, n_words=20)
    growth = megabytes() - before
    print(f"{before:.1f} MB, and {growth:.1f} MB more after {calls} calls")
    if growth > LARGEST_GROWTH:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
