"""Docstrings as spaCy writes them, for mkdocstrings."""

import re
from typing import Any

import griffe

ENTRY = re.compile(r"(\w+) \((.+?)\): ")
HEADINGS = {"RETURNS": "Returns", "YIELDS": "Yields", "RAISES": "Raises"}


class SpacyDocstrings(griffe.Extension):
    """Makes lists of what docstrings say of arguments, results and errors."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object in Google's style.

        obj (griffe.Object): A function, class or other object of the package.
        """
        if obj.docstring:
            names = "Attributes" if obj.is_class else "Args"
            obj.docstring.value = to_google_style(obj.docstring.value, names)


def to_google_style(docstring: str, names: str) -> str:
    """Put headings above the entries of a docstring.

    docstring (str): The docstring, without indentation.
    names (str): Heading of those entries that begin with a name.
    RETURNS (str): The docstring with its entries by heading.
    """
    lines: list[str] = []
    last = None
    for line in docstring.split("\n"):
        entry = ENTRY.match(line)
        if entry is None:
            lines.append(f"        {line.strip()}" if last and line else line)
            continue
        name, kind = entry.groups()
        heading = HEADINGS.get(name, names)
        if heading != last:
            lines += ["", f"{heading}:"]
        last = heading
        subject = kind if name in HEADINGS else f"{name} ({kind})"
        lines.append(f"    {subject}: {line[entry.end() :]}")
    return "\n".join(lines)
