"""Documents for training, development and test."""

from collections.abc import Sequence

from spacy.tokens import Doc

from ...errors import Errors
from ..strata import find_strata, require_sklearn

NAMES = ("train", "dev", "test")
TOTALS = (1, 100)


def read_shares(split: str) -> list[float]:
    """Read the shares of parts.

    split (str): One to three numbers with commas between, such as "80,10,10".
    RETURNS (list[float]): The shares, which add up to 1.
    RAISES (ValueError): If they are no such numbers.
    """
    try:
        shares = [float(share) for share in split.split(",")]
    except ValueError:
        shares = []
    total = round(sum(shares), 6)
    if len(shares) > len(NAMES) or min(shares, default=0) <= 0 or total not in TOTALS:
        raise ValueError(Errors.L069.format(split=split))
    return [share / total for share in shares]


def size_parts(n_docs: int, shares: Sequence[float]) -> list[int]:
    """Say how many documents each part has.

    n_docs (int): How many there are.
    shares (Sequence[float]): Shares of the parts.
    RETURNS (list[int]): The sizes: one or more for each but the first, which has the
        rest.
    """
    others = [max(1, round(share * n_docs)) for share in shares[1:]]
    return [n_docs - sum(others), *others]


def split_documents(
    docs: Sequence[Doc], split: str, seed: int
) -> tuple[dict[str, list[Doc]], bool]:
    """Split documents into parts, each in the order of the documents.

    docs (Sequence[Doc]): The documents.
    split (str): Shares of train, dev and test.
    seed (int): Seed of chance.
    RETURNS (tuple[dict[str, list[Doc]], bool]): The parts by name, and whether each has
        the categories' shares: if every document has exactly one right category, and
        there are enough of each.
    RAISES (ValueError): If there are too few documents.
    """
    sizes = size_parts(len(docs), read_shares(split))
    if sizes[0] < 1:
        message = Errors.L072.format(n_docs=len(docs), option="split", value=split)
        raise ValueError(message)
    if len(sizes) == 1:
        return {NAMES[0]: list(docs)}, False
    require_sklearn()
    strata = find_strata(docs)
    try:
        parts = draw(sizes, strata, seed)
    except ValueError:
        strata = None
        parts = draw(sizes, strata, seed)
    named = dict(zip(NAMES, parts, strict=False))
    return {x: [docs[i] for i in part] for x, part in named.items()}, bool(strata)


def draw(sizes: Sequence[int], strata: list[str] | None, seed: int) -> list[list[int]]:
    from sklearn.model_selection import train_test_split

    rest = list(range(sum(sizes)))
    parts = []
    for size in sizes[:0:-1]:
        own = [strata[i] for i in rest] if strata else None
        rest, part = train_test_split(
            rest, test_size=size, random_state=seed, stratify=own
        )
        parts.append(sorted(part))
    return [sorted(rest), *reversed(parts)]
