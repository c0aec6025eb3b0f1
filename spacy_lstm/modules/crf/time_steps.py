"""Time steps of a batch of sequences."""

from collections.abc import Iterator, Sequence

import numpy
import torch
from torch import Tensor


class TimeSteps:
    """The tokens of each time step of a batch.

    Each step lists the longest sequences first, so that the sequences of a step are the
    first ones of the previous step.

    lengths (Sequence[int]): Number of tokens of each sequence; some may be 0.
    device (torch.device): Device of the tokens.
    backwards (bool): Whether to step through the sequences from their ends.
    """

    def __init__(
        self, lengths: Sequence[int], device: torch.device, backwards: bool = False
    ) -> None:
        counts = numpy.asarray(lengths, dtype=numpy.int64)
        order = numpy.argsort(-counts, kind="stable")
        starts = (counts.cumsum() - counts)[order]
        ends = counts.cumsum()[order] - 1
        longest = int(counts.max(initial=0))
        n_active = numpy.bincount(counts, minlength=longest + 1)[::-1].cumsum()[::-1]
        self.sizes: list[int] = n_active[1:].tolist()
        tokens = [
            ends[:size] - step if backwards else starts[:size] + step
            for step, size in enumerate(self.sizes)
        ]
        flat = numpy.concatenate([numpy.zeros(0, numpy.int64), *tokens])
        self.tokens = torch.from_numpy(flat).to(device)
        self.rows = torch.from_numpy(numpy.argsort(flat)).to(device)
        self.sequences = torch.from_numpy(order).to(device)

    def split(self, values: Tensor) -> Iterator[Tensor]:
        """Split the values of a flat batch into steps.

        values (Tensor): One row per token of the flat batch.
            *Shape:* (n_tokens, ...)
        YIELDS (Tensor): *Shape:* (n_active, ...)
        """
        yield from values.index_select(0, self.tokens).split(self.sizes)

    def join(self, steps: Sequence[Tensor]) -> Tensor:
        """Join the values of all steps in the order of the flat batch.

        steps (Sequence[Tensor]): *Shape* of each: (n_active, ...)
        RETURNS (Tensor): *Shape:* (n_tokens, ...)
        """
        return torch.cat(list(steps)).index_select(0, self.rows)
