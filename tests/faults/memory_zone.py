"""Predict within memory zones, and see whether the process grows.

python -m tests.faults.memory_zone --calls 3500

Each call reads 20 words that have not been seen before. The caches of words are filled
before. The second half of the calls may take 16 MB more at its peak than the first.
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


def find_peak(nlp: Language, numbers: Iterator[int], calls: int, n_words: int) -> float:
    peak = 0.0
    for _ in range(calls):
        with nlp.memory_zone():
            nlp(" ".join(f"word{next(numbers)}" for _ in range(n_words)))
        peak = max(peak, megabytes())
    return peak


def main(calls: int = 3500) -> None:
    """Print the largest memory of the process in each half of the calls.

    calls: How many texts are read.
    """
    nlp, numbers = make_pipeline(), count()
    find_peak(nlp, numbers, calls=2 * CACHE_SIZE // 1000, n_words=1000)
    first, second = (find_peak(nlp, numbers, calls // 2, n_words=20) for _ in range(2))
    print(f"{first:.1f} MB in the first half of {calls} calls, {second:.1f} MB then")
    if second > first + LARGEST_GROWTH:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
