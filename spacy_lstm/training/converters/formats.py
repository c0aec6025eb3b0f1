"""Supported formats and their detection."""

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
# The format of these files is detected by their content, as in `spacy convert`.
AMBIGUOUS = (".iob", ".ner")


def read_documents(path: Path, kind: str, lang: str, options: Options) -> Documents:
    """Read annotated texts.

    path (Path): A file or folder.
    kind (str): The format, or "auto" to detect it.
    lang (str): Language code of the tokenizer.
    options (Options): Options of the converters.
    RETURNS (Documents): The documents.
    RAISES (ValueError): If the texts can't be read, or there are none.
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
    """Detect the format of a file or folder.

    path (Path): A file or folder.
    kind (str): The format, or "auto" to detect it by file extension and content.
    RETURNS (str): The format.
    RAISES (ValueError): If the format is unknown, or the file doesn't exist.
    """
    check_choice("type", kind, [AUTO, *TYPES])
    if not path.exists():
        raise ValueError(Errors.L065.format(path=path, expected="annotated texts"))
    suffix = path.suffix.lower()
    if kind == TEXTS and not path.is_dir():
        expected = "a folder with a subfolder for each label"
        raise ValueError(Errors.L065.format(path=f"folder {path}", expected=expected))
    if kind != AUTO:
        return kind
    if path.is_dir() and subfolders(path):
        return TEXTS
    if path.is_dir() or suffix not in SUFFIXES:
        raise ValueError(Errors.L066.format(path=path, known=", ".join(TYPES)))
    if suffix in AMBIGUOUS and autodetect_ner_format(read_text(path)) == "iob":
        return "iob"
    return SUFFIXES[suffix]


def find_files(path: Path, kind: str) -> list[Path]:
    """List the files in a format.

    path (Path): A file or folder.
    kind (str): The format.
    RETURNS (list[Path]): For a folder of files, those with a file extension of the
        format, sorted by name. Otherwise the path itself.
    """
    if kind == TEXTS or not path.is_dir():
        return [path]
    suffixes = [suffix for suffix, x in SUFFIXES.items() if x == kind] or AMBIGUOUS
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in suffixes)


def make_blank(lang: str) -> Language:
    """Create a blank pipeline with a tokenizer.

    lang (str): The language code.
    RETURNS (Language): The pipeline.
    RAISES (ValueError): If the language is not supported, or a package that its
        tokenizer needs is missing.
    """
    try:
        return find_language(lang)()
    except ImportError as error:
        message = Errors.L079.format(lang=lang, reason=first_line(error))
        raise ValueError(message) from None
