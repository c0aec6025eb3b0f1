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

import sys
from functools import partial
from pathlib import Path

import typer
from runs import (
    make_spacy_config,
    print_scores,
    print_speed,
    print_training,
    train_missing,
)

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "project" / "scripts"))
from treebank import write_corpus  # noqa: E402

SCORES = {"tag_acc": "XPOS", "pos_acc": "UPOS", "morph_acc": "morph"}
OURS = {"ours": "tagger.cfg", "vectors": "tagger_vectors.cfg"}
SYSTEMS = {
    **{system: f"`configs/{name}`" for system, name in OURS.items()},
    "spacy": "spaCy, default",
    "bilstm": "spaCy, TorchBiLSTM",
}


def make_config(system: str, lang: str, out: Path) -> Path:
    """RETURNS (Path): The config of a system."""
    if system in OURS:
        return ROOT / "configs" / OURS[system]
    path = out / f"{system}.cfg"
    config = make_spacy_config(path, lang, "tagger,morphologizer")
    if system == "bilstm":
        encoder = {"@architectures": "spacy.TorchBiLSTMEncoder.v1"}
        encoder |= {"width": 96, "depth": 2, "dropout": 0.0}
        config["components"]["tok2vec"]["model"]["encode"] = encoder
        config.to_disk(path)
    return path


def main(
    out: Path,
    data: Path = Path("ud_english_ewt"),
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
    names = {system: SYSTEMS[system] for system in systems.split(",")}
    configure = partial(make_config, lang=lang, out=out)
    options = {"seeds": seeds, "lang": lang, "vectors": vectors, "steps": steps}
    train_missing(names, OURS, configure, out, **options)
    print_scores(names, SCORES, out)
    if "spacy" in names:
        print_training(names, SCORES, out)
    print_speed(names, out)


if __name__ == "__main__":
    typer.run(main)
