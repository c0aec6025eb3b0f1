"""Run recurrent cells over the buckets of a batch."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from .buckets import Buckets, make_buckets
from .cells import Cell, read
from .workers import both, use_threads

Result = TypeVar("Result")

# Below this number of multiplications in one direction, a second thread costs more
# than it gives.
WORTH_A_THREAD = 10_000_000


class Bucketed:
    """Runs layers over a batch, each direction from the edge where it begins.

    lengths (Sequence[int]): Number of tokens of each sequence, not all of them 0.
    device (torch.device): Where the tokens are.
    """

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        self.buckets = make_buckets(lengths, device)

    def read(
        self, tokens: Tensor, cells: Sequence[Cell], weights: list[list[Tensor]]
    ) -> Tensor:
        """Run one layer.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
        cells (Sequence[Cell]): Those that read from left to right and, where there are
            two directions, from right to left.
        weights (list[list[Tensor]]): Weights of each cell.
        RETURNS (Tensor): Hidden states, those of the directions side by side.
            *Shape:* (n_tokens, units or twice that)
        """
        directions = [
            Direction(self.buckets, number, cell) for number, cell in enumerate(cells)
        ]
        parameters = [
            parameter
            for cell, matrices in zip(cells, weights, strict=True)
            for parameter in (*matrices, *cell.states())
        ]
        grad = torch.is_grad_enabled()
        return SideBySide.apply(directions, grad, tokens, *parameters)


class Direction:
    """One cell with the way that it takes through the buckets.

    buckets (Buckets): The batch.
    number (int): 0 to read from left to right, 1 to read from right to left.
    cell (Cell): The cell.
    """

    def __init__(self, buckets: Buckets, number: int, cell: Cell) -> None:
        self.shapes = buckets.shapes
        self.positions = buckets.positions[number]
        self.rows = buckets.rows[number]
        self.kind = cell.kind
        self.columns = slice(number * cell.units, (number + 1) * cell.units)

    def __call__(self, tokens: Tensor, parameters: Sequence[Tensor]) -> Tensor:
        """Read the batch.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
        parameters (Sequence[Tensor]): Weights and first states of the cell.
        RETURNS (Tensor): Hidden states. *Shape:* (n_tokens, units)
        """
        weights, first = list(parameters[:4]), parameters[4:]
        inputs = Gather.apply(tokens, self.positions, self.rows)
        n_sequences = self.shapes[0][1]
        states = [
            state.to(tokens.dtype).expand(1, n_sequences, -1).contiguous()
            for state in first
        ]
        outputs = []
        for rows, shape in zip(inputs.split(self._sizes()), self.shapes, strict=True):
            states = [state[:, : shape[1]] for state in states]
            hidden, states = read(self.kind, rows.view(*shape, -1), states, weights)
            outputs.append(hidden.flatten(0, 1))
        return Scatter.apply(torch.cat(outputs), self.rows)

    def _sizes(self) -> list[int]:
        return [steps * n_sequences for steps, n_sequences in self.shapes]


class SideBySide(Function):
    """Runs the directions of a layer, and their backward passes, side by side."""

    @staticmethod
    def forward(
        ctx: Any,
        directions: list[Direction],
        grad: bool,
        tokens: Tensor,
        *parameters: Tensor,
    ) -> Tensor:
        n_parameters = len(parameters) // len(directions)
        width = directions[-1].columns.stop
        outputs = tokens.new_empty(len(tokens), width)
        wanted = [grad and needed for needed in ctx.needs_input_grad[2:]]

        def run(number: int) -> tuple[Tensor, list[Tensor]]:
            direction = directions[number]
            own = slice(number * n_parameters, (number + 1) * n_parameters)
            leaves = [tokens, *parameters[own]]
            wants = [wanted[0], *wanted[1:][own]]
            leaves = [
                leaf.detach().requires_grad_(want)
                for leaf, want in zip(leaves, wants, strict=True)
            ]
            with torch.set_grad_enabled(any(wanted)):
                hidden = direction(leaves[0], leaves[1:])
            outputs[:, direction.columns] = hidden.detach()
            return hidden, leaves

        ran = side_by_side(run, directions, tokens)
        if any(wanted):
            ctx.ran, ctx.directions = ran, directions
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        ran, directions = ctx.ran, ctx.directions

        def run(number: int) -> list[Tensor | None]:
            hidden, leaves = ran[number]
            wanted = [leaf for leaf in leaves if leaf.requires_grad]
            own = gradient[:, directions[number].columns]
            # The graph goes with the one around it, which may be asked again.
            found = iter(torch.autograd.grad(hidden, wanted, own, retain_graph=True))
            return [next(found) if leaf.requires_grad else None for leaf in leaves]

        gradients = side_by_side(run, directions, gradient)
        from_each = [own[0] for own in gradients if own[0] is not None]
        # On more threads than one, their waiting for work would hold up the worker.
        with use_threads(1):
            d_tokens = sum(from_each[1:], start=from_each[0]) if from_each else None
        return None, None, d_tokens, *(g for own in gradients for g in own[1:])


def side_by_side(
    run: Callable[[int], Result], directions: list[Direction], tokens: Tensor
) -> list[Result]:
    """Run the directions of a layer.

    run (Callable[[int], Result]): Runs the direction of that number.
    directions (list[Direction]): One direction or two.
    tokens (Tensor): What is read. *Shape:* (n_tokens, width)
    RETURNS (list): The results.
    """
    numbers = range(len(directions))
    units = directions[0].columns.stop
    work = len(tokens) * 4 * units * (tokens.shape[1] + units)
    has_threads = torch.get_num_threads() > 1 and not tokens.is_cuda
    if has_threads and len(directions) == 2 and work > WORTH_A_THREAD:
        return both(*(partial(run, number) for number in numbers))
    return [run(number) for number in numbers]


class Gather(Function):
    """Brings tokens to their rows.

    Padding repeats a token, but has no gradient, so that a gather is the way back too.
    """

    @staticmethod
    def forward(ctx: Any, tokens: Tensor, positions: Tensor, rows: Tensor) -> Tensor:
        ctx.rows = rows
        return tokens.index_select(0, positions)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return gradient.index_select(0, ctx.rows), None, None


class Scatter(Function):
    """Takes the hidden states of tokens out of the rows."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, rows: Tensor) -> Tensor:
        ctx.rows, ctx.n_rows = rows, len(hidden)
        return hidden.index_select(0, rows)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        d_hidden = gradient.new_zeros(ctx.n_rows, gradient.shape[1])
        return d_hidden.index_copy_(0, ctx.rows, gradient.contiguous()), None
