"""The formats, and how to tell them apart."""

from pathlib import Path

from spacy.cli.convert import autodetect_ner_format
from spacy.language import Language

from ...errors import Errors, first_line
from ..starter_config import check_choice, find_language
from .columns import read_conll, read_conllu, read_iob
from .folders import read_texts, subfolders
from .json_lines import read_jsonl
from .lines import read_text
from .options import Options
from .records import Documents, make_documents
from .tables import read_csv, read_tsv

AUTO = "auto"
TEXTS = "texts"
RECORDS = {"csv": read_csv, "tsv": read_tsv, "jsonl": read_jsonl, TEXTS: read_texts}
SENTENCES = {"conll": read_conll, "iob": read_iob, "conllu": read_conllu}
TYPES = [*RECORDS, *SENTENCES]
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".conll": "conll",
    ".iob": "conll",
    ".ner": "conll",
    ".conllu": "conllu",
}
# What these hold is told by their content, as by `spacy convert`.
UNSURE = (".iob", ".ner")


def read_documents(path: Path, kind: str, lang: str, options: Options) -> Documents:
    """Read annotated texts.

    path (Path): A file, or a folder.
    kind (str): The format, or "auto".
    lang (str): Code of the language whose tokenizer reads texts.
    options (Options): What the files don't say themselves.
    RETURNS (Documents): The documents.
    RAISES (ValueError): If they can't be read, or if there are none.
    """
    kind = find_type(path, kind)
    files = find_files(path, kind)
    if kind in RECORDS:
        records = [x for file in files for x in RECORDS[kind](file, options)]
        documents = make_documents(records, make_blank(lang))
    else:
        docs = [doc for file in files for doc in SENTENCES[kind](file, options)]
        documents = Documents(docs)
    if not documents.docs:
        raise ValueError(Errors.L064.format(path=path))
    return documents


def find_type(path: Path, kind: str) -> str:
    """Find out which format something has.

    path (Path): A file, or a folder.
    kind (str): The format, or "auto" to tell it by suffix and content.
    RETURNS (str): The format.
    RAISES (ValueError): If it can't be told, or there is no such file or format.
    """
    check_choice("type", kind, [AUTO, *TYPES])
    if not path.exists():
        raise ValueError(Errors.L065.format(path=path, expected="annotated texts"))
    suffix = path.suffix.lower()
    if kind == TEXTS and not path.is_dir():
        expected = "a folder with a sub-folder for each label"
        raise ValueError(Errors.L065.format(path=f"folder {path}", expected=expected))
    if kind != AUTO:
        return kind
    if path.is_dir() and subfolders(path):
        return TEXTS
    if path.is_dir() or suffix not in SUFFIXES:
        raise ValueError(Errors.L066.format(path=path, known=", ".join(TYPES)))
    if suffix in UNSURE and autodetect_ner_format(read_text(path)) == "iob":
        return "iob"
    return SUFFIXES[suffix]


def find_files(path: Path, kind: str) -> list[Path]:
    """List the files of a format.

    path (Path): A file, or a folder.
    kind (str): The format.
    RETURNS (list[Path]): The files in a folder whose suffix is of the format, by name;
        in all other cases what was given.
    """
    if kind == TEXTS or not path.is_dir():
        return [path]
    suffixes = [suffix for suffix, x in SUFFIXES.items() if x == kind] or UNSURE
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in suffixes)


def make_blank(lang: str) -> Language:
    """Make a pipeline that has but a tokenizer.

    lang (str): Code of the language.
    RETURNS (Language): The pipeline.
    RAISES (ValueError): If there is no such language, or its tokenizer needs a
        package that is missing.
    """
    try:
        return find_language(lang)()
    except ImportError as error:
        message = Errors.L079.format(lang=lang, reason=first_line(error))
        raise ValueError(message) from None
