"""Run recurrent cells over the buckets of a batch."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from ...errors import Errors
from .buckets import Buckets, make_buckets
from .cells import Cell, read
from .workers import both

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
        """Read a batch.

        directions (list[Direction]): The directions.
        grad (bool): Whether a backward pass may follow.
        tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
        parameters (Tensor): Weights and first states of each direction.
        RETURNS (Tensor): Hidden states. *Shape:* (n_tokens, units or twice that)
        """
        n_parameters = len(parameters) // len(directions)
        outputs = tokens.new_empty(len(tokens), directions[-1].columns.stop)
        wanted = [grad and needed for needed in ctx.needs_input_grad[2:]]

        def run(number: int) -> tuple[Tensor, list[Tensor]]:
            own = slice(number * n_parameters, (number + 1) * n_parameters)
            wants = [wanted[0], *wanted[1:][own]]
            leaves = [
                leaf.detach().requires_grad_(want)
                for leaf, want in zip((tokens, *parameters[own]), wants, strict=True)
            ]
            with torch.set_grad_enabled(any(wants)):
                hidden = directions[number](leaves[0], leaves[1:])
            outputs[:, directions[number].columns] = hidden.detach()
            return hidden, leaves

        ran = side_by_side(run, directions, tokens)
        ctx.directions = directions
        ctx.ran = ran if any(wanted) else None
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Go back through both directions.

        gradient (Tensor): That of the hidden states.
            *Shape:* (n_tokens, units or twice that)
        RETURNS (tuple): The gradients of the tokens and of the parameters.
        RAISES (RuntimeError): If the graph was let go of, as elsewhere in torch.
        """
        ran, directions, keep = ctx.ran, ctx.directions, keeps_graph()
        if ran is None:
            raise RuntimeError(Errors.L018)
        d_tokens: list[Tensor] = []
        lock = Lock()

        def run(number: int) -> list[Tensor | None]:
            hidden, leaves = ran[number]
            wanted = [leaf for leaf in leaves if leaf.requires_grad]
            if not wanted:
                return [None for _ in leaves[1:]]
            own = gradient[:, directions[number].columns]
            found = iter(torch.autograd.grad(hidden, wanted, own, retain_graph=keep))
            gradients = [next(found) if leaf.requires_grad else None for leaf in leaves]
            # Added here, not by the caller, whose idle threads would hold up a worker.
            with lock:
                if gradients[0] is not None:
                    d_tokens[:] = [sum(d_tokens, start=gradients[0])]
            return gradients[1:]

        gradients = side_by_side(run, directions, gradient)
        if not keep:
            ctx.ran = None
        d_parameters = [d_parameter for own in gradients for d_parameter in own]
        return None, None, d_tokens[0] if d_tokens else None, *d_parameters


def keeps_graph() -> bool:
    """RETURNS (bool): Whether the backward pass that is going on may be repeated; True
    where this torch doesn't tell.
    """
    ask = getattr(torch._C._autograd, "_get_current_graph_task_keep_graph", None)
    return True if ask is None else ask()


def side_by_side(
    run: Callable[[int], Result], directions: list[Direction], tokens: Tensor
) -> list[Result]:
    """Run the directions of a layer.

    run (Callable[[int], Result]): Runs the direction of that number.
    directions (list[Direction]): One direction or two.
    tokens (Tensor): What is read, or the gradient of what was said. Its size tells
        whether a second thread is worth it. *Shape:* (n_tokens, width)
    RETURNS (list): The results.
    """
    tasks = [partial(run, number) for number in range(len(directions))]
    units = directions[0].columns.stop
    work = len(tokens) * 4 * units * (tokens.shape[1] + units)
    is_large = len(tasks) == 2 and work > WORTH_A_THREAD
    # Another thread would know neither of inference mode nor of autocast.
    is_plain = not (
        torch.is_inference_mode_enabled() or torch.is_autocast_enabled("cpu")
    )
    if is_large and is_plain and torch.get_num_threads() > 1 and not tokens.is_cuda:
        return both(*tasks)
    return [task() for task in tasks]


class Gather(Function):
    """Brings tokens, of *shape* (n_tokens, width), to their rows, (n_rows, width).

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
    """Takes the hidden states of tokens, of *shape* (n_tokens, units), out of the rows,
    (n_rows, units).
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, rows: Tensor) -> Tensor:
        ctx.rows, ctx.n_rows = rows, len(hidden)
        return hidden.index_select(0, rows)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        d_hidden = gradient.new_zeros(ctx.n_rows, gradient.shape[1])
        return d_hidden.index_copy_(0, ctx.rows, gradient.contiguous()), None
