"""Enumeration of all paths through a linear chain."""

from collections.abc import Iterator
from itertools import pairwise, product

from torch import Tensor

from spacy_lstm.modules.crf.crf import CRF


def all_paths(
    crf: CRF, emissions: Tensor, allowed: Tensor | None = None
) -> Iterator[tuple[tuple[int, ...], float]]:
    """YIELDS (tuple): Each valid path through one sequence, and its score."""
    potentials = [scores.double() for scores in crf.potentials(emissions, allowed)]
    scores, transitions, starts, ends = (part.tolist() for part in potentials)
    for path in product(range(len(starts)), repeat=len(scores)):
        score = starts[path[0]] + ends[path[-1]]
        score += sum(row[tag] for row, tag in zip(scores, path, strict=True))
        score += sum(transitions[i][j] for i, j in pairwise(path))
        if score > -float("inf"):
            yield path, score
