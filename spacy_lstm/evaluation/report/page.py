"""The page of a report."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from markupsafe import Markup
from spacy.language import Language
from spacy.training import Example

from ...html import make_environment
from .mistakes import Mistake
from .tables import Matrix, Table

PACKAGES = ("spacy-lstm", "spacy", "thinc", "torch")


@dataclass
class Illustration:
    """A figure and its numbers.

    title (str): What it shows.
    text (str): What there is to say of it.
    svg (Markup): The figure.
    numbers (Table): What was drawn.
    """

    title: str
    text: str
    svg: Markup
    numbers: Table


@dataclass
class Section:
    """What a report says of one component.

    name (str): Name of the component.
    factory (str): Name of its factory, "" for the tokenizer.
    note (str): What there is to say first, if anything.
    tables (list[Table]): Scores.
    matrix (Matrix | None): Confusion matrix.
    illustrations (list[Illustration]): Figures.
    about (str): What mistakes are about, as in `Answers`.
    mistakes (list[Mistake]): Mistakes in their texts.
    n_wrong (int): How many mistakes there are in all.
    """

    name: str
    factory: str = ""
    note: str = ""
    tables: list[Table] = field(default_factory=list)
    matrix: Matrix | None = None
    illustrations: list[Illustration] = field(default_factory=list)
    about: str = ""
    mistakes: list[Mistake] = field(default_factory=list)
    n_wrong: int = 0


def describe_run(
    nlp: Language, model: str, path: Path, examples: Sequence[Example], speed: float
) -> dict[str, str]:
    """Say what was reported on, when, and by which versions.

    nlp (Language): The pipeline.
    model (str): What it was loaded from.
    path (Path): The annotated documents.
    examples (Sequence[Example]): The same as examples.
    speed (float): Words per second.
    RETURNS (dict[str, str]): Facts and their names.
    """
    n_tokens = sum(len(example.reference) for example in examples)
    return {
        "Pipeline": f"{name_pipeline(nlp)}, from {model}",
        "Components": ", ".join(nlp.pipe_names),
        "Data": f"{path}: {len(examples):,} documents, {n_tokens:,} tokens",
        "Date": datetime.now().astimezone().isoformat(" ", timespec="minutes"),
        "Versions": ", ".join(
            [
                *(f"{package} {version(package)}" for package in PACKAGES),
                f"Python {platform.python_version()}",
            ]
        ),
        "Words per second": f"{speed:,.0f} in this run",
    }


def name_pipeline(nlp: Language) -> str:
    meta = nlp.meta
    return f"{meta['lang']}_{meta['name']} {meta['version']}"


def render(
    title: str, lang: str, facts: Mapping[str, str], sections: Sequence[Section]
) -> str:
    """Write a page that needs no other file.

    title (str): Its title.
    lang (str): Code of the language of the texts.
    facts (Mapping[str, str]): Of `describe_run`.
    sections (Sequence[Section]): The sections.
    RETURNS (str): The page. All text in it is escaped.
    """
    template = make_environment().get_template("report.html")
    return template.render(title=title, lang=lang, facts=facts, sections=sections)
