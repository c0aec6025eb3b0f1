"""Read random texts in different batches, threads and processes.

python -m tests.fuzz.texts --texts 6000 --seed 0

A text has to get the same predictions in each. The texts are of random characters of
random scripts, words that were seen in training, spaces, and nothing; most are short,
and some have thousands of tokens.
"""

import multiprocessing
import random
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import typer
from spacy.language import Language
from spacy.tokens import Doc

from ..faults.pipeline import (
    Predictions,
    is_same,
    make_pipeline,
    read_predictions,
)
from ..util import TEXTS

# First and last characters of ranges of Unicode.
SCRIPTS = [
    *((0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x3FF), (0x590, 0x5FF), (0x600, 0x6FF)),
    *((0x900, 0x97F), (0x2000, 0x206F), (0x3040, 0x30FF), (0x4E00, 0x9FFF)),
    *((0xFE00, 0xFE0F), (0x1F300, 0x1F64F), (0x20000, 0x2A6DF), (0, 0x1F)),
]
WORDS = " ".join(TEXTS).split()


def make_word(generator: random.Random) -> str:
    if generator.random() < 0.3:
        return generator.choice(WORDS)
    first, last = generator.choice(SCRIPTS)
    n_characters = 1 + int(generator.expovariate(0.3))
    return "".join(chr(generator.randint(first, last)) for _ in range(n_characters))


def make_text(generator: random.Random) -> str:
    length = generator.choice([0, 1, 2, 5, 10, 20, 40])
    if generator.random() < 0.002:
        length = generator.randrange(1_000, 5_000)
    separator = generator.choice([" ", " ", " ", "", "\n", "  "])
    return separator.join(make_word(generator) for _ in range(length))


def in_batches(size: int) -> Callable[[Language, list[str]], Iterable[Doc]]:
    return lambda nlp, texts: nlp.pipe(texts, batch_size=size)


def reversed_batches(nlp: Language, texts: list[str]) -> Iterable[Doc]:
    return reversed(list(nlp.pipe(reversed(texts), batch_size=100)))


def by_length(nlp: Language, texts: list[str]) -> Iterable[Doc]:
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    docs = nlp.pipe((texts[i] for i in order), batch_size=64)
    by_place = dict(zip(order, docs, strict=True))
    return (by_place[i] for i in range(len(texts)))


def in_threads(nlp: Language, texts: list[str]) -> Iterable[Doc]:
    with ThreadPoolExecutor(8) as pool:
        yield from pool.map(nlp, texts)


def in_processes(nlp: Language, texts: list[str]) -> Iterable[Doc]:
    return nlp.pipe(texts, n_process=2, batch_size=100)


def in_forks_of_a_thread(nlp: Language, texts: list[str]) -> Iterable[Doc]:
    """Fork while another thread predicts."""
    context = multiprocessing.get_context("fork")
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(lambda: [nlp(text) for text in texts[:500]])
        children = [context.Process(target=nlp, args=(texts[i],)) for i in range(8)]
        for child in children:
            child.start()
        for child in children:
            child.join(timeout=60)
            if child.exitcode != 0:
                child.kill()
                raise SystemExit("a forked process hangs or fails")
        busy.result()
    return nlp.pipe(texts)


WAYS: dict[str, Callable[[Language, list[str]], Iterable[Doc]]] = {
    "batches of 1": in_batches(1),
    "batches of 7": in_batches(7),
    "batches of 256": in_batches(256),
    "batches of 2,000": in_batches(2_000),
    "batches in reversed order": reversed_batches,
    "batches by length": by_length,
    "8 threads": in_threads,
    "2 processes": in_processes,
    "forks of a busy process": in_forks_of_a_thread,
}


def main(texts: int = 6000, seed: int = 0) -> None:
    """Print for each way of reading how many texts have other predictions.

    texts: How many texts are made.
    seed: Seed of the texts.
    """
    warnings.simplefilter("ignore")
    generator, different = random.Random(seed), Counter[str]()
    made = [make_text(generator) for _ in range(texts)]
    nlp = make_pipeline()
    expected: list[Predictions] = [read_predictions(nlp(text)) for text in made]
    for name, read in WAYS.items():
        for text, doc, own in zip(made, read(nlp, made), expected, strict=True):
            if not is_same(read_predictions(doc), own):
                different[name] += 1
                print(f"{name}: {text!r:.200}")
        print(f"{name}: {different[name]} of {texts} differ", flush=True)
    if different.total():
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
