"""Converter for JSONL, as written by many annotation tools."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import srsly

from .lines import bad_line, numbered_lines
from .options import Options
from .records import CharSpan, Record

ANNOTATION = 'a "label", "cats", "spans" or "accept" in addition to the "text"'
SPANS = (
    '"spans" with a "label", and with "start" and "end" as character offsets in the '
    "text of {length} characters"
)


class InvalidEntryError(ValueError):
    """An invalid entry. The message describes what was expected."""


def read_jsonl(path: Path, options: Options) -> Iterator[Record]:
    """Read texts with "label", "cats", "spans" or "accept".

    path (Path): The file.
    options (Options): Options. `multilabel` allows several labels per text.
    YIELDS (Record): The texts. Entries with an "answer" other than "accept" are marked
        as not accepted.
    RAISES (ValueError): If the file is not in this format.
    """
    for line, text in numbered_lines(path):
        if not text.strip():
            continue
        try:
            yield make_record(path, line, parse(text), options)
        except InvalidEntryError as error:
            raise bad_line(path, line, text, str(error)) from None


def parse(text: str) -> Any:
    try:
        entry = srsly.json_loads(text)
        # JSON escapes can be lone surrogates.
        json.dumps(entry, ensure_ascii=False).encode("utf8")
    except UnicodeEncodeError:
        raise InvalidEntryError("valid Unicode characters") from None
    except ValueError:
        raise InvalidEntryError("a JSON object") from None
    return entry


def expect(condition: bool, expected: str) -> None:
    if not condition:
        raise InvalidEntryError(expected)


def make_record(path: Path, line: int, entry: Any, options: Options) -> Record:
    expect(isinstance(entry, dict), "a JSON object")
    text = entry.get("text")
    expect(isinstance(text, str) and bool(text.strip()), 'a "text" that is not empty')
    record = Record(path, line, text)
    record.is_accepted = entry.get("answer", "accept") == "accept"
    if not record.is_accepted:
        return record
    if "spans" in entry:
        record.spans = read_spans(entry["spans"], text)
    if "cats" in entry:
        record.cats = read_cats(entry["cats"])
    elif "label" in entry or "accept" in entry:
        record.labels = read_labels(entry.get("label", entry.get("accept")), options)
    else:
        expect(record.spans is not None, ANNOTATION)
    return record


def read_labels(value: Any, options: Options) -> list[str]:
    values = value if isinstance(value, list) else [value]
    is_known = all(isinstance(x, str | int) for x in values)
    expect(is_known, 'a "label" or "accept" with one label or a list of labels')
    if isinstance(value, list):
        labels = [str(x).strip() for x in values if str(x).strip()]
    else:
        labels = options.split_labels(str(value))
    if not options.multilabel:
        expect(len(labels) == 1, "exactly one label unless --multilabel is set")
    return labels


def read_cats(cats: Any) -> dict[str, float]:
    expected = '"cats" that map labels to numbers from 0 to 1, not {!r:.40}'
    expect(isinstance(cats, dict), expected.format(cats))
    for x in cats.values():
        expect(isinstance(x, int | float) and 0 <= x <= 1, expected.format(x))
    return {label: float(x) for label, x in cats.items()}


def read_spans(spans: Any, text: str) -> list[CharSpan]:
    expected = SPANS.format(length=len(text))
    expect(isinstance(spans, list), 'a list of "spans"')
    found: list[CharSpan] = []
    for span in spans:
        expect(isinstance(span, dict), expected)
        start, end, label = map(span.get, ("start", "end", "label"))
        expect(isinstance(label, str) and bool(label), expected)
        expect(isinstance(start, int) and isinstance(end, int), expected)
        expect(0 <= start < end <= len(text), expected)
        found.append((start, end, label))
    return found
