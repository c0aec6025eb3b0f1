"""JSONL, as many tools of annotation write it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import srsly

from .lines import bad_line, numbered_lines
from .options import Options
from .records import CharSpan, Record

ANNOTATION = 'a "label", "cats", "spans" or "accept" beside the "text"'
SPANS = (
    'each of the "spans" with "start" and "end", as characters of the text of {length} '
    'characters, and a "label"'
)


class MisfitError(ValueError):
    """An entry that doesn't fit. Its message is what was expected."""


def read_jsonl(path: Path, options: Options) -> Iterator[Record]:
    """Read texts with "label", "cats", "spans" or "accept".

    path (Path): The file.
    options (Options): Says whether a text has several labels.
    YIELDS (Record): One text after the other. Where there is an "answer" other than
        "accept", it doesn't count.
    RAISES (ValueError): If the file is not in this format.
    """
    for line, text in numbered_lines(path):
        if not text.strip():
            continue
        try:
            yield make_record(path, line, parse(text), options)
        except MisfitError as error:
            raise bad_line(path, line, text, str(error)) from None


def parse(text: str) -> Any:
    try:
        entry = srsly.json_loads(text)
        # Escapes of JSON can be halves of characters.
        json.dumps(entry, ensure_ascii=False).encode("utf8")
    except UnicodeEncodeError:
        raise MisfitError("characters that UTF-8 has") from None
    except ValueError:
        raise MisfitError("an object of JSON") from None
    return entry


def expect(condition: bool, expected: str) -> None:
    if not condition:
        raise MisfitError(expected)


def make_record(path: Path, line: int, entry: Any, options: Options) -> Record:
    expect(isinstance(entry, dict), "an object of JSON")
    text = entry.get("text")
    expect(isinstance(text, str) and bool(text.strip()), 'a "text" that is not empty')
    record = Record(path, line, text)
    record.is_accepted = entry.get("answer", "accept") == "accept"
    if not record.is_accepted:
        return record
    if "spans" in entry:
        record.spans = read_spans(entry["spans"], text)
    if "cats" in entry:
        record.cats = read_truths(entry["cats"])
    elif "label" in entry or "accept" in entry:
        record.labels = read_labels(entry.get("label", entry.get("accept")), options)
    else:
        expect(record.spans is not None, ANNOTATION)
    return record


def read_labels(value: Any, options: Options) -> list[str]:
    values = value if isinstance(value, list) else [value]
    is_known = all(isinstance(x, str | int) for x in values)
    expect(is_known, 'a "label" or "accept" of one label or a list of labels')
    if isinstance(value, list):
        labels = [str(x).strip() for x in values if str(x).strip()]
    else:
        labels = options.split_labels(str(value))
    if not options.multilabel:
        expect(len(labels) == 1, "just one label without --multilabel")
    return labels


def read_truths(cats: Any) -> dict[str, float]:
    expected = '"cats" that are labels with numbers from 0 to 1, not {!r:.40}'
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
