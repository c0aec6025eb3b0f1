"""Splits into training, development and test documents."""

from collections.abc import Sequence

from spacy.tokens import Doc

from ...errors import Errors
from ..strata import find_strata, require_sklearn

NAMES = ("train", "dev", "test")
TOTALS = (1, 100)


def read_shares(split: str) -> list[float]:
    """Parse the shares of a split.

    split (str): One to three numbers, separated by commas, such as "80,10,10".
    RETURNS (list[float]): The shares, which add up to 1.
    RAISES (ValueError): If the shares are invalid.
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
    """Calculate the number of documents in each part.

    n_docs (int): Number of documents.
    shares (Sequence[float]): Share of each part.
    RETURNS (list[int]): The sizes. All parts except for the first have at least one
        document.
    """
    others = [max(1, round(share * n_docs)) for share in shares[1:]]
    return [n_docs - sum(others), *others]


def split_documents(
    docs: Sequence[Doc], split: str, seed: int
) -> tuple[dict[str, list[Doc]], bool]:
    """Split documents into parts, without changing their order.

    docs (Sequence[Doc]): The documents.
    split (str): Shares of train, dev and test.
    seed (int): Random seed.
    RETURNS (tuple[dict[str, list[Doc]], bool]): The parts by name, and whether they are
        stratified. This requires that every document has exactly one positive category
        and that there are enough documents of each.
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
        parts = split_indices(sizes, strata, seed)
    except ValueError:
        strata = None
        parts = split_indices(sizes, strata, seed)
    named = dict(zip(NAMES, parts, strict=False))
    return {x: [docs[i] for i in part] for x, part in named.items()}, bool(strata)


def split_indices(
    sizes: Sequence[int], strata: list[str] | None, seed: int
) -> list[list[int]]:
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
