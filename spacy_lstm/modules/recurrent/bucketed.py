"""Recurrent layers over bucketed batches."""

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
from .cells import Cell, run_cell
from .workers import run_parallel

Result = TypeVar("Result")

# Minimum number of multiplications per direction for which a second thread pays off.
MIN_PARALLEL_WORK = 10_000_000


class Bucketed:
    """Runs recurrent layers over a batch that is arranged in buckets.

    lengths (Sequence[int]): Number of tokens of each sequence, not all of them 0.
    device (torch.device): Device of the tokens.
    """

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        self.buckets = make_buckets(lengths, device)

    def run_layer(
        self, tokens: Tensor, cells: Sequence[Cell], weights: list[list[Tensor]]
    ) -> Tensor:
        """Run one layer.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
        cells (Sequence[Cell]): The left-to-right cell and, if the layer is
            bidirectional, the right-to-left cell.
        weights (list[list[Tensor]]): Weights of each cell.
        RETURNS (Tensor): Hidden states, concatenated over the directions.
            *Shape:* (n_tokens, units or 2 * units)
        """
        directions = [
            Direction(self.buckets, index, cell) for index, cell in enumerate(cells)
        ]
        parameters = [
            parameter
            for cell, matrices in zip(cells, weights, strict=True)
            for parameter in (*matrices, *cell.states())
        ]
        grad = torch.is_grad_enabled()
        return RunDirections.apply(directions, grad, tokens, *parameters)


class Direction:
    """One direction of a layer: runs its cell over the buckets of a batch.

    buckets (Buckets): The batch.
    index (int): 0 for left to right, 1 for right to left.
    cell (Cell): The cell.
    """

    def __init__(self, buckets: Buckets, index: int, cell: Cell) -> None:
        self.shapes = buckets.shapes
        self.positions = buckets.positions[index]
        self.rows = buckets.rows[index]
        self.kind = cell.kind
        self.columns = slice(index * cell.units, (index + 1) * cell.units)

    def __call__(self, tokens: Tensor, parameters: Sequence[Tensor]) -> Tensor:
        """Run the cell.

        tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
        parameters (Sequence[Tensor]): Weights and initial states of the cell.
        RETURNS (Tensor): Hidden states. *Shape:* (n_tokens, units)
        """
        weights, initial = list(parameters[:4]), parameters[4:]
        all_rows = Gather.apply(tokens, self.positions, self.rows)
        n_sequences = self.shapes[0][1]
        states = [
            state.to(tokens.dtype).expand(1, n_sequences, -1).contiguous()
            for state in initial
        ]
        outputs = []
        for rows, shape in zip(all_rows.split(self._sizes()), self.shapes, strict=True):
            states = [state[:, : shape[1]] for state in states]
            inputs = rows.view(*shape, -1)
            hidden, states = run_cell(self.kind, inputs, states, weights)
            outputs.append(hidden.flatten(0, 1))
        return Scatter.apply(torch.cat(outputs), self.rows)

    def _sizes(self) -> list[int]:
        return [steps * n_sequences for steps, n_sequences in self.shapes]


class RunDirections(Function):
    """Runs the directions of a layer, and their backward passes, in parallel."""

    @staticmethod
    def forward(
        ctx: Any,
        directions: list[Direction],
        grad: bool,
        tokens: Tensor,
        *parameters: Tensor,
    ) -> Tensor:
        """Run the directions.

        directions (list[Direction]): The directions.
        grad (bool): Whether gradients are enabled.
        tokens (Tensor): The flat batch. *Shape:* (n_tokens, width)
        parameters (Tensor): Weights and initial states of each direction.
        RETURNS (Tensor): Hidden states. *Shape:* (n_tokens, units or 2 * units)
        """
        n_parameters = len(parameters) // len(directions)
        outputs = tokens.new_empty(len(tokens), directions[-1].columns.stop)
        needs_grad = [grad and needed for needed in ctx.needs_input_grad[2:]]

        def run(index: int) -> tuple[Tensor, list[Tensor]]:
            own = slice(index * n_parameters, (index + 1) * n_parameters)
            needs = [needs_grad[0], *needs_grad[1:][own]]
            leaves = [
                leaf.detach().requires_grad_(need)
                for leaf, need in zip((tokens, *parameters[own]), needs, strict=True)
            ]
            with torch.set_grad_enabled(any(needs)):
                hidden = directions[index](leaves[0], leaves[1:])
            outputs[:, directions[index].columns] = hidden.detach()
            return hidden, leaves

        graphs = run_directions(run, directions, tokens)
        ctx.directions = directions
        ctx.graphs = graphs if any(needs_grad) else None
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Run the backward passes of the directions.

        gradient (Tensor): Gradient of the hidden states.
            *Shape:* (n_tokens, units or 2 * units)
        RETURNS (tuple): The gradients of the tokens and the parameters.
        RAISES (RuntimeError): If the graph was already freed, as elsewhere in torch.
        """
        graphs, directions, retain_graph = ctx.graphs, ctx.directions, retains_graph()
        if graphs is None:
            raise RuntimeError(Errors.L018)
        d_tokens: list[Tensor] = []
        lock = Lock()

        def run(index: int) -> list[Tensor | None]:
            hidden, leaves = graphs[index]
            inputs = [leaf for leaf in leaves if leaf.requires_grad]
            if not inputs:
                return [None for _ in leaves[1:]]
            own = gradient[:, directions[index].columns]
            grads = iter(torch.autograd.grad(hidden, inputs, own, retain_graph))
            gradients = [next(grads) if leaf.requires_grad else None for leaf in leaves]
            # Sum here, not in the caller: its idle threads would slow down the workers.
            with lock:
                if gradients[0] is not None:
                    d_tokens[:] = [sum(d_tokens, start=gradients[0])]
            return gradients[1:]

        gradients = run_directions(run, directions, gradient)
        if not retain_graph:
            ctx.graphs = None
        d_parameters = [d_parameter for own in gradients for d_parameter in own]
        return None, None, d_tokens[0] if d_tokens else None, *d_parameters


def retains_graph() -> bool:
    """RETURNS (bool): Whether the current backward pass retains the graph; True if this
    version of torch can't tell.
    """
    keep_graph = getattr(torch._C._autograd, "_get_current_graph_task_keep_graph", None)
    return True if keep_graph is None else keep_graph()


def run_directions(
    run: Callable[[int], Result], directions: list[Direction], tokens: Tensor
) -> list[Result]:
    """Run the directions of a layer, in parallel if they are large enough.

    run (Callable[[int], Result]): Runs the direction with this index.
    directions (list[Direction]): One or two directions.
    tokens (Tensor): The inputs, or the gradient of the outputs. Its size decides
        whether to use a second thread. *Shape:* (n_tokens, width)
    RETURNS (list): The results.
    """
    tasks = [partial(run, index) for index in range(len(directions))]
    units = directions[0].columns.stop
    work = len(tokens) * 4 * units * (tokens.shape[1] + units)
    is_large = len(tasks) == 2 and work > MIN_PARALLEL_WORK
    # Inference mode and autocast apply to the current thread only.
    is_plain = not (
        torch.is_inference_mode_enabled() or torch.is_autocast_enabled("cpu")
    )
    if is_large and is_plain and torch.get_num_threads() > 1 and not tokens.is_cuda:
        return run_parallel(*tasks)
    return [task() for task in tasks]


class Gather(Function):
    """Copies tokens, *shape* (n_tokens, width), to rows, *shape* (n_rows, width).

    Padding repeats a token but has no gradient, so the backward pass is a gather, too.
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
    """Copies the hidden states of rows, *shape* (n_rows, units), to tokens, *shape*
    (n_tokens, units).
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
