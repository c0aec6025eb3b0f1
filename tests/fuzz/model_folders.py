"""Damage the files of saved components at random, and load them.

python -m tests.fuzz.model_folders --mutations 2000 --seed 0

A damaged file has to be refused by an error that names the component, or to give the
same predictions as before. The files are `model` and `cfg` of a text classifier and an
entity recognizer on a shared network, and of a text classifier by itself.
"""

import random
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import spacy
import srsly
import typer
from spacy.language import Language
from spacy.tokens import Span

from ..util import TEXTS, make_examples

LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 256}
TEMPERATURES = [0, 1e-320, -1, None, "1", 1e300, 2.0]
Mutation = Callable[[bytes, random.Random], bytes | None]


def flip_bits(content: bytes, generator: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(generator.choice([1, 1, 1, 20])):
        damaged[generator.randrange(len(damaged))] ^= 1 << generator.randrange(8)
    return bytes(damaged)


def cut(content: bytes, generator: random.Random) -> bytes:
    return content[: generator.randrange(len(content))]


def delete_bytes(content: bytes, generator: random.Random) -> bytes:
    start = generator.randrange(len(content))
    return content[:start] + content[start + generator.randrange(1, 100) :]


def swap_parts(content: bytes, generator: random.Random) -> bytes:
    a, b, c = sorted(generator.choices(range(len(content)), k=3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def insert_nan(content: bytes, generator: random.Random) -> bytes:
    start = generator.randrange(len(content))
    return content[:start] + b"\x00\x00\xc0\x7f" + content[start + 4 :]


def remove(content: bytes, generator: random.Random) -> None:
    """Return nothing: the file is deleted."""


def edit_settings(content: bytes, generator: random.Random) -> bytes:
    """Change labels or temperature, where the content is a cfg."""
    try:
        settings = srsly.json_loads(content)
    except ValueError:
        return cut(content, generator)
    labels = settings.get("labels")
    if not isinstance(labels, list) or generator.random() < 0.3:
        settings["temperature"] = generator.choice(TEMPERATURES)
    else:
        changed: list[Any] = [labels[::-1], labels[:-1], [*labels, "new"], [], "x"]
        settings["labels"] = generator.choice([*changed, labels[:1] * len(labels)])
    return srsly.json_dumps(settings).encode("utf8")


def edit_arrays(content: bytes, generator: random.Random) -> bytes:
    """Give an array another shape or NaN, or remove it or torch's weights."""
    try:
        model = srsly.msgpack_loads(content)
    except ValueError:
        return edit_settings(content, generator)
    nodes = [own for own in model["params"] if own]
    if not nodes or generator.random() < 0.2:
        model["shims"] = [[] for _ in model["shims"]]
        return srsly.msgpack_dumps(model)
    params = generator.choice(nodes)
    name = generator.choice(sorted(params))
    array = numpy.array(params[name])
    nan = numpy.full_like(array, numpy.nan)
    params[name] = generator.choice([array[:-1], array[None], nan, array.ravel(), None])
    return srsly.msgpack_dumps(model)


MUTATIONS: list[Mutation] = [
    *(flip_bits, flip_bits, cut, delete_bytes, swap_parts, insert_nan, remove),
    *(edit_settings, edit_settings, edit_arrays),
]


def train(nlp: Language) -> Language:
    examples = make_examples(nlp)
    for doc in (example.reference for example in examples):
        doc.ents = [Span(doc, 0, 1, "FIRST"), Span(doc, 1, 2, "SECOND")]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(5):
        nlp.update(examples, sgd=optimizer)
    return nlp


def make_shared() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_tok2vec", name="tok2vec")
    for factory in ("lstm_textcat", "lstm_ner"):
        nlp.add_pipe(factory, config={"model": {"tok2vec": LISTENER}})
    return train(nlp)


def make_alone() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat")
    return train(nlp)


def predict(nlp: Language) -> list[tuple[dict[str, float], list[tuple[int, str]]]]:
    return [
        (doc.cats, [(ent.start, ent.label_) for ent in doc.ents])
        for doc in nlp.pipe(TEXTS)
    ]


def judge(folder: Path, expected: list) -> str:
    """RETURNS (str): "refused", "the same", or what is wrong."""
    try:
        nlp = spacy.load(folder)
    except ValueError as error:
        return "refused" if "can't load" in str(error) else f"raw: {error!r}"
    except Exception as error:
        return f"raw: {error!r}"
    return "the same" if predict(nlp) == expected else "predicts something else"


def main(mutations: int = 2000, seed: int = 0) -> None:
    """Print what is wrong, and how many files were refused.

    mutations: How many files are damaged, one at a time.
    seed: Seed of the damage.
    """
    warnings.simplefilter("ignore")
    generator, counts = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        saved = []
        for name, make in (("shared", make_shared), ("alone", make_alone)):
            path = Path(folder, name)
            make().to_disk(path)
            saved.append((path, predict(spacy.load(path))))
        for _ in range(mutations):
            path, expected = generator.choice(saved)
            pipes = [own for own in path.iterdir() if (own / "model").exists()]
            file = generator.choice(sorted(pipes)) / generator.choice(["model", "cfg"])
            mutate = generator.choice(MUTATIONS)
            content = file.read_bytes()
            damaged = mutate(content, generator)
            file.unlink()
            if damaged is not None:
                file.write_bytes(damaged)
            verdict = judge(path, expected) if damaged != content else "the same"
            is_fine = verdict in ("refused", "the same")
            counts[verdict if is_fine else "wrong"] += 1
            if not is_fine:
                where = file.relative_to(path)
                print(f"{path.name}/{where}, {mutate.__name__}: {verdict:.200}")
            file.write_bytes(content)
    print(dict(counts))
    if counts["wrong"]:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
