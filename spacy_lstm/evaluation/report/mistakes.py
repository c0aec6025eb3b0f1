"""The mistakes that a component was most sure of, in their texts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from spacy.tokens import Doc

from .predictions import Answer, Answers

# Tokens that are shown on each side of a mistake, unless its sentence ends before.
WINDOW = 30


class Mark(NamedTuple):
    """A label of some tokens.

    start (int): First token.
    end (int): End of the tokens.
    label (str): The label.
    is_mistake (bool): Whether it is the mistake itself that is marked.
    """

    start: int
    end: int
    label: str
    is_mistake: bool


class Piece(NamedTuple):
    """A piece of a text.

    text (str): The text.
    mark (Mark | None): Its mark, if any.
    """

    text: str
    mark: Mark | None = None


@dataclass
class Mistake:
    """A mistake in its text.

    answer (Answer): What was wrong.
    excerpt (str): The tokens that it is about.
    lines (list[tuple[str, list[Piece]]]): What lines show, and their pieces.
    """

    answer: Answer
    excerpt: str
    lines: list[tuple[str, list[Piece]]]


def find_mistakes(answers: Answers, docs: Sequence[Doc], n: int) -> list[Mistake]:
    """Find the mistakes that a component was most sure of.

    answers (Answers): What it says.
    docs (Sequence[Doc]): The annotated documents.
    n (int): How many mistakes are found at most.
    RETURNS (list[Mistake]): The most probable first, and then those without a
        probability, in the order of the documents.
    """
    wrong = [answer for answer in answers.items if not answer.is_right]
    wrong.sort(key=lambda a: (a.probability is None, -(a.probability or 0)))
    by_doc = defaultdict(list)
    for answer in answers.items:
        by_doc[answer.doc].append(answer)
    return [
        show_mistake(answer, answers.about, docs[answer.doc], by_doc[answer.doc])
        for answer in wrong[:n]
    ]


def show_mistake(
    answer: Answer, about: str, doc: Doc, others: Iterable[Answer]
) -> Mistake:
    """Show a mistake in its text.

    answer (Answer): What was wrong.
    about (str): As in `Answers`.
    doc (Doc): The annotated document.
    others (Iterable[Answer]): All answers about the document.
    RETURNS (Mistake): A text as a whole; a token in its sentence; an entity in its
        sentence with what is true, and with what was found.
    """
    excerpt = doc[answer.start : answer.end].text
    if about in ("texts", "labels"):
        return Mistake(answer, excerpt, [("Text", [Piece(doc.text)])])
    if about == "tokens":
        marks = [Mark(answer.start, answer.end, "", True)]
        return Mistake(answer, excerpt, [("Sentence", cut(doc, answer, marks))])
    truths = [Mark(a.start, a.end, a.truth, a is answer) for a in others if a.truth]
    guesses = [Mark(a.start, a.end, a.guess, a is answer) for a in others if a.guess]
    lines = [
        ("Truth", cut(doc, answer, truths)),
        ("Predicted", cut(doc, answer, guesses)),
    ]
    return Mistake(answer, excerpt, lines)


def cut(doc: Doc, answer: Answer, marks: Iterable[Mark]) -> list[Piece]:
    """Cut the surroundings of an answer into pieces.

    doc (Doc): The document.
    answer (Answer): The answer.
    marks (Iterable[Mark]): What is to be marked. Of those that overlap one is left.
    RETURNS (list[Piece]): The pieces, one after the other.
    """
    first, last = find_surroundings(doc, answer.start, answer.end)
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


def find_surroundings(doc: Doc, start: int, end: int) -> tuple[int, int]:
    """Find the sentence around some tokens, or the next tokens where it is long.

    doc (Doc): The document.
    start (int): First token.
    end (int): End of the tokens.
    RETURNS (tuple[int, int]): First token and end of the surroundings.
    """
    first, last = max(start - WINDOW, 0), min(end + WINDOW, len(doc))
    if doc.has_annotation("SENT_START"):
        first = max(first, doc[start].sent.start)
        last = min(last, doc[end - 1].sent.end)
    return first, last
