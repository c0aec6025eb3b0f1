"""A report on a trained pipeline, as a page."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy
from spacy.language import Language
from spacy.pipeline import Morphologizer, Tagger
from spacy.training import Example

from ..calibration_error import Bin, bin_by_probability, expected_calibration_error
from .confusion import count_confusions, count_decisions, score_labels
from .figures import draw_lengths, draw_reliability, name_range, to_svg
from .lengths import bin_by_length
from .mistakes import find_mistakes
from .overlapping_components import find_rivals
from .page import Illustration, Section, describe_run, name_pipeline, render
from .predictions import (
    NO_FEATURES,
    Answer,
    Answers,
    Component,
    evaluate,
    read_answers,
)
from .tables import (
    Table,
    tabulate_confusion,
    tabulate_decisions,
    tabulate_label_scores,
    tabulate_scores,
)

NO_ANNOTATION = "The data has no annotation of what this component predicts: {labels}."
NO_ANSWERS = "The data has nothing to compare with what this component predicts."
RIVALS = (
    "This is written by several components of the pipeline: {names}. What is shown is "
    "what the documents say in the end"
)
NO_PROBABILITIES = ", without probabilities, since it isn't known whose they are"
MOST_OF_LABELS = 200  # characters
MEASURES = {
    "texts": "Error rate",
    "labels": "Error rate of yes and no",
    "tokens": "Error rate",
    "entities": "1 - F1",
}


def make_report(
    nlp: Language,
    examples: Sequence[Example],
    *,
    model: str,
    path: Path,
    n_mistakes: int,
) -> str:
    """Report on a trained pipeline.

    nlp (Language): The pipeline.
    examples (Sequence[Example]): Annotated documents, which stay as they are.
    model (str): What the pipeline was loaded from.
    path (Path): What the documents were read from.
    n_mistakes (int): How many mistakes of each component are shown at most.
    RETURNS (str): A page of HTML that needs no other file.
    """
    scores, predicted = evaluate(nlp, examples)
    facts = describe_run(nlp, model, path, predicted, scores.pop("speed"))
    sections = []
    of_tokenizer = scores.get("tokenizer", {})
    if any(score is not None for score in of_tokenizer.values()):
        sections.append(Section("tokenizer", tables=tabulate_scores(of_tokenizer)))
    for name, pipe in nlp.pipeline:
        answers = read_answers(pipe, predicted)
        if answers is not None or scores.get(name):
            section = Section(name, nlp.get_pipe_meta(name).factory)
            section.tables = tabulate_scores(scores.get(name, {}))
            if answers is not None:
                rivals = find_rivals(nlp, name)
                if rivals:
                    section.note = describe_rivals([name, *rivals], answers)
                    answers = without_probabilities(answers)
                fill(section, pipe, answers, predicted, n_mistakes)
            sections.append(section)
    return render(f"Report on {name_pipeline(nlp)}", nlp.meta["lang"], facts, sections)


def fill(
    section: Section,
    pipe: Any,
    answers: Answers,
    examples: Sequence[Example],
    n_mistakes: int,
) -> None:
    """Say in a section what a component gets wrong.

    section (Section): The section, which is changed.
    pipe (Callable): The component.
    answers (Answers): What it says.
    examples (Sequence[Example]): Documents that the pipeline read, and annotated ones.
    n_mistakes (int): How many mistakes are shown at most.
    """
    if not answers.is_annotated:
        labels = shorten(", ".join(pipe.labels), MOST_OF_LABELS, placeholder=", ...")
        section.note, section.tables = NO_ANNOTATION.format(labels=labels), []
    elif not answers.items:
        section.note = NO_ANSWERS
    if not answers.items:
        return
    docs = [example.reference for example in examples]
    section.about = answers.about
    if answers.about == "labels":
        section.tables.append(tabulate_decisions(count_decisions(answers.items)))
    else:
        pairs = read_pairs(pipe, answers.items)
        section.matrix = tabulate_confusion(count_confusions(pairs))
        if isinstance(pipe, Tagger):
            section.tables.append(tabulate_label_scores(score_labels(pairs)))
    section.illustrations = [
        *show_reliability(section.name, answers),
        *show_lengths(section.name, answers, [len(doc) for doc in docs]),
    ]
    section.mistakes = find_mistakes(answers, docs, n_mistakes)
    section.n_wrong = sum(not answer.is_right for answer in answers.items)


def describe_rivals(names: Sequence[str], answers: Answers) -> str:
    note = RIVALS.format(names=", ".join(names))
    return f"{note}{NO_PROBABILITIES * (answers.about != 'entities')}."


def without_probabilities(answers: Answers) -> Answers:
    """Leave out probabilities, but those of entities, which are known by their bounds.

    answers (Answers): What a component says.
    RETURNS (Answers): The same without them.
    """
    if answers.about == "entities":
        return answers
    items = [answer._replace(probability=None) for answer in answers.items]
    return replace(answers, items=items)


def read_pairs(pipe: Component, items: Sequence[Answer]) -> list[tuple[str, str]]:
    """Read truths and guesses; of a morphologizer the parts of speech, if annotated.

    pipe (Callable): The component.
    items (Sequence[Answer]): What it says.
    RETURNS (list[tuple[str, str]]): Pairs of labels.
    """
    pairs = [(a.truth, a.guess) for a in items]
    if not isinstance(pipe, Morphologizer):
        return pairs
    short = [(part_of_speech(truth), part_of_speech(guess)) for truth, guess in pairs]
    return short if any(truth for truth, _ in short) else pairs


def part_of_speech(label: str) -> str:
    pos = label.partition(" ")[0]
    return "" if "=" in pos or pos == NO_FEATURES else pos


def show_reliability(name: str, answers: Answers) -> list[Illustration]:
    """Show how true the probabilities of a component are.

    name (str): Name of the component.
    answers (Answers): What it says.
    RETURNS (list[Illustration]): One, or none where there are no probabilities.
    """
    sure = [a for a in answers.items if a.probability is not None]
    if not sure:
        return []
    probabilities = numpy.array([a.probability for a in sure], dtype=float)
    bins = bin_by_probability(probabilities, numpy.array([a.is_right for a in sure]))
    error = expected_calibration_error(bins)
    text = (
        f"Expected calibration error: {error:.4f} (Naeini et al. 2015), over bins of "
        f"one tenth. Predictions: {len(sure):,}."
    )
    label = f"Reliability diagram of {name}. {text}"
    svg = to_svg(draw_reliability(bins), make_id(name, "reliability"), label)
    return [Illustration("Reliability of probabilities", text, svg, list_bins(bins))]


def list_bins(bins: Sequence[Bin]) -> Table:
    rows = [[f"{b.probability:.3f}", f"{b.right:.3f}", f"{b.size:,}"] for b in bins]
    return Table("Bins", ["mean probability", "part that is right", "how many"], rows)


def show_lengths(
    name: str, answers: Answers, lengths: Sequence[int]
) -> list[Illustration]:
    """Show whether long documents are harder for a component.

    name (str): Name of the component.
    answers (Answers): What it says.
    lengths (Sequence[int]): Tokens of each document.
    RETURNS (list[Illustration]): One, or none where there are too few documents.
    """
    bins = bin_by_length(answers.items, lengths)
    if not bins:
        return []
    measure = MEASURES[answers.about]
    rows = [
        [name_range(b.shortest, b.longest), f"{b.error:.4f}", f"{b.n_docs:,}"]
        for b in bins
    ]
    text = f"{measure} by the number of tokens in a document."
    svg = to_svg(
        draw_lengths(bins, measure),
        make_id(name, "lengths"),
        f"{measure} of {name} by the length of documents, as bars.",
    )
    numbers = Table("Bins", ["tokens", measure, "documents"], rows)
    return [Illustration("Length and error", text, svg, numbers)]


def make_id(name: str, figure: str) -> str:
    """Make an id of a name that may have any characters.

    name (str): Name of the component.
    figure (str): What the figure shows.
    RETURNS (str): What ids of the figure start with.
    """
    return f"{figure}-{name.encode().hex()}"
