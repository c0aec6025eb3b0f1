"""What the benchmarks of whole pipelines have in common: runs, scores and speed."""

import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import spacy
import thinc
import torch
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.api import Config

from spacy_lstm.layers.lexemes import LexemeShim

# What is printed for each system, and for each score of spaCy's.
Names = dict[str, str]
Scores = dict[str, str]
N_SENTENCES = 4000
# Marks a run that has ended.
DONE = "done"
N_TURNS = 5


def run(*command: str) -> None:
    subprocess.run([sys.executable, *command], check=True)


def train(config: Path, corpus: Path, folder: Path, *settings: str) -> None:
    """Train a system.

    config (Path): Its config.
    corpus (Path): Where train.spacy and dev.spacy are.
    folder (Path): Where to.
    settings (str): Further options of `spacy train`.
    """
    paths = ["--paths.train", str(corpus / "train.spacy")]
    paths += ["--paths.dev", str(corpus / "dev.spacy")]
    options = ["--output", str(folder), *paths, *settings]
    run("-m", "spacy", "train", str(config), *options)
    (folder / DONE).touch()


def number_of_steps(steps: int | None) -> list[str]:
    """RETURNS (list[str]): Options that make training of ours end after some steps."""
    if steps is None:
        return []
    options = ["--training.max_steps", "--training.optimizer.learn_rate.total_steps"]
    return [part for option in options for part in (option, str(steps))]


def train_missing(
    systems: Iterable[str],
    ours: Collection[str],
    make_config: Callable[[str], Path],
    out: Path,
    *,
    seeds: str,
    lang: str,
    vectors: str | None,
    steps: int | None,
) -> None:
    """Train each system once for each seed, but for the runs that are there already.

    systems (Iterable[str]): The systems.
    ours (Collection[str]): Those of them that take another number of steps.
    make_config (Callable): Makes the config of a system.
    out (Path): Where the corpus is, and where runs go.
    seeds (str): Seeds, with commas between.
    lang (str): Language code.
    vectors (str | None): A pipeline with vectors, for the system "vectors".
    steps (int | None): How many steps ours are trained; None for those of the config.
    """
    for seed, system in product(seeds.split(","), systems):
        folder = out / f"{system}-{seed}"
        if (folder / DONE).exists():
            continue
        settings = ["--nlp.lang", lang, "--system.seed", seed]
        if system == "vectors":
            settings += ["--paths.vectors", str(vectors)]
        if system in ours:
            settings += number_of_steps(steps)
        train(make_config(system), out, folder, *settings)


def make_spacy_config(path: Path, lang: str, pipeline: str) -> Config:
    """Make spaCy's default config, which logs as ours does.

    path (Path): Where it is written.
    lang (str): Language code.
    pipeline (str): Components, with commas between.
    RETURNS (Config): The config.
    """
    options = ["--lang", lang, "--pipeline", pipeline, "--force"]
    run("-m", "spacy", "init", "config", str(path), *options)
    config = Config().from_disk(path, interpolate=False)
    config["training"]["logger"] = {"@loggers": "spacy-lstm.ProgressLogger.v1"}
    config.to_disk(path)
    return config


def read_dev_scores(folder: Path, scores: Scores) -> list[tuple[float, float]]:
    """RETURNS (list[tuple[float, float]]): Seconds of training, and the mean of the
    scores on the dev set, at each evaluation.
    """
    lines = (folder / "progress.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        (row["seconds"], statistics.mean(row["scores"][name] for name in scores))
        for row in rows
    ]


def without_annotations(nlp: Language, gold: list[Doc]) -> list[Doc]:
    return [
        Doc(
            nlp.vocab,
            words=[token.text for token in doc],
            spaces=[bool(token.whitespace_) for token in doc],
        )
        for doc in gold
    ]


def read_gold(nlp: Language, path: Path) -> list[Doc]:
    return list(DocBin().from_disk(path).get_docs(nlp.vocab))


def evaluate(folder: Path, test: Path, scores: Scores) -> dict[str, float]:
    """RETURNS (dict[str, float]): Scores in percent."""
    nlp = spacy.load(folder / "model-best")
    gold = read_gold(nlp, test)
    pairs = zip(without_annotations(nlp, gold), gold, strict=True)
    found = nlp.evaluate([Example(*pair) for pair in pairs])
    return {name: 100 * found[name] for name in scores}


def measure_memory(folder: Path, test: Path) -> tuple[float, float]:
    """RETURNS (tuple[float, float]): Seconds that loading takes, and the most memory of
    a process that loads and predicts, in MB.
    """
    start = perf_counter()
    nlp = spacy.load(folder / "model-best")
    seconds = perf_counter() - start
    list(nlp.pipe(without_annotations(nlp, read_gold(nlp, test))))
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return seconds, int(line.split()[1]) / 1024


def in_new_process(function: Callable, *arguments: object) -> tuple:
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def megabytes(folder: Path) -> float:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files) / 2**20


def forget_words(nlp: Language) -> None:
    """Empty the cache of words' vectors, which is empty when a pipeline is loaded."""
    for _, pipe in nlp.components:
        model = getattr(pipe, "model", None)
        shims = [shim for node in model.walk() for shim in node.shims] if model else []
        for shim in shims:
            if isinstance(shim, LexemeShim):
                shim.weights_changed()


def measure_speed(
    folders: list[Path], corpus: Path
) -> list[tuple[float, float, float]]:
    """Measure systems in turns, each beginning with an empty cache.

    RETURNS (list[tuple[float, float, float]]): For each, medians of words per second on
        ready-made documents, of words per second on texts, and of the milliseconds that
        one sentence takes, of the test set after those of the training set.
    """
    nlps = [spacy.load(folder / "model-best") for folder in folders]
    gold = read_gold(nlps[0], corpus / "train.spacy")[:N_SENTENCES]
    test = read_gold(nlps[0], corpus / "test.spacy")[:100]
    texts = [doc.text for doc in gold]
    n_words = sum(map(len, gold))
    speeds: list[list[tuple[float, float, float]]] = [[] for _ in nlps]
    for _ in range(N_TURNS + 1):
        for nlp, own in zip(nlps, speeds, strict=True):
            forget_words(nlp)
            on_texts = n_words / seconds(lambda: list(nlp.pipe(texts)))  # noqa: B023
            docs = without_annotations(nlp, gold)
            forget_words(nlp)
            on_docs = n_words / seconds(lambda: list(nlp.pipe(docs)))  # noqa: B023
            single = without_annotations(nlp, test)
            times = [seconds(lambda: nlp(doc)) for doc in single]  # noqa: B023
            own.append((on_docs, on_texts, 1000 * statistics.median(times)))
    return [
        tuple(map(statistics.median, zip(*own[1:], strict=True)))  # type: ignore[misc]
        for own in speeds
    ]


def seconds(task: Callable[[], object]) -> float:
    start = perf_counter()
    task()
    return perf_counter() - start


def spread(values: list[float], digits: int = 2) -> str:
    """RETURNS (str): Mean and standard deviation."""
    mean = f"{statistics.mean(values):.{digits}f}"
    if len(values) < 2:
        return mean
    return f"{mean} ± {statistics.stdev(values):.{digits}f}"


def folders_of(system: str, out: Path) -> list[Path]:
    """RETURNS (list[Path]): The runs of a system that have ended, one for each seed."""
    return sorted(path.parent for path in out.glob(f"{system}-*/{DONE}"))


def print_scores(systems: Names, scores: Scores, out: Path) -> None:
    """Print what each system scores on the test set, over its seeds."""
    print("\n| system | " + " | ".join(scores.values()) + " | seeds |")
    print("| --- " * (2 + len(scores)) + "|")
    for system, title in systems.items():
        folders = folders_of(system, out)
        found = [evaluate(folder, out / "test.spacy", scores) for folder in folders]
        cells = [spread([score[name] for score in found]) for name in scores]
        print(f"| {' | '.join([title, *cells, str(len(folders))])} |", flush=True)


def print_training(systems: Names, scores: Scores, out: Path) -> None:
    """Print how long each system takes to reach the dev score of spaCy's default."""
    spacys = [read_dev_scores(folder, scores) for folder in folders_of("spacy", out)]
    goal = statistics.mean(max(score for _, score in rows) for rows in spacys)
    print(f"\n| system | seconds of training until {goal:.2f} on the dev set | seeds |")
    print("| --- | --- | --- |")
    for system, title in systems.items():
        runs = [read_dev_scores(folder, scores) for folder in folders_of(system, out)]
        firsts = [next((s for s, score in run if score >= goal), None) for run in runs]
        reached = [seconds for seconds in firsts if seconds is not None]
        time = f"{statistics.median(reached):.0f}" if reached else "not reached"
        print(f"| {title} | {time} | {len(reached)} of {len(runs)} |")


def print_speed(systems: Names, out: Path) -> None:
    """Print speed, size and memory of the first run of each system."""
    folders = [folders_of(system, out)[0] for system in systems]
    speeds = measure_speed(folders, out)
    base = dict(zip(systems, speeds, strict=True)).get("spacy", speeds[0])
    print(
        "\n| system | words/s on docs | x spaCy | words/s on texts | x spaCy "
        "| ms for a sentence | x spaCy | MB on disk | s to load | MB of memory |\n"
        + "| --- " * 10
        + "|"
    )
    for title, folder, speed in zip(systems.values(), folders, speeds, strict=True):
        load, memory = in_new_process(measure_memory, folder, out / "test.spacy")
        on_docs, on_texts, latency = (a / b for a, b in zip(speed, base, strict=True))
        print(
            f"| {title} | {speed[0]:,.0f} | {on_docs:.1f} | {speed[1]:,.0f} "
            f"| {on_texts:.1f} | {speed[2]:.1f} | {latency:.2f} "
            f"| {megabytes(folder / 'model-best'):.1f} | {load:.1f} | {memory:.0f} |"
        )
    print(
        f"\nspaCy {spacy.__version__}, thinc {thinc.__version__}, "
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, "
        f"Python {platform.python_version()}, {platform.machine()}"
    )
