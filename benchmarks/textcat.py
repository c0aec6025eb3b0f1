"""Accuracy and speed of lstm_textcat beside spaCy's own textcat, on the book reviews.

python benchmarks/textcat.py OUT

trains each system on the same split, once for each seed, and reads the test reviews at
the end. A run that is in OUT already is not trained again. spaCy's systems are those of
`spacy init config --lang zh --pipeline textcat`. The vectors that `--optimize accuracy`
asks for, zh_core_web_lg, are used where that package is installed; where it is not, the
same config is trained without vectors, and the table says so. Training multiplies
matrices by numpy (see numpy_gemm.py), so that the large network ends within hours;
speed is measured without that.
"""

import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import spacy
import thinc
import torch
import typer
from spacy.tokens import DocBin
from spacy.util import is_package

ROOT = Path(__file__).parent.parent
VECTORS = "zh_core_web_lg"
EMBED = "components.lstm_textcat.model.tok2vec.embed"
TOKENIZER = {"@tokenizers": "spacy.zh.ChineseTokenizer", "segmenter": "char"}
SYSTEMS = {
    "efficiency": "spaCy `textcat`, `--optimize efficiency`",
    "accuracy": "spaCy `textcat`, `--optimize accuracy`",
    "lstm": "`lstm_textcat`, `configs/textcat.cfg`",
}


def run(*command: str) -> None:
    subprocess.run([sys.executable, *command], check=True)


def config_of(system: str, out: Path) -> tuple[Path, list[str]]:
    """RETURNS (tuple[Path, list[str]]): Config and overrides of a system."""
    if system == "lstm":
        overrides = ["--nlp.lang", "zh", "--nlp.tokenizer", json.dumps(TOKENIZER)]
        overrides += [f"--{EMBED}.attrs", '["NORM"]', f"--{EMBED}.rows", "[8000]"]
        return ROOT / "configs" / "textcat.cfg", overrides
    path = out / f"{system}.cfg"
    language = ["--lang", "zh", "--pipeline", "textcat"]
    options = [*language, "--optimize", system, "--force"]
    run("-m", "spacy", "init", "config", str(path), *options)
    if system == "efficiency" or is_package(VECTORS):
        return path, []
    key = "components.tok2vec.model.embed.include_static_vectors"
    return path, ["--paths.vectors", "null", f"--{key}", "false"]


def train(system: str, seed: int, corpus: Path, out: Path) -> None:
    config, overrides = config_of(system, out)
    paths = ["--paths.train", str(corpus / "train.spacy")]
    paths += ["--paths.dev", str(corpus / "dev.spacy"), "--system.seed", str(seed)]
    folder = out / f"{system}-{seed}"
    command = ["spacy", "train", str(config), "--output", str(folder)]
    code = ["--code", str(ROOT / "benchmarks" / "numpy_gemm.py")]
    run("-m", *command, *code, *paths, *overrides)


def measure(folder: Path, corpus: Path) -> tuple[float, float]:
    """RETURNS (tuple[float, float]): Accuracy in percent, and words per second."""
    nlp = spacy.load(folder / "model-best")
    gold = list(DocBin().from_disk(corpus / "test.spacy").get_docs(nlp.vocab))
    list(nlp.pipe(nlp.make_doc(doc.text) for doc in gold[:100]))
    docs = [nlp.make_doc(doc.text) for doc in gold]
    start = perf_counter()
    predicted = list(nlp.pipe(docs))
    seconds = perf_counter() - start
    right = [
        max(a.cats, key=a.cats.get) == max(b.cats, key=b.cats.get)
        for a, b in zip(predicted, gold, strict=True)
    ]
    return 100 * statistics.mean(right), sum(len(doc) for doc in gold) / seconds


def spread(values: list[float]) -> str:
    mean = f"{statistics.mean(values):.1f}"
    return f"{mean} ± {statistics.stdev(values):.1f}" if len(values) > 1 else mean


def main(out: Path, seeds: str = "0,1,2", systems: str = ",".join(SYSTEMS)) -> None:
    """Train what is missing, and print the table."""
    corpus = out / "corpus"
    if not (corpus / "test.spacy").exists():
        run(str(ROOT / "project" / "scripts" / "book_reviews.py"), str(corpus))
    rows = []
    for system in systems.split(","):
        folders = [out / f"{system}-{seed}" for seed in seeds.split(",")]
        for seed, folder in zip(seeds.split(","), folders, strict=True):
            if not (folder / "model-best").exists():
                train(system, int(seed), corpus, out)
        results = [measure(folder, corpus) for folder in folders]
        accuracy = spread([accuracy for accuracy, _ in results])
        speed = statistics.median(speed for _, speed in results)
        note = "" if system != "accuracy" or is_package(VECTORS) else ", no vectors"
        rows.append(
            f"| {SYSTEMS[system]}{note} | {accuracy} | {len(results)} | {speed:,.0f} |"
        )
    print("\n| system | accuracy, test | seeds | words/s, `nlp.pipe` |")
    print("| --- | --- | --- | --- |")
    print("\n".join(rows))
    print(
        f"\nspaCy {spacy.__version__}, thinc {thinc.__version__}, "
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, "
        f"Python {platform.python_version()}, {platform.machine()}"
    )


if __name__ == "__main__":
    typer.run(main)
