"""Converters for formats with token annotations, based on spaCy's own converters."""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from spacy.tokens import Doc
from spacy.training.converters import conll_ner_to_docs, conllu_to_docs, iob_to_docs

from ...errors import first_line
from .lines import bad_line, check_width, numbered_blocks, numbered_lines
from .options import Options

DOCUMENT_START = "-DOCSTART-"
# The only form of this line that spaCy supports.
DELIMITER = "-DOCSTART- -X- O O"
NO_TAG = "-"

ENTITY = re.compile(r"O|[BILU]-\S+")
MISC_ENTITY = re.compile(r"((?:name=|NE=)?[BILU]-)([^\s|]+)")
HIDDEN_ENTITY = re.compile(r"\b(name|NE)=[BILU]-")
LETTERS = "ABCDEFGHIJ"
WORD_ID = re.compile(r"(\d+)|\d+-\d+|\d+\.\d+")
HEAD = re.compile(r"\d+|_")

CONLL = "a token and, in the last column, its IOB, IOB2 or BILUO tag, such as B-PER"
COLUMNS = "columns separated by tabs or spaces, none empty or containing whitespace"
IOB = "a sentence such as Ann|B-PER left|O, or Ann|NNP|B-PER left|VBD|O"
MISC = "features in the last column separated by |, such as SpaceAfter=No|name=B-LOC"
CONLLU = "ten tab-separated columns in CoNLL-U format, none empty"

Converter = Callable[..., Iterable[Doc]]
Sentence = tuple[int, str]


def read_conll(path: Path, options: Options) -> list[Doc]:
    """Read one token per line, with the entity last and the tag second, if there is
    one.

    path (Path): The file.
    options (Options): Options. `n_sents` is ignored if the file has -DOCSTART- lines.
    RETURNS (list[Doc]): The documents.
    RAISES (ValueError): If the file is not in this format.
    """
    sentences: list[Sentence] = []
    first: tuple[int, list[str]] | None = None
    uneven: tuple[int, str] | None = None
    for block in numbered_blocks(path):
        rows: list[Sentence] = []
        for line, text in block:
            columns = text.split()
            if columns[0] == DOCUMENT_START:
                sentences += [*join(rows), (line, DELIMITER)]
                rows = []
                continue
            if len(columns) < 2 or not ENTITY.fullmatch(columns[-1]):
                raise bad_line(path, line, text, CONLL)
            first = first or (line, columns)
            if uneven is None and has_uneven_columns(text):
                uneven = line, text
            if len(columns) != len(first[1]) and uneven:
                raise bad_line(path, *uneven, COLUMNS)
            check_width(path, line, text, len(columns), first[0], len(first[1]))
            rows.append((line, " ".join(columns)))
        sentences += join(rows)
    return without_empty_tags(convert(conll_ner_to_docs, path, sentences, options))


def has_uneven_columns(text: str) -> bool:
    """Check whether a column is empty, or contains whitespace other than the separator.

    text (str): A line with columns separated by tabs, or by spaces if there are no
        tabs.
    RETURNS (bool): Whether any column does.
    """
    columns = re.split("\t" if "\t" in text.strip() else " +", text.strip())
    return any(len(column.split()) != 1 for column in columns)


def join(rows: Sequence[Sentence]) -> list[Sentence]:
    return [(rows[0][0], "\n".join(text for _, text in rows))] if rows else []


def read_iob(path: Path, options: Options) -> list[Doc]:
    """Read one sentence per line, with tokens such as word|entity or word|tag|entity.

    path (Path): The file.
    options (Options): Options, with the number of sentences per document.
    RETURNS (list[Doc]): The documents.
    RAISES (ValueError): If the file is not in this format.
    """
    sentences = [line for line in numbered_lines(path) if line[1].strip()]
    for line, text in sentences:
        parts = [token.split("|") for token in text.split()]
        if {len(part) for part in parts} not in ({2}, {3}) or not all(
            ENTITY.fullmatch(part[-1]) for part in parts
        ):
            raise bad_line(path, line, text, IOB)
    docs = convert(iob_to_docs, path, sentences, options, separator="\n")
    return without_empty_tags(docs)


def read_conllu(path: Path, options: Options) -> list[Doc]:
    """Read CoNLL-U.

    path (Path): The file.
    options (Options): Options, with the number of sentences per document.
    RETURNS (list[Doc]): The documents.
    RAISES (ValueError): If the file is not in this format.
    """
    sentences: list[Sentence] = []
    labels: dict[str, str] = {}
    for block in numbered_blocks(path):
        rows = []
        for line, text in block:
            if text.startswith("#"):
                continue
            columns = text.split("\t")
            if (
                len(columns) != 10
                or not all(columns)
                or not WORD_ID.fullmatch(columns[0])
                or not HEAD.fullmatch(columns[6])
            ):
                raise bad_line(path, line, text, CONLLU)
            columns[-1] = encode_entity(path, line, columns[-1], labels)
            rows.append((line, "\t".join(columns)))
        sentences += join(rows)
    decode = {code: label for label, code in labels.items()}
    converter = partial(conllu_to_docs, ner_map=decode)
    return convert(converter, path, sentences, options)


def encode_entity(path: Path, line: int, misc: str, labels: dict[str, str]) -> str:
    """Encode the label of an entity, since spaCy only reads capitals and "_".

    path (Path): The file.
    line (int): Number of the line, starting at 1.
    misc (str): The last column, with features such as "name=B-LOC".
    labels (dict[str, str]): Codes of labels, which is updated in place.
    RETURNS (str): The column with codes instead of labels.
    RAISES (ValueError): If an entity is not a separate feature.
    """
    features = misc.split("|")
    for number, feature in enumerate(features):
        match = MISC_ENTITY.fullmatch(feature)
        if match:
            prefix, label = match.groups()
            digits = str(len(labels))
            code = "".join(LETTERS[int(digit)] for digit in digits)
            features[number] = prefix + labels.setdefault(label, code)
        elif HIDDEN_ENTITY.search(feature):
            raise bad_line(path, line, misc, MISC)
    return "|".join(features)


def convert(
    converter: Converter,
    path: Path,
    sentences: Sequence[Sentence],
    options: Options,
    separator: str = "\n\n",
) -> list[Doc]:
    """Convert sentences to documents.

    converter (Callable): A converter of spaCy.
    path (Path): The file that contains the sentences.
    sentences (Sequence[tuple[int, str]]): Number of the first line and text of each
        sentence.
    options (Options): Options, with the number of sentences per document.
    separator (str): The separator between sentences that the converter expects.
    RETURNS (list[Doc]): The documents.
    RAISES (ValueError): If the converter fails for a sentence.
    """
    if not sentences:
        return []
    n_sents = options.n_sents or sys.maxsize
    text = separator.join(text for _, text in sentences)
    try:
        return list(converter(text, n_sents=n_sents, no_print=True))
    except (LookupError, ValueError):
        for line, text in sentences:
            check_sentence(converter, path, line, text)
        raise


def check_sentence(converter: Converter, path: Path, line: int, text: str) -> None:
    try:
        list(converter(text, n_sents=1, no_print=True))
    except (LookupError, ValueError) as error:
        expected = "a sentence that spaCy can convert"
        raise bad_line(path, line, first_line(error), expected) from None


def without_empty_tags(docs: list[Doc]) -> list[Doc]:
    """Remove the placeholder that spaCy's converters set for missing tags.

    docs (list[Doc]): The documents, which are modified in place.
    RETURNS (list[Doc]): The same documents.
    """
    for token in (token for doc in docs for token in doc):
        if token.tag_ == NO_TAG:
            token.tag_ = ""
    return docs
