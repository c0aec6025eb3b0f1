"""`spacy lstm convert`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from wasabi import msg

from ..errors import Warnings
from .app import command
from .files import check_output

if TYPE_CHECKING:
    from spacy.tokens import Doc

SUFFIX = ".spacy"
N_LABELS = 10


@command("convert")
def convert(
    input_path: Annotated[
        Path,
        typer.Argument(
            help="CSV, TSV, JSONL, CoNLL or CoNLL-U, or a folder with a sub-folder of "
            "texts for each label",
            metavar="INPUT",
        ),
    ],
    output_path: Annotated[
        Path,
        typer.Argument(help="A .spacy file, or a folder for such", metavar="OUTPUT"),
    ],
    kind: Annotated[
        str,
        typer.Option(
            "--type",
            "-t",
            help="csv, tsv, jsonl, texts, conll, iob, conllu, or auto to tell it by "
            "the suffix",
        ),
    ] = "auto",
    lang: Annotated[
        str,
        typer.Option("--lang", "-l", help="Language whose tokenizer reads texts"),
    ] = "en",
    text_column: Annotated[
        str,
        typer.Option(
            "--text-column",
            "-x",
            help="Column of texts: its name, or its number, from 1 on",
        ),
    ] = "text",
    label_column: Annotated[
        str,
        typer.Option(
            "--label-column",
            "-y",
            help="Column of labels: its name, or its number, from 1 on",
        ),
    ] = "label",
    multilabel: Annotated[
        bool,
        typer.Option("--multilabel", "-m", help="A text has any number of labels"),
    ] = False,
    separator: Annotated[
        str, typer.Option("--separator", help="What is between the labels of one text")
    ] = ",",
    n_sents: Annotated[
        int,
        typer.Option(
            "--n-sents",
            "-n",
            min=0,
            help="Sentences of a document in conll, iob and conllu, 0 for all of them; "
            "of no effect where lines with -DOCSTART- tell documents apart",
        ),
    ] = 1,
    split: Annotated[
        str,
        typer.Option(
            "--split", "-s", help="Shares of train, dev and test, such as 80,10,10"
        ),
    ] = "100",
    seed: Annotated[
        int,
        typer.Option("--seed", min=0, max=2**32 - 1, help="Seed of the split"),
    ] = 0,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            "-F",
            help="Write over files that exist, and remove the parts of another split",
        ),
    ] = False,
) -> None:
    """Turn annotated texts into .spacy files, for training or development."""
    from ..training.converters.formats import read_documents
    from ..training.converters.options import Options
    from ..training.converters.parts import NAMES, read_shares, split_documents
    from ..training.converters.writing import write_parts

    names = NAMES[: len(read_shares(split))]
    paths = {name: output_path / f"{name}{SUFFIX}" for name in names}
    if len(paths) == 1:
        paths = {NAMES[0]: single_output(input_path, output_path)}
    # A part of an earlier split may hold documents that are in another part now.
    stale = [output_path / f"{name}{SUFFIX}" for name in NAMES] if names[1:] else []
    for path in dict.fromkeys([*paths.values(), *stale]):
        check_output(path, force)
    options = Options(text_column, label_column, multilabel, separator, n_sents)
    documents = read_documents(input_path, kind, lang, options)
    parts, is_stratified = split_documents(documents.docs, split, seed)
    write_parts({paths[name]: docs for name, docs in parts.items()})
    for path in stale:
        if path not in paths.values() and path.exists():
            path.unlink()
            msg.info(f"Removed {path}, which was of another split")
    if documents.misaligned:
        span, label = documents.misaligned[0]
        n_lost = len(documents.misaligned)
        msg.warn(Warnings.W065.format(n_lost=n_lost, span=span, label=label))
    if documents.n_skipped:
        msg.info(f"Left out what was not accepted, in all {documents.n_skipped:,}")
    for name, docs in parts.items():
        n_tokens = sum(map(len, docs))
        size = f"{len(docs):,} documents, {n_tokens:,} tokens"
        msg.good(f"Generated output file ({size}): {paths[name]}")
    if len(parts) > 1:
        shares = "with the shares of the labels" if is_stratified else "by chance alone"
        msg.info(f"Split {shares}, seed {seed}")
    print_labels(parts)


def single_output(input_path: Path, output_path: Path) -> Path:
    """Name the file to write.

    input_path (Path): What is converted.
    output_path (Path): A .spacy file, or a folder.
    RETURNS (Path): The file, or one in the folder that is named after what is
        converted.
    """
    if output_path.suffix == SUFFIX and not output_path.is_dir():
        return output_path
    return output_path / f"{input_path.stem}{SUFFIX}"


def print_labels(parts: Mapping[str, Sequence["Doc"]]) -> None:
    """Print how often each label is in each part.

    parts (Mapping[str, Sequence[Doc]]): Documents by name.
    """
    from ..training.converters.counts import count_labels

    counts = {name: count_labels(docs) for name, docs in parts.items()}
    kinds = dict.fromkeys(kind for count in counts.values() for kind in count)
    for kind in kinds:
        columns = [count.get(kind, Counter()) for count in counts.values()]
        total = Counter[str]()
        for column in columns:
            total.update(column)
        labels = [label for label, _ in total.most_common()]
        shown = labels if kind.startswith("doc.") else labels[:N_LABELS]
        rows = [[x, *(f"{column[x]:,}" for column in columns)] for x in shown]
        if len(shown) < len(labels):
            rows.append(
                [f"and {len(labels) - len(shown):,} more", *("" for _ in parts)]
            )
        aligns = ["l", *("r" for _ in parts)]
        names = [*parts] if len(parts) > 1 else ["count"]
        msg.table(rows, header=[kind, *names], divider=True, aligns=aligns)
