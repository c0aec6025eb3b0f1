"""Flair and Stanza beside our tagger, trained from scratch on the same treebank.

pip install -e ".[bench]"
python benchmarks/peers.py OUT

wants the folder that benchmarks/pipelines.py filled. Both have the widths of our config
and read words and characters, without anything pretrained; Flair's tagger gives UPOS
alone. Speed is measured in turns within one process.
"""

import gzip
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import flair
import spacy
import stanza
import torch
import typer
from flair.data import Corpus, Dictionary, Sentence
from flair.datasets import UniversalDependenciesCorpus
from flair.embeddings import CharacterEmbeddings, OneHotEmbeddings, StackedEmbeddings
from flair.models import SequenceTagger
from flair.trainers import ModelTrainer
from runs import N_TURNS, megabytes, read_gold, without_annotations
from spacy.tokens import Doc

Tags = list[list[dict[str, str]]]
WIDTH = 128
UNITS = 128
CHARS = 64
BATCH = 256


def copy_treebank(data: Path, prefix: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for part in ("train", "dev", "test"):
        path = data / f"{prefix}-ud-{part}.conllu"
        packed = path.with_name(f"{path.name}.gz")
        text = (
            path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())
        )
        (out / f"{part}.conllu").write_bytes(text)


def make_char_dictionary(corpus: Corpus, path: Path) -> Path:
    dictionary = Dictionary()
    for sentence in corpus.train:
        for token in sentence:
            for char in token.text:
                dictionary.add_item(char)
    dictionary.save(path)
    return path


def train_flair(treebank: Path, out: Path, epochs: int) -> None:
    corpus = UniversalDependenciesCorpus(
        treebank, "train.conllu", "test.conllu", "dev.conllu"
    )
    chars = make_char_dictionary(corpus, treebank / "chars")
    words = OneHotEmbeddings.from_corpus(corpus, embedding_length=WIDTH, min_freq=2)
    embeddings = StackedEmbeddings([words, CharacterEmbeddings(str(chars))])
    tagger = SequenceTagger(
        embeddings,
        corpus.make_label_dictionary("upos", add_unk=True),
        "upos",
        hidden_size=UNITS,
        rnn_layers=1,
        use_crf=False,
    )
    trainer = ModelTrainer(tagger, corpus)
    trainer.train(out, mini_batch_size=32, max_epochs=epochs)


def train_stanza(treebank: Path, out: Path, steps: int) -> None:
    options = {
        "mode": "train",
        "lang": "en",
        "shorthand": "en_ewt",
        "train_file": treebank / "train.conllu",
        "eval_file": treebank / "dev.conllu",
        "save_dir": out,
        "save_name": "tagger.pt",
        "hidden_dim": UNITS,
        "num_layers": 1,
        "word_emb_dim": WIDTH,
        "char_hidden_dim": CHARS,
        "deep_biaff_hidden_dim": UNITS,
        "max_steps": steps,
        "eval_interval": max(1, steps // 10),
    }
    arguments = [
        str(part) for name, value in options.items() for part in (f"--{name}", value)
    ]
    command = [
        sys.executable,
        "-m",
        "stanza.models.tagger",
        *arguments,
        "--no_pretrain",
    ]
    subprocess.run(command, check=True)


def load_flair(out: Path) -> Callable[[list[Doc]], Tags]:
    tagger = SequenceTagger.load(out / "best-model.pt")

    def tag(docs: list[Doc]) -> Tags:
        sentences = [Sentence([token.text for token in doc]) for doc in docs]
        tagger.predict(sentences, mini_batch_size=BATCH)
        return [
            [{"UPOS": token.get_label("upos").value} for token in sentence]
            for sentence in sentences
        ]

    return tag


def load_stanza(out: Path) -> Callable[[list[Doc]], Tags]:
    (out / "resources.json").write_text('{"en": {"lang_name": "English"}}')
    nlp = stanza.Pipeline(
        "en",
        dir=str(out),
        processors="tokenize,pos",
        tokenize_pretokenized=True,
        pos_model_path=str(out / "tagger.pt"),
        pos_batch_size=BATCH * 20,
        download_method=None,
        use_gpu=False,
        verbose=False,
    )

    def tag(docs: list[Doc]) -> Tags:
        annotated = nlp([[token.text for token in doc] for doc in docs])
        return [
            [
                {"XPOS": word.xpos, "UPOS": word.upos, "morph": word.feats or ""}
                for word in sentence.words
            ]
            for sentence in annotated.sentences
        ]

    return tag


def load_ours(out: Path) -> Callable[[list[Doc]], Tags]:
    nlp = spacy.load(out / "model-best")

    def tag(docs: list[Doc]) -> Tags:
        docs = list(nlp.pipe(without_annotations(nlp, docs)))
        return [[read(token) for token in doc] for doc in docs]

    return tag


def read(token: spacy.tokens.Token) -> dict[str, str]:
    return {"XPOS": token.tag_, "UPOS": token.pos_, "morph": str(token.morph)}


def accuracy(tags: Tags, gold: list[Doc], name: str) -> str:
    right = [
        tag[name] == read(token)[name]
        for sentence, doc in zip(tags, gold, strict=True)
        for tag, token in zip(sentence, doc, strict=True)
        if name in tag
    ]
    return f"{100 * statistics.mean(right):.2f}" if right else ""


def main(
    out: Path,
    data: Path = Path("ud_english_ewt"),
    prefix: str = "en_ewt",
    epochs: int = 10,
    steps: int = 4000,
) -> None:
    """Train what is missing, for so many `epochs` of Flair and `steps` of Stanza."""
    treebank = out / "treebank"
    copy_treebank(data, prefix, treebank)
    if not (out / "flair" / "best-model.pt").exists():
        train_flair(treebank, out / "flair", epochs)
    if not (out / "stanza" / "tagger.pt").exists():
        train_stanza(treebank, out / "stanza", steps)
    taggers = {
        "`configs/tagger.cfg`": (
            load_ours(out / "ours-0"),
            out / "ours-0" / "model-best",
        ),
        f"Flair {flair.__version__}": (
            load_flair(out / "flair"),
            out / "flair" / "best-model.pt",
        ),
        f"Stanza {stanza.__version__}": (
            load_stanza(out / "stanza"),
            out / "stanza" / "tagger.pt",
        ),
    }
    gold = read_gold(spacy.blank("en"), out / "test.spacy")
    n_words = sum(map(len, gold))
    times: dict[str, list[float]] = {name: [] for name in taggers}
    results: dict[str, Tags] = {}
    for _ in range(N_TURNS):
        for name, (tag, _) in taggers.items():
            start = perf_counter()
            results[name] = tag(gold)
            times[name].append(perf_counter() - start)
    print("\n| system | XPOS | UPOS | morph | words/s | MB on disk |")
    print("| --- " * 6 + "|")
    for name, (_, path) in taggers.items():
        scores = [accuracy(results[name], gold, c) for c in ("XPOS", "UPOS", "morph")]
        size = megabytes(path) if path.is_dir() else path.stat().st_size / 2**20
        speed = n_words / statistics.median(times[name])
        print(f"| {name} | {' | '.join(scores)} | {speed:,.0f} | {size:.1f} |")
    print(f"\n{torch.get_num_threads()} threads, torch {torch.__version__}")


if __name__ == "__main__":
    typer.run(main)
