"""The most confident mistakes of a component, in context."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from spacy.tokens import Doc

from .predictions import Prediction, Predictions

# Maximum number of context tokens on each side of a mistake.
WINDOW = 30


class Mark(NamedTuple):
    """A labelled span of tokens.

    start (int): Index of the first token.
    end (int): Index after the last token.
    label (str): The label.
    is_mistake (bool): Whether the span is the mistake itself.
    """

    start: int
    end: int
    label: str
    is_mistake: bool


class Piece(NamedTuple):
    """A piece of text.

    text (str): The text.
    mark (Mark | None): The mark of the text, if any.
    """

    text: str
    mark: Mark | None = None


@dataclass
class Mistake:
    """A mistake in context.

    prediction (Prediction): The wrong prediction.
    excerpt (str): The text of the labelled tokens.
    lines (list[tuple[str, list[Piece]]]): Names of lines, and their pieces of text.
    """

    prediction: Prediction
    excerpt: str
    lines: list[tuple[str, list[Piece]]]


def find_mistakes(
    predictions: Predictions, docs: Sequence[Doc], n: int
) -> list[Mistake]:
    """Find the most confident mistakes of a component.

    predictions (Predictions): The predictions of the component.
    docs (Sequence[Doc]): The annotated documents.
    n (int): Maximum number of mistakes to return.
    RETURNS (list[Mistake]): The mistakes by descending probability. Those without a
        probability come last, in the order of the documents.
    """
    wrong = [item for item in predictions.items if not item.is_correct]
    wrong.sort(key=lambda a: (a.probability is None, -(a.probability or 0)))
    by_doc = defaultdict(list)
    for item in predictions.items:
        by_doc[item.doc].append(item)
    return [
        show_mistake(item, predictions.unit, docs[item.doc], by_doc[item.doc])
        for item in wrong[:n]
    ]


def show_mistake(
    prediction: Prediction, unit: str, doc: Doc, others: Iterable[Prediction]
) -> Mistake:
    """Add the context to a mistake.

    prediction (Prediction): The wrong prediction.
    unit (str): What is labelled, as in `Predictions`.
    doc (Doc): The annotated document.
    others (Iterable[Prediction]): All predictions for the document.
    RETURNS (Mistake): The mistake: a whole text, a token in its sentence, or an entity
        in its sentence, once with all gold and once with all predicted entities.
    """
    excerpt = doc[prediction.start : prediction.end].text
    if unit in ("texts", "labels"):
        return Mistake(prediction, excerpt, [("Text", [Piece(doc.text)])])
    if unit == "tokens":
        marks = [Mark(prediction.start, prediction.end, "", True)]
        pieces = split_context(doc, prediction, marks)
        return Mistake(prediction, excerpt, [("Sentence", pieces)])
    gold = [Mark(a.start, a.end, a.gold, a is prediction) for a in others if a.gold]
    predicted = [
        Mark(a.start, a.end, a.predicted, a is prediction)
        for a in others
        if a.predicted
    ]
    lines = [
        ("Gold", split_context(doc, prediction, gold)),
        ("Predicted", split_context(doc, prediction, predicted)),
    ]
    return Mistake(prediction, excerpt, lines)


def split_context(
    doc: Doc, prediction: Prediction, marks: Iterable[Mark]
) -> list[Piece]:
    """Split the context of a prediction into marked and unmarked pieces.

    doc (Doc): The document.
    prediction (Prediction): The prediction.
    marks (Iterable[Mark]): The spans to mark. If spans overlap, only one is kept, with
        preference for the mistake.
    RETURNS (list[Piece]): The pieces, in order.
    """
    first, last = find_context(doc, prediction.start, prediction.end)
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: not mark.is_mistake):
        is_inside = first <= mark.start and mark.end <= last
        if is_inside and all(mark.end <= k.start or k.end <= mark.start for k in kept):
            kept.append(mark)
    pieces = [Piece("… ")] if first > 0 else []
    position = first
    for mark in sorted(kept):
        pieces.append(Piece(doc[position : mark.start].text_with_ws))
        marked = doc[mark.start : mark.end]
        pieces.append(Piece(marked.text, mark))
        pieces.append(Piece(marked[-1].whitespace_))
        position = mark.end
    pieces.append(Piece(doc[position:last].text_with_ws))
    if last < len(doc):
        pieces.append(Piece("…"))
    return [piece for piece in pieces if piece.text]


def find_context(doc: Doc, start: int, end: int) -> tuple[int, int]:
    """Find the context of a span: its sentences, at most `WINDOW` tokens on each side.

    doc (Doc): The document.
    start (int): Index of the first token of the span.
    end (int): Index after the last token of the span.
    RETURNS (tuple[int, int]): Start and end of the context.
    """
    first, last = max(start - WINDOW, 0), min(end + WINDOW, len(doc))
    if doc.has_annotation("SENT_START"):
        first = max(first, doc[start].sent.start)
        last = min(last, doc[end - 1].sent.end)
    return first, last
