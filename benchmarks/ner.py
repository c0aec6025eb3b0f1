"""Entity recognizers: ours beside spaCy's own, and how true its probabilities are.

python benchmarks/ner.py OUT --data CONLL2003 --files eng.train,eng.testa,eng.testb

trains each system once for each seed, on gold tokens, one document a sentence, reads
the test sentences once, and measures speed in turns within one process. A run that is
in OUT already is not trained again, and the tables are about all runs that are there.

Files of CoNLL have a token and its tag on each line; files that end in .jsonl have
"text" and "spans", and are read with the language's tokenizer. Where two files are
named, every sixth document of the first is for development. `--vectors` names a
pipeline with vectors, for the system "vectors", `--steps` fewer steps of our training,
and `--keep` which part of the entities of the training data keep their annotation, the
rest being marked as missing.
"""

import random
import sys
from functools import partial
from pathlib import Path

import matplotlib as mpl
import numpy
import spacy
import srsly
import typer
from matplotlib import pyplot
from runs import (
    folders_of,
    make_spacy_config,
    print_scores,
    print_speed,
    print_training,
    read_gold,
    spread,
    train_missing,
    without_annotations,
)
from spacy.tokens import Doc, DocBin
from spacy.training import Example

from spacy_lstm.evaluation.calibration_error import (
    bin_by_probability,
    expected_calibration_error,
)

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "project" / "scripts"))
from conll import read_sentences  # noqa: E402

OURS = {
    "ours": "ner.cfg",
    "transition": "ner_transition.cfg",
    "vectors": "ner_vectors.cfg",
}
SYSTEMS = {
    **{system: f"`configs/{name}`" for system, name in OURS.items()},
    "spacy": "spaCy, default",
}
WITH_PROBABILITIES = ("ours", "vectors")
SCORES = {"ents_p": "precision", "ents_r": "recall", "ents_f": "F1"}
F1 = {"ents_f": "F1"}


def make_config(system: str, lang: str, out: Path) -> Path:
    """RETURNS (Path): The config of a system."""
    if system in OURS:
        return ROOT / "configs" / OURS[system]
    path = out / f"{system}.cfg"
    make_spacy_config(path, lang, "ner")
    return path


def read_documents(path: Path, lang: str) -> list[Doc]:
    """RETURNS (list[Doc]): The annotated documents of a file."""
    if path.suffix != ".jsonl":
        return list(read_sentences(path.read_text("utf8")))
    nlp = spacy.blank(lang)
    docs = []
    for line in srsly.read_jsonl(path):
        entities = [(s["start"], s["end"], s["label"]) for s in line["spans"]]
        annotation = {"entities": entities}
        example = Example.from_dict(nlp.make_doc(line["text"]), annotation)
        docs.append(example.reference)
    return docs


def forget_entities(docs: list[Doc], keep: float) -> None:
    """Mark all but a random part of the entities as missing."""
    draw = random.Random(0)  # noqa: S311
    for doc in docs:
        kept, missing = [], []
        for ent in doc.ents:
            (kept if draw.random() < keep else missing).append(ent)
        doc.set_ents(kept, missing=missing, default="unmodified")


def write_corpus(files: list[Path], lang: str, keep: float, out: Path) -> None:
    parts = [read_documents(path, lang) for path in files]
    if len(parts) == 2:
        together = parts[0]
        dev = together[::6]
        parts = [[doc for i, doc in enumerate(together) if i % 6], dev, parts[1]]
    if keep < 1:
        forget_entities(parts[0], keep)
    out.mkdir(parents=True, exist_ok=True)
    for name, docs in zip(("train", "dev", "test"), parts, strict=True):
        DocBin(docs=docs).to_disk(out / f"{name}.spacy")
        n_entities = sum(len(doc.ents) for doc in docs)
        print(f"{name}: {len(docs)} documents, {n_entities} entities")


def judge(folder: Path, corpus: Path) -> tuple[numpy.ndarray, numpy.ndarray]:
    """RETURNS (tuple[numpy.ndarray, numpy.ndarray]): Of each entity that is found its
    probability, and whether it is right.
    """
    settings = {"components": {"lstm_ner": {"spans_key": "found"}}}
    nlp = spacy.load(folder / "model-best", config=settings)
    gold = read_gold(nlp, corpus)
    probabilities, is_right = [], []
    docs = nlp.pipe(without_annotations(nlp, gold))
    for doc, true in zip(docs, gold, strict=True):
        entities = {(ent.start, ent.end, ent.label_) for ent in true.ents}
        probabilities += doc.spans["found"].attrs["scores"].tolist()
        for span in doc.spans["found"]:
            is_right.append((span.start, span.end, span.label_) in entities)
    return numpy.array(probabilities), numpy.array(is_right)


def print_reliability(systems: dict[str, str], out: Path) -> None:
    """Print the calibration of the systems that know probabilities, and draw it."""
    print("\n| system | expected calibration error, dev | test | seeds |")
    print("| --- " * 4 + "|")
    mpl.use("Agg")
    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    for system, title in systems.items():
        folders = folders_of(system, out)
        parts = (out / "dev.spacy", out / "test.spacy")
        judged = [[judge(folder, part) for folder in folders] for part in parts]
        errors = [
            [expected_calibration_error(bin_by_probability(*each)) for each in own]
            for own in judged
        ]
        cells = [spread(own, 3) for own in errors]
        print(f"| {title} | {' | '.join(cells)} | {len(folders)} |")
        together = map(numpy.concatenate, zip(*judged[-1], strict=True))
        _, confidences, accuracies = zip(*bin_by_probability(*together), strict=True)
        axes.plot(confidences, accuracies, marker="o", label=title.strip("`"))
    axes.set(xlabel="probability of an entity", ylabel="part that is right, test")
    axes.legend()
    figure.savefig(out / "reliability.png", dpi=150, bbox_inches="tight")


def main(
    out: Path,
    data: Path = Path("conll2003"),
    files: str = "eng.train,eng.testa,eng.testb",
    lang: str = "en",
    seeds: str = "0,1,2",
    systems: str = "ours,spacy",
    vectors: str | None = None,
    steps: int | None = None,
    keep: float = 1.0,
) -> None:
    """Train what is missing, and print the tables."""
    if not (out / "test.spacy").exists():
        write_corpus([data / name for name in files.split(",")], lang, keep, out)
    names = {system: SYSTEMS[system] for system in systems.split(",")}
    configure = partial(make_config, lang=lang, out=out)
    options = {"seeds": seeds, "lang": lang, "vectors": vectors, "steps": steps}
    train_missing(names, OURS, configure, out, **options)
    print_scores(names, SCORES, out)
    print_reliability({k: v for k, v in names.items() if k in WITH_PROBABILITIES}, out)
    if "spacy" in names:
        print_training(names, F1, out)
    print_speed(names, out)


if __name__ == "__main__":
    typer.run(main)
