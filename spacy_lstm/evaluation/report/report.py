"""Reports on trained pipelines."""

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
from .overlapping_components import find_overlapping_components
from .page import Illustration, Section, describe_run, name_pipeline, render
from .predictions import (
    NO_FEATURES,
    Component,
    Prediction,
    Predictions,
    evaluate,
    read_predictions,
)
from .tables import (
    Table,
    tabulate_confusion,
    tabulate_decisions,
    tabulate_label_scores,
    tabulate_scores,
)

NO_ANNOTATION = "The data has no gold annotation for this component: {labels}."
NO_PREDICTIONS = "The data has nothing to compare with the component's predictions."
OVERLAP = (
    "Several components assign these annotations: {names}. This section shows their "
    "combined result"
)
NO_PROBABILITIES = ", without probabilities, since they may be of another component"
MAX_LABELS_LENGTH = 200  # characters
MEASURES = {
    "texts": "Error rate",
    "labels": "Error rate of yes/no decisions",
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
    """Evaluate a trained pipeline and create an HTML report.

    nlp (Language): The pipeline.
    examples (Sequence[Example]): The annotated documents, which are not modified.
    model (str): Package or folder that the pipeline was loaded from.
    path (Path): Path that the documents were loaded from.
    n_mistakes (int): Maximum number of mistakes to show per component.
    RETURNS (str): A self-contained HTML page.
    """
    scores, evaluated = evaluate(nlp, examples)
    facts = describe_run(nlp, model, path, evaluated, scores.pop("speed"))
    sections = []
    tokenizer = scores.get("tokenizer", {})
    if any(score is not None for score in tokenizer.values()):
        sections.append(Section("tokenizer", tables=tabulate_scores(tokenizer)))
    for name, pipe in nlp.pipeline:
        predictions = read_predictions(pipe, evaluated)
        if predictions is not None or scores.get(name):
            section = Section(name, nlp.get_pipe_meta(name).factory)
            section.tables = tabulate_scores(scores.get(name, {}))
            if predictions is not None:
                others = find_overlapping_components(nlp, name)
                if others:
                    section.note = describe_overlap([name, *others], predictions)
                    predictions = without_probabilities(predictions)
                fill_section(section, pipe, predictions, evaluated, n_mistakes)
            sections.append(section)
    return render(f"Report on {name_pipeline(nlp)}", nlp.meta["lang"], facts, sections)


def fill_section(
    section: Section,
    pipe: Any,
    predictions: Predictions,
    examples: Sequence[Example],
    n_mistakes: int,
) -> None:
    """Add the evaluation of a component to its section.

    section (Section): The section, which is modified in place.
    pipe (Callable): The component.
    predictions (Predictions): The predictions of the component.
    examples (Sequence[Example]): Predicted and annotated documents.
    n_mistakes (int): Maximum number of mistakes to show.
    """
    if not predictions.is_annotated:
        labels = shorten(", ".join(pipe.labels), MAX_LABELS_LENGTH, placeholder=", ...")
        section.note, section.tables = NO_ANNOTATION.format(labels=labels), []
    elif not predictions.items:
        section.note = NO_PREDICTIONS
    if not predictions.items:
        return
    docs = [example.reference for example in examples]
    section.unit = predictions.unit
    if predictions.unit == "labels":
        section.tables.append(tabulate_decisions(count_decisions(predictions.items)))
    else:
        pairs = read_pairs(pipe, predictions.items)
        section.matrix = tabulate_confusion(count_confusions(pairs))
        if isinstance(pipe, Tagger):
            section.tables.append(tabulate_label_scores(score_labels(pairs)))
    section.illustrations = [
        *show_reliability(section.name, predictions),
        *show_lengths(section.name, predictions, [len(doc) for doc in docs]),
    ]
    section.mistakes = find_mistakes(predictions, docs, n_mistakes)
    section.n_wrong = sum(not prediction.is_correct for prediction in predictions.items)


def describe_overlap(names: Sequence[str], predictions: Predictions) -> str:
    note = OVERLAP.format(names=", ".join(names))
    return f"{note}{NO_PROBABILITIES * (predictions.unit != 'entities')}."


def without_probabilities(predictions: Predictions) -> Predictions:
    """Remove probabilities, except for entities, whose boundaries identify them.

    predictions (Predictions): The predictions of a component.
    RETURNS (Predictions): A copy without probabilities.
    """
    if predictions.unit == "entities":
        return predictions
    items = [prediction._replace(probability=None) for prediction in predictions.items]
    return replace(predictions, items=items)


def read_pairs(pipe: Component, items: Sequence[Prediction]) -> list[tuple[str, str]]:
    """Collect pairs of gold and predicted labels.

    For a morphologizer, only parts of speech are compared if they are annotated.

    pipe (Callable): The component.
    items (Sequence[Prediction]): The predictions of the component.
    RETURNS (list[tuple[str, str]]): Pairs of gold and predicted labels.
    """
    pairs = [(a.gold, a.predicted) for a in items]
    if not isinstance(pipe, Morphologizer):
        return pairs
    short = [
        (part_of_speech(gold), part_of_speech(predicted)) for gold, predicted in pairs
    ]
    return short if any(gold for gold, _ in short) else pairs


def part_of_speech(label: str) -> str:
    pos = label.partition(" ")[0]
    return "" if "=" in pos or pos == NO_FEATURES else pos


def show_reliability(name: str, predictions: Predictions) -> list[Illustration]:
    """Show how well the probabilities of a component are calibrated.

    name (str): Name of the component.
    predictions (Predictions): The predictions of the component.
    RETURNS (list[Illustration]): One figure, or none if there are no probabilities.
    """
    items = [a for a in predictions.items if a.probability is not None]
    if not items:
        return []
    probabilities = numpy.array([a.probability for a in items], dtype=float)
    bins = bin_by_probability(probabilities, numpy.array([a.is_correct for a in items]))
    error = expected_calibration_error(bins)
    text = (
        f"Expected calibration error: {error:.4f} (Naeini et al. 2015), over bins of "
        f"width 0.1. Predictions: {len(items):,}."
    )
    label = f"Reliability diagram of {name}. {text}"
    svg = to_svg(draw_reliability(bins), make_id(name, "reliability"), label)
    return [Illustration("Reliability diagram", text, svg, list_bins(bins))]


def list_bins(bins: Sequence[Bin]) -> Table:
    rows = [[f"{b.probability:.3f}", f"{b.right:.3f}", f"{b.size:,}"] for b in bins]
    return Table("Bins", ["mean probability", "accuracy", "count"], rows)


def show_lengths(
    name: str, predictions: Predictions, lengths: Sequence[int]
) -> list[Illustration]:
    """Show the error of a component by document length.

    name (str): Name of the component.
    predictions (Predictions): The predictions of the component.
    lengths (Sequence[int]): Length of each document, in tokens.
    RETURNS (list[Illustration]): One figure, or none if there are too few documents.
    """
    bins = bin_by_length(predictions.items, lengths)
    if not bins:
        return []
    measure = MEASURES[predictions.unit]
    rows = [
        [name_range(b.shortest, b.longest), f"{b.error:.4f}", f"{b.n_docs:,}"]
        for b in bins
    ]
    text = f"{measure} by document length in tokens."
    svg = to_svg(
        draw_lengths(bins, measure),
        make_id(name, "lengths"),
        f"Bar chart of the {measure} of {name} by document length.",
    )
    numbers = Table("Bins", ["tokens", measure, "documents"], rows)
    return [Illustration("Error by document length", text, svg, numbers)]


def make_id(name: str, figure: str) -> str:
    """Create an id prefix from a component name with arbitrary characters.

    name (str): Name of the component.
    figure (str): Name of the figure.
    RETURNS (str): The prefix of all ids in the figure.
    """
    return f"{figure}-{name.encode().hex()}"
