"""JSONL, as many tools of annotation write it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import srsly

from .lines import bad_line, numbered_lines
from .options import Options
from .records import CharSpan, Record

EXPECTED = (
    'an object with a "text" and a "label" (or "cats" with numbers from 0 to 1, '
    '"spans" with "start", "end" and "label", or "accept" with labels)'
)


def read_jsonl(path: Path, options: Options) -> Iterator[Record]:
    """Read texts with "label", "cats", "spans" or "accept".

    path (Path): The file.
    options (Options): Says whether a text has several labels.
    YIELDS (Record): One text after the other. Where there is an "answer" other than
        "accept", it doesn't count.
    RAISES (CommandError): If the file is not in this format.
    """
    for line, text in numbered_lines(path):
        if not text.strip():
            continue
        try:
            yield make_record(path, line, srsly.json_loads(text), options)
        except (AttributeError, KeyError, TypeError, ValueError):
            expected = EXPECTED
            if not options.multilabel:
                expected += ", and just one label without --multilabel"
            raise bad_line(path, line, text, expected) from None


def make_record(path: Path, line: int, entry: Any, options: Options) -> Record:
    record = Record(path, line, entry["text"])
    if not isinstance(record.text, str) or not record.text.strip():
        raise ValueError
    record.is_accepted = entry.get("answer", "accept") == "accept"
    if not record.is_accepted:
        return record
    if "spans" in entry:
        record.spans = [read_span(span, record.text) for span in entry["spans"]]
    if "cats" in entry:
        record.cats = {label: read_truth(x) for label, x in entry["cats"].items()}
    elif "label" in entry or "accept" in entry:
        record.labels = read_labels(entry.get("label", entry.get("accept")), options)
    elif record.spans is None:
        raise ValueError
    return record


def read_labels(value: Any, options: Options) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(x, str | int) for x in values):
        raise TypeError
    labels = [label for x in values for label in options.split_labels(str(x))]
    if not options.multilabel and len(labels) != 1:
        raise ValueError
    return labels


def read_truth(value: Any) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError
    return float(value)


def read_span(span: Any, text: str) -> CharSpan:
    start, end, label = span["start"], span["end"], span["label"]
    if not isinstance(label, str) or not label:
        raise ValueError
    if not isinstance(start, int) or not isinstance(end, int):
        raise TypeError
    if not 0 <= start < end <= len(text):
        raise ValueError
    return start, end, label
