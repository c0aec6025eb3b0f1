"""Speed and memory of the encoder beside spaCy's own and torch's packed sequences.

python benchmarks/encoders.py [EWT]

Each system encodes the same sentences of UD EWT, in turns within one process; what is
printed are medians of words per second, and ratios. EWT is a file of CoNLL-U, plain or
gzipped. spaCy's encoder is what `spacy.TorchBiLSTMEncoder.v1` makes, with a width of
the input of its own.
"""

import gzip
import platform
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, sleep

import numpy
import spacy
import srsly
import thinc
import torch
import typer
from thinc.api import Model, PyTorchLSTM, with_padded
from thinc.types import Floats2d
from torch import nn

from spacy_lstm.models.encoder import build_rnn_encoder

EWT = Path("../shared/data/ud_english_ewt/en_ewt-ud-train.conllu.gz")
WIDTHS = [(96, 64), (128, 128), (300, 200)]
BATCHES = [32, 256, 1000]
DEPTHS = [1, 2]
THREADS = [1, 2]
SYSTEMS = ["ours", "packed", "spacy"]
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
    return lengths


def make_thinc_runs(model: Model, Xs: list[Floats2d], dYs: list) -> tuple[Run, Run]:
    model.initialize(X=Xs[:2])

    def train() -> None:
        _, backprop = model.begin_update(Xs)
        backprop(dYs)

    return lambda: model.predict(Xs), train


def make_runs(
    system: str, width: int, units: int, depth: int, lengths: list[int]
) -> tuple[Run, Run]:
    """RETURNS (tuple[Callable, Callable]): A forward pass, and one with backward."""
    generator = numpy.random.default_rng(0)
    Xs = [generator.normal(size=(n, width)).astype("f") for n in lengths]
    dYs = [generator.normal(size=(n, 2 * units)).astype("f") for n in lengths]
    if system == "ours":
        return make_thinc_runs(build_rnn_encoder(units, depth), Xs, dYs)
    if system == "spacy":
        lstm = PyTorchLSTM(2 * units, width, bi=True, depth=depth)
        return make_thinc_runs(with_padded(lstm), Xs, dYs)
    module = PackedLSTM(width, units, depth)
    docs = [torch.from_numpy(X).requires_grad_() for X in Xs]
    gradient = torch.from_numpy(numpy.concatenate(dYs))

    def predict() -> None:
        with torch.no_grad():
            module(docs)

    def train() -> None:
        module(docs).backward(gradient)

    return predict, train


def alternate(runs: list[Run], seconds: float) -> list[float]:
    """Measure runs in turns.

    RETURNS (list[float]): Median seconds of each. Before a run, the threads of the one
        before are given time to go to sleep, lest they take its processor.
    """
    times: list[list[float]] = [[] for _ in runs]
    for run in runs:
        run()
    start = perf_counter()
    while perf_counter() - start < seconds or len(times[0]) < 5:
        for run, own in zip(runs, times, strict=True):
            sleep(0.02)
            begin = perf_counter()
            run()
            own.append(perf_counter() - begin)
    return [statistics.median(own) for own in times]


def matmul_rate() -> float:
    """RETURNS (float): Floating point operations per second of a matrix multiply."""
    a = torch.randn(2048, 2048)
    (seconds,) = alternate([lambda: a @ a], 1.0)
    return 2 * 2048**3 / seconds


def operations(width: int, units: int, depth: int, n_tokens: int) -> int:
    """RETURNS (int): Floating point operations in the matrix products of an LSTM."""
    widths = [width, *[2 * units] * (depth - 1)]
    return n_tokens * sum(2 * 2 * 4 * units * (w + units) for w in widths)


def peak_megabytes(system: str, *case: int, lengths: list[int]) -> list[float]:
    """Measure memory in processes of their own.

    RETURNS (list[float]): What a forward pass adds to the process, and one with its
        backward pass.
    """
    command = [sys.executable, __file__, "--memory", system]
    return [
        float(
            subprocess.run(
                [*command, srsly.json_dumps([mode, *case, lengths])],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for mode in (0, 1)
    ]


def print_peak(system: str, case: str) -> None:
    mode, *sizes, lengths = srsly.json_loads(case)
    torch.set_num_threads(THREADS[-1])
    run = make_runs(system, *sizes, lengths)[mode]
    make_runs(system, *sizes, lengths[:1])[mode]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print((after - before) / 1024)


def compare(path: Path, seconds: float) -> None:
    lengths = read_lengths(path)
    print(
        "| threads | batch | width | depth | pass | words/s | x spaCy | x packed "
        "| of matmul |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    )
    for n_threads in THREADS:
        torch.set_num_threads(n_threads)
        rate = matmul_rate()
        for batch in BATCHES:
            n = sum(lengths[:batch])
            for width, units in WIDTHS:
                for depth in DEPTHS:
                    case = (width, units, depth)
                    runs = [make_runs(s, *case, lengths[:batch]) for s in SYSTEMS]
                    for i, name in enumerate(("forward", "forward and backward")):
                        times = alternate([run[i] for run in runs], seconds)
                        ours, packed, spacys = times
                        used = operations(*case, n) / ours / rate
                        print(
                            f"| {n_threads} | {batch} | {width} to 2x{units} | {depth} "
                            f"| {name} | {n / ours:,.0f} | {spacys / ours:.1f} "
                            f"| {packed / ours:.1f} "
                            f"| {f'{used:.0%}' if i == 0 else ''} |",
                            flush=True,
                        )


def compare_memory(path: Path) -> None:
    lengths = read_lengths(path)
    print(
        "\n| batch | width | depth | pass | ours, MB | spaCy's, MB |\n"
        "| --- | --- | --- | --- | --- | --- |"
    )
    for batch in BATCHES:
        for width, units in WIDTHS:
            for depth in DEPTHS:
                ours, spacys = (
                    peak_megabytes(s, width, units, depth, lengths=lengths[:batch])
                    for s in ("ours", "spacy")
                )
                for i, name in enumerate(("forward", "forward and backward")):
                    print(
                        f"| {batch} | {width} to 2x{units} | {depth} | {name} "
                        f"| {ours[i]:.0f} | {spacys[i]:.0f} |",
                        flush=True,
                    )


def main(path: Path = EWT, seconds: float = 2.0, memory: str = "") -> None:
    """Print both tables; `seconds` is the time for each comparison."""
    if memory:
        print_peak(memory, str(path))
        return
    compare(path, seconds)
    compare_memory(path)
    print(
        f"\nspaCy {spacy.__version__}, thinc {thinc.__version__}, "
        f"torch {torch.__version__}, Python {platform.python_version()}, "
        f"{platform.machine()}, {torch.backends.cpu.get_cpu_capability()}"
    )


if __name__ == "__main__":
    typer.run(main)
