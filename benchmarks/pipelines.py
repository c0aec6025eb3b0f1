"""Tagger and morphologizer beside spaCy's own, on a Universal Dependencies treebank.

python benchmarks/pipelines.py OUT

trains each system once for each seed, on gold tokens, one document a sentence, reads
the test sentences once, and measures speed in turns within one process. A run that is
in OUT already is not trained again, and the tables are about all runs that are there.
`--data`, `--prefix` and `--lang` name another treebank, `--vectors` a pipeline with
vectors, for the system "vectors", `--steps` fewer steps of our training.

spaCy's default is what `spacy init config --pipeline tagger,morphologizer` makes;
"TorchBiLSTM" is the same with `spacy.TorchBiLSTMEncoder.v1` in it.
"""

import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import spacy
import thinc
import torch
import typer
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.api import Config

from spacy_lstm.layers.lexemes import LexemeShim

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "project" / "scripts"))
from treebank import write_corpus  # noqa: E402

SYSTEMS = {
    "ours": "`configs/tagger.cfg`",
    "spacy": "spaCy, default",
    "bilstm": "spaCy, TorchBiLSTM",
    "vectors": "`configs/tagger_vectors.cfg`",
}
SCORES = {"tag_acc": "XPOS", "pos_acc": "UPOS", "morph_acc": "morph"}
N_SENTENCES = 4000
N_TURNS = 5


def make_config(system: str, lang: str, out: Path) -> Path:
    """RETURNS (Path): The config of a system."""
    names = {"ours": "tagger.cfg", "vectors": "tagger_vectors.cfg"}
    if system in names:
        return ROOT / "configs" / names[system]
    path = out / f"{system}.cfg"
    options = ["--lang", lang, "--pipeline", "tagger,morphologizer", "--force"]
    run("-m", "spacy", "init", "config", str(path), *options)
    config = Config().from_disk(path, interpolate=False)
    config["training"]["logger"] = {"@loggers": "spacy-lstm.ProgressLogger.v1"}
    if system == "bilstm":
        encoder = {"@architectures": "spacy.TorchBiLSTMEncoder.v1"}
        encoder |= {"width": 96, "depth": 2, "dropout": 0.0}
        config["components"]["tok2vec"]["model"]["encode"] = encoder
    config.to_disk(path)
    return path


def run(*command: str) -> None:
    subprocess.run([sys.executable, *command], check=True)


def train(
    system: str,
    seed: int,
    lang: str,
    out: Path,
    vectors: str | None = None,
    steps: int | None = None,
) -> None:
    paths = ["--paths.train", str(out / "train.spacy")]
    paths += ["--paths.dev", str(out / "dev.spacy")]
    settings = ["--nlp.lang", lang, "--system.seed", str(seed)]
    if system == "vectors":
        settings += ["--paths.vectors", str(vectors)]
    if steps is not None and system in ("ours", "vectors"):
        settings += ["--training.max_steps", str(steps)]
        settings += ["--training.optimizer.learn_rate.total_steps", str(steps)]
    config = str(make_config(system, lang, out))
    folder = str(out / f"{system}-{seed}")
    run("-m", "spacy", "train", config, "--output", folder, *paths, *settings)


def read_dev_scores(folder: Path) -> list[tuple[float, float]]:
    """RETURNS (list[tuple[float, float]]): Seconds of training, and the mean of the
    accuracies on the dev set, at each evaluation.
    """
    lines = (folder / "progress.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        (row["seconds"], statistics.mean(row["scores"][name] for name in SCORES))
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


def evaluate(folder: Path, test: Path) -> dict[str, float]:
    """RETURNS (dict[str, float]): Accuracies in percent."""
    nlp = spacy.load(folder / "model-best")
    gold = read_gold(nlp, test)
    pairs = zip(without_annotations(nlp, gold), gold, strict=True)
    scores = nlp.evaluate([Example(*pair) for pair in pairs])
    return {name: 100 * scores[name] for name in SCORES}


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


def spread(values: list[float]) -> str:
    mean = f"{statistics.mean(values):.2f}"
    return f"{mean} ± {statistics.stdev(values):.2f}" if len(values) > 1 else mean


def folders_of(system: str, out: Path) -> list[Path]:
    """RETURNS (list[Path]): The runs of a system that have ended, one for each seed."""
    return sorted(path.parent for path in out.glob(f"{system}-*/model-last"))


def print_accuracy(systems: list[str], out: Path) -> None:
    print("\n| system | " + " | ".join(SCORES.values()) + " | seeds |")
    print("| --- " * (2 + len(SCORES)) + "|")
    for system in systems:
        folders = folders_of(system, out)
        scores = [evaluate(folder, out / "test.spacy") for folder in folders]
        cells = [spread([score[name] for score in scores]) for name in SCORES]
        row = [SYSTEMS[system], *cells, str(len(folders))]
        print(f"| {' | '.join(row)} |", flush=True)


def print_training(systems: list[str], out: Path) -> None:
    """Print how long each system takes to reach the dev score of spaCy's default."""
    spacys = [read_dev_scores(folder) for folder in folders_of("spacy", out)]
    goal = statistics.mean(max(score for _, score in rows) for rows in spacys)
    print(f"\n| system | seconds of training until {goal:.2f} on the dev set | seeds |")
    print("| --- | --- | --- |")
    for system in systems:
        runs = [read_dev_scores(folder) for folder in folders_of(system, out)]
        firsts = [next((s for s, score in run if score >= goal), None) for run in runs]
        reached = [seconds for seconds in firsts if seconds is not None]
        time = f"{statistics.median(reached):.0f}" if reached else "not reached"
        print(f"| {SYSTEMS[system]} | {time} | {len(reached)} of {len(runs)} |")


def print_speed(systems: list[str], out: Path) -> None:
    folders = [folders_of(system, out)[0] for system in systems]
    speeds = measure_speed(folders, out)
    base = dict(zip(systems, speeds, strict=True)).get("spacy", speeds[0])
    print(
        "\n| system | words/s on docs | x spaCy | words/s on texts | x spaCy "
        "| ms for a sentence | x spaCy | MB on disk | s to load | MB of memory |\n"
        + "| --- " * 10
        + "|"
    )
    for system, folder, speed in zip(systems, folders, speeds, strict=True):
        load, memory = in_new_process(measure_memory, folder, out / "test.spacy")
        on_docs, on_texts, latency = (a / b for a, b in zip(speed, base, strict=True))
        print(
            f"| {SYSTEMS[system]} | {speed[0]:,.0f} | {on_docs:.1f} | {speed[1]:,.0f} "
            f"| {on_texts:.1f} | {speed[2]:.1f} | {latency:.2f} "
            f"| {megabytes(folder / 'model-best'):.1f} | {load:.1f} | {memory:.0f} |"
        )


def main(
    out: Path,
    data: Path = Path("../shared/data/ud_english_ewt"),
    prefix: str = "en_ewt",
    lang: str = "en",
    seeds: str = "0,1,2",
    systems: str = "ours,spacy,bilstm",
    vectors: str | None = None,
    steps: int | None = None,
) -> None:
    """Train what is missing, and print the tables."""
    if not (out / "test.spacy").exists():
        write_corpus(str(data), prefix, out)
    names = systems.split(",")
    for seed, name in product(seeds.split(","), names):
        if not (out / f"{name}-{seed}" / "model-last").exists():
            train(name, int(seed), lang, out, vectors, steps)
    print_accuracy(names, out)
    if "spacy" in names:
        print_training(names, out)
    print_speed(names, out)
    print(
        f"\nspaCy {spacy.__version__}, thinc {thinc.__version__}, "
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, "
        f"Python {platform.python_version()}, {platform.machine()}"
    )


if __name__ == "__main__":
    typer.run(main)
