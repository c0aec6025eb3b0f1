"""Augmentation by typos."""

from collections.abc import Callable
from functools import partial
from random import Random

from spacy.tokens import Doc

from ...errors import Errors
from .augmenter import WordAugmenter

QWERTY = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
MIN_LENGTH = 3


class Typos(WordAugmenter):
    """Adds typos to words of at least three letters, never in the first letter.

    All annotations stay those of the original word.

    level (float): Proportion of examples to augment.
    per_word (float): Proportion of words to add a typo to.
    kinds (list[str] | None): Kinds of typos: "swap" (two letters are swapped), "drop"
        (a letter is missing), "double" (a letter is repeated) and "neighbour" (a
        neighbouring key is hit). All of them by default.
    keyboard (list[str] | None): The rows of keys, from the top. By default, a QWERTY
        keyboard. Letters without a key get no typos of the last kind.
    seed (int): Random seed.
    keep_original (bool): Whether to yield the original examples as well.
    RAISES (ValueError): If an argument is invalid.
    """

    name = "spacy-lstm.Typos.v1"

    def __init__(
        self,
        level: float,
        per_word: float = 0.05,
        kinds: list[str] | None = None,
        keyboard: list[str] | None = None,
        seed: int = 0,
        keep_original: bool = False,
    ) -> None:
        super().__init__(level, per_word, seed, keep_original)
        neighbours = find_neighbours(
            self.name, QWERTY if keyboard is None else keyboard
        )
        known: dict[str, MakeTypo] = {
            "swap": swap,
            "drop": drop,
            "double": double,
            "neighbour": partial(hit_neighbour, neighbours=neighbours),
        }
        names = list(known) if kinds is None else kinds
        if not names or not known.keys() >= set(names):
            message = Errors.L104.format(
                name=self.name, kinds=kinds, known=", ".join(known)
            )
            raise ValueError(message)
        self.kinds = [known[kind] for kind in names]

    def rewrite(self, reference: Doc, i: int) -> str:
        word = reference[i].text
        if len(word) < MIN_LENGTH or not word.isalpha():
            return word
        makers = self.random.sample(self.kinds, len(self.kinds))
        typos = (make(word, self.random) for make in makers)
        return next((typo for typo in typos if typo != word), word)


MakeTypo = Callable[[str, Random], str]


def swap(word: str, random: Random) -> str:
    i = random.randrange(1, len(word) - 1)
    return word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def drop(word: str, random: Random) -> str:
    i = random.randrange(1, len(word))
    return word[:i] + word[i + 1 :]


def double(word: str, random: Random) -> str:
    i = random.randrange(1, len(word))
    return word[:i] + word[i] + word[i:]


def hit_neighbour(word: str, random: Random, neighbours: dict[str, str]) -> str:
    i = random.randrange(1, len(word))
    keys = neighbours.get(word[i].lower())
    if not keys:
        return word
    key = random.choice(keys)
    return word[:i] + (key.upper() if word[i].isupper() else key) + word[i + 1 :]


def find_neighbours(name: str, rows: list[str]) -> dict[str, str]:
    """Find the neighbours of each key.

    name (str): Name of the augmenter.
    rows (list[str]): The rows of keys. Each row is shifted right by half a key.
    RETURNS (dict[str, str]): The neighbours of each key.
    RAISES (ValueError): If the rows are invalid.
    """
    is_list = isinstance(rows, list) and len(rows) > 0
    if not is_list or not all(isinstance(row, str) and row for row in rows):
        raise ValueError(Errors.L099.format(name=name, rows=rows))
    steps = [(0, -1), (0, 1), (-1, 0), (-1, 1), (1, -1), (1, 0)]
    keys = {(y, x): key for y, row in enumerate(rows) for x, key in enumerate(row)}
    return {
        key: "".join(keys.get((y + dy, x + dx), "") for dy, dx in steps)
        for (y, x), key in keys.items()
    }
