"""Speed and memory of the encoder beside spaCy's own and torch's packed sequences.

python benchmarks/encoders.py EWT [--gpu]

Each system encodes the same 1,000 sentences of UD EWT in batches of one size, in turns
within one process; what is printed are medians of words per second, and ratios. EWT is
a file of CoNLL-U, plain or gzipped. spaCy's encoder is what
`spacy.TorchBiLSTMEncoder.v1` makes, with a width of the input of its own.
"""

import gzip
import platform
import statistics
from collections.abc import Callable
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, sleep

import numpy
import spacy
import thinc
import torch
import typer
from thinc.api import (
    Model,
    PyTorchLSTM,
    get_current_ops,
    require_gpu,
    with_padded,
    xp2torch,
)
from thinc.types import Floats2d
from torch import nn

from spacy_lstm.models.encoder import build_rnn_encoder

WIDTHS = [(96, 64), (128, 128), (300, 200)]
N_SENTENCES = 1000
BATCHES = [256, 32, 1000]
DEPTHS = [1, 2]
THREADS = [2, 1]
SYSTEMS = ["ours", "packed", "spacy", "ours in bf16"]
PASSES = ["forward", "forward and backward"]
Run = Callable[[], object]


class PackedLSTM(nn.Module):
    """torch's own way to exact vectors, from a list of arrays to a list of tensors."""

    def __init__(self, width: int, units: int, depth: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, units, depth, bidirectional=True)

    def forward(self, docs: list[torch.Tensor]) -> torch.Tensor:
        packed = nn.utils.rnn.pack_sequence(docs, enforce_sorted=False)
        return torch.cat(nn.utils.rnn.unpack_sequence(self.lstm(packed)[0]))


def read_lengths(path: Path) -> list[int]:
    """RETURNS (list[int]): Number of words of each sentence, in an order by chance."""
    is_packed = path.suffix == ".gz"
    data = gzip.decompress(path.read_bytes()) if is_packed else path.read_bytes()
    sentences = data.decode("utf8").strip().split("\n\n")
    lengths = [
        sum(line.split("\t")[0].isdigit() for line in sentence.splitlines())
        for sentence in sentences
    ]
    numpy.random.default_rng(0).shuffle(lengths)
    return lengths[:N_SENTENCES]


def leave_alone(key: object, weights: Floats2d, gradient: Floats2d) -> tuple:
    """An optimizer that lets go of the gradients."""
    return weights, gradient


def make_thinc_runs(
    model: Model, Xs: list[list[Floats2d]], dYs: list[list[Floats2d]]
) -> tuple[Run, Run]:
    model.initialize(X=Xs[0][:2])

    def predict() -> None:
        for X in Xs:
            model.predict(X)

    def train() -> None:
        for X, dY in zip(Xs, dYs, strict=True):
            model.begin_update(X)[1](dY)
            model.finish_update(leave_alone)

    return predict, train


def make_runs(
    system: str, width: int, units: int, depth: int, batches: list[list[int]]
) -> tuple[Run, Run]:
    """RETURNS (tuple[Callable, Callable]): A forward pass, and one with backward."""
    generator = numpy.random.default_rng(0)
    ops = get_current_ops()

    def arrays(width: int) -> list[list[Floats2d]]:
        return [
            [ops.asarray2f(generator.normal(size=(n, width))) for n in lengths]
            for lengths in batches
        ]

    Xs, dYs = arrays(width), arrays(2 * units)
    if system.startswith("ours"):
        precision = "auto" if system.endswith("bf16") else "fp32"
        encoder = build_rnn_encoder(units, depth, precision=precision)
        return make_thinc_runs(encoder, Xs, dYs)
    if system == "spacy":
        lstm = PyTorchLSTM(2 * units, width, bi=True, depth=depth)
        return make_thinc_runs(with_padded(lstm), Xs, dYs)
    inputs = [[xp2torch(X, requires_grad=True) for X in batch] for batch in Xs]
    gradients = [xp2torch(ops.flatten(batch)) for batch in dYs]
    module = PackedLSTM(width, units, depth).to(gradients[0].device)

    def predict() -> None:
        with torch.no_grad():
            for docs in inputs:
                module(docs)

    def train() -> None:
        for docs, gradient in zip(inputs, gradients, strict=True):
            module(docs).backward(gradient)
            module.zero_grad()

    return predict, train


def cut(lengths: list[int], size: int) -> list[list[int]]:
    return [lengths[i : i + size] for i in range(0, len(lengths), size)]


def alternate(runs: list[Run], seconds: float) -> list[float]:
    """Measure runs in turns.

    RETURNS (list[float]): Median seconds of each. Before a run, the threads of the one
        before are given time to go to sleep, lest they take its processor.
    """
    times: list[list[float]] = [[] for _ in runs]
    for run in runs:
        run()
    start = perf_counter()
    while perf_counter() - start < seconds or len(times[0]) < 3:
        for run, own in zip(runs, times, strict=True):
            sleep(0.02)
            begin = perf_counter()
            run()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            own.append(perf_counter() - begin)
    return [statistics.median(own) for own in times]


def matmul_rate() -> float:
    """RETURNS (float): Floating point operations per second of a matrix multiply."""
    a = xp2torch(get_current_ops().alloc2f(2048, 2048))
    (seconds,) = alternate([lambda: a @ a], 1.0)
    return 2 * 2048**3 / seconds


def operations(width: int, units: int, depth: int, n_tokens: int) -> int:
    """RETURNS (int): Floating point operations in the matrix products of an LSTM."""
    widths = [width, *[2 * units] * (depth - 1)]
    return n_tokens * sum(2 * 2 * 4 * units * (w + units) for w in widths)


def peak_megabytes(
    system: str, case: tuple[int, int, int], batches: list[list[int]], number: int
) -> float:
    """RETURNS (float): What a run adds at most to the memory of a fresh process."""
    torch.set_num_threads(THREADS[0])
    make_runs(system, *case, [[1]])[number]()
    run = make_runs(system, *case, batches)[number]
    Path("/proc/self/clear_refs").write_text("5")  # the peak is now what is in use
    before = read_peak()
    run()
    return (read_peak() - before) / 1024


def read_peak() -> int:
    """RETURNS (int): The most memory that this process had in use, in KB."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


def compare(path: Path, seconds: float) -> None:
    lengths = read_lengths(path)
    print(
        "| threads | batch | width | depth | pass | words/s | x spaCy | x packed "
        "| bf16 x | of matmul |\n" + "| --- " * 10 + "|"
    )
    for n_threads in THREADS:
        torch.set_num_threads(n_threads)
        rate = matmul_rate()
        for batch, (width, units), depth in product(BATCHES, WIDTHS, DEPTHS):
            case, batches = (width, units, depth), cut(lengths, batch)
            runs = [make_runs(system, *case, batches) for system in SYSTEMS]
            for i, name in enumerate(PASSES):
                own = [run[i] for run in runs[: len(SYSTEMS) - i]]
                ours, packed, spacys, *bf16 = alternate(own, seconds)
                used = operations(*case, sum(lengths)) / ours / rate
                print(
                    f"| {n_threads} | {batch} | {width} to 2x{units} | {depth} "
                    f"| {name} | {sum(lengths) / ours:,.0f} "
                    f"| {spacys / ours:.1f} | {packed / ours:.1f} "
                    f"| {'' if i else f'{ours / bf16[0]:.1f}'} "
                    f"| {'' if i else f'{used:.0%}'} |",
                    flush=True,
                )


def compare_memory(path: Path) -> None:
    lengths = read_lengths(path)
    print(
        "\n| batch | width | depth | pass | ours, MB | spaCy's, MB |\n"
        + "| --- " * 6
        + "|"
    )
    for batch, widths, depth in product(BATCHES, WIDTHS, DEPTHS):
        for i, name in enumerate(PASSES):
            peaks = []
            for system in ("ours", "spacy"):
                with get_context("spawn").Pool(1) as pool:
                    case = (*widths, depth)
                    arguments = (system, case, [lengths[:batch]], i)
                    peaks.append(pool.apply(peak_megabytes, arguments))
            print(
                f"| {batch} | {widths[0]} to 2x{widths[1]} | {depth} | {name} "
                f"| {peaks[0]:.0f} | {peaks[1]:.0f} |",
                flush=True,
            )


def main(
    path: Path,
    seconds: float = 1.0,
    gpu: bool = False,
) -> None:
    """Print both tables; `seconds` is the time for each comparison."""
    if gpu:
        require_gpu()
    compare(path, seconds)
    if not gpu:
        compare_memory(path)
    print(
        f"\nspaCy {spacy.__version__}, thinc {thinc.__version__}, "
        f"torch {torch.__version__}, Python {platform.python_version()}, "
        f"{platform.machine()}, {torch.backends.cpu.get_cpu_capability()}"
    )


if __name__ == "__main__":
    typer.run(main)
