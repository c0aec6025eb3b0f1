"""The HTML page of a report."""

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

    title (str): The title.
    text (str): The caption.
    svg (Markup): The figure.
    numbers (Table): The numbers shown in the figure.
    """

    title: str
    text: str
    svg: Markup
    numbers: Table


@dataclass
class Section:
    """The section of a report on one component.

    name (str): Name of the component.
    factory (str): Name of its factory, "" for the tokenizer.
    note (str): A remark at the top of the section, or "".
    tables (list[Table]): The scores.
    matrix (Matrix | None): The confusion matrix.
    illustrations (list[Illustration]): The figures.
    unit (str): What is labelled, as in `Predictions`.
    mistakes (list[Mistake]): The mistakes to show, in context.
    n_wrong (int): Total number of mistakes.
    """

    name: str
    factory: str = ""
    note: str = ""
    tables: list[Table] = field(default_factory=list)
    matrix: Matrix | None = None
    illustrations: list[Illustration] = field(default_factory=list)
    unit: str = ""
    mistakes: list[Mistake] = field(default_factory=list)
    n_wrong: int = 0


def describe_run(
    nlp: Language, model: str, path: Path, examples: Sequence[Example], speed: float
) -> dict[str, str]:
    """Describe pipeline, data, date and versions.

    nlp (Language): The pipeline.
    model (str): Package or folder that the pipeline was loaded from.
    path (Path): Path that the documents were loaded from.
    examples (Sequence[Example]): The annotated documents.
    speed (float): Words per second.
    RETURNS (dict[str, str]): Descriptions by their names.
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
    """Render a self-contained page.

    title (str): The title.
    lang (str): Language code of the texts.
    facts (Mapping[str, str]): The result of `describe_run`.
    sections (Sequence[Section]): The sections.
    RETURNS (str): The HTML of the page, with all text escaped.
    """
    template = make_environment().get_template("report.html")
    return template.render(title=title, lang=lang, facts=facts, sections=sections)
