"""`spacy lstm convert`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from wasabi import msg

from ..atomic import write_files
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
            help="CSV, TSV, JSONL, CoNLL or CoNLL-U file, or a folder with one "
            "subfolder of texts per label",
            metavar="INPUT",
        ),
    ],
    output_path: Annotated[
        Path,
        typer.Argument(help="A .spacy file, or a folder for them", metavar="OUTPUT"),
    ],
    kind: Annotated[
        str,
        typer.Option(
            "--type",
            "-t",
            help="csv, tsv, jsonl, texts, conll, iob, conllu, or auto to detect it by "
            "the file extension",
        ),
    ] = "auto",
    lang: Annotated[
        str,
        typer.Option("--lang", "-l", help="Language code of the tokenizer"),
    ] = "en",
    text_column: Annotated[
        str,
        typer.Option(
            "--text-column",
            "-x",
            help="Name of the text column, or its number, starting at 1",
        ),
    ] = "text",
    label_column: Annotated[
        str,
        typer.Option(
            "--label-column",
            "-y",
            help="Name of the label column, or its number, starting at 1",
        ),
    ] = "label",
    multilabel: Annotated[
        bool,
        typer.Option("--multilabel", "-m", help="Allow any number of labels per text"),
    ] = False,
    separator: Annotated[
        str, typer.Option("--separator", help="Separator between the labels of a text")
    ] = ",",
    n_sents: Annotated[
        int,
        typer.Option(
            "--n-sents",
            "-n",
            min=0,
            help="Sentences per document in conll, iob and conllu, 0 for all. Ignored "
            "if -DOCSTART- lines separate documents",
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
            help="Overwrite existing files, and remove the parts of another split",
        ),
    ] = False,
) -> None:
    """Convert annotated texts to .spacy files for training and evaluation."""
    from spacy.tokens import DocBin

    from ..training.converters.formats import read_documents
    from ..training.converters.options import Options
    from ..training.converters.parts import NAMES, read_shares, split_documents

    names = NAMES[: len(read_shares(split))]
    paths = {name: output_path / f"{name}{SUFFIX}" for name in names}
    if len(paths) == 1:
        paths = {NAMES[0]: single_output(input_path, output_path)}
    # Remaining parts of an earlier split may contain the same documents.
    stale = [output_path / f"{name}{SUFFIX}" for name in NAMES] if names[1:] else []
    for path in dict.fromkeys([*paths.values(), *stale]):
        check_output(path, force)
    options = Options(text_column, label_column, multilabel, separator, n_sents)
    documents = read_documents(input_path, kind, lang, options)
    parts, is_stratified = split_documents(documents.docs, split, seed)
    corpora = {
        paths[name]: DocBin(docs=docs, store_user_data=True).to_bytes()
        for name, docs in parts.items()
    }
    write_files(corpora)
    for path in stale:
        if path not in paths.values() and path.exists():
            path.unlink()
            msg.info(f"Removed {path} of an earlier split")
    if documents.misaligned:
        span, label = documents.misaligned[0]
        n_lost = len(documents.misaligned)
        msg.warn(Warnings.W065.format(n_lost=n_lost, span=span, label=label))
    if documents.n_skipped:
        msg.info(f"Skipped {documents.n_skipped:,} texts that were not accepted")
    for name, docs in parts.items():
        n_tokens = sum(map(len, docs))
        size = f"{len(docs):,} documents, {n_tokens:,} tokens"
        msg.good(f"Generated output file ({size}): {paths[name]}")
    if len(parts) > 1:
        kind = "stratified by label" if is_stratified else "at random"
        msg.info(f"Split {kind}, seed {seed}")
    print_labels(parts)


def single_output(input_path: Path, output_path: Path) -> Path:
    """Determine the output path without a split.

    input_path (Path): The input.
    output_path (Path): A .spacy file, or a folder.
    RETURNS (Path): The file, or a file in the folder that is named after the input.
    """
    if output_path.suffix == SUFFIX and not output_path.is_dir():
        return output_path
    return output_path / f"{input_path.stem}{SUFFIX}"


def print_labels(parts: Mapping[str, Sequence["Doc"]]) -> None:
    """Print the number of labels in each part.

    parts (Mapping[str, Sequence[Doc]]): Documents by name of the part.
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
