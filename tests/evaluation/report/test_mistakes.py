import spacy
from spacy.tokens import Doc

from spacy_lstm.evaluation.report.mistakes import (
    WINDOW,
    Mark,
    Piece,
    find_context,
    find_mistakes,
    split_context,
)
from spacy_lstm.evaluation.report.predictions import Prediction, Predictions

NLP = spacy.blank("en")


def make_doc(text: str, sent_starts: list[bool] | None = None) -> Doc:
    return Doc(NLP.vocab, words=text.split(), sent_starts=sent_starts)


def shown(pieces: list[Piece]) -> str:
    return "".join(
        f"[{p.text}{'!' * p.mark.is_mistake} {p.mark.label}]" if p.mark else p.text
        for p in pieces
    )


def test_that_the_surest_mistakes_come_first() -> None:
    doc = make_doc("a b c d e")
    probabilities = [0.5, None, 0.9, 0.0, 1.0]
    items = [Prediction(0, i, i + 1, "X", "Y", p) for i, p in enumerate(probabilities)]
    items[4] = items[4]._replace(predicted="X")
    predictions = Predictions("tokens", items)
    assert [m.excerpt for m in find_mistakes(predictions, [doc], 9)] == list("cadb")
    assert [m.excerpt for m in find_mistakes(predictions, [doc], 2)] == list("ca")
    assert find_mistakes(predictions, [doc], 0) == []


def test_a_text() -> None:
    doc = NLP("One text.\nAs a whole.")
    predictions = Predictions("texts", [Prediction(0, 0, len(doc), "good", "bad", 0.5)])
    (mistake,) = find_mistakes(predictions, [doc], 1)
    assert mistake.lines == [("Text", [Piece("One text.\nAs a whole.")])]


def test_a_token_in_its_sentence() -> None:
    doc = make_doc("It ran . We sat down .", [True, False, False, True] + [False] * 3)
    predictions = Predictions("tokens", [Prediction(0, 4, 5, "VBD", "NN")])
    (mistake,) = find_mistakes(predictions, [doc], 1)
    ((name, pieces),) = mistake.lines
    assert (name, shown(pieces)) == ("Sentence", "… We [sat! ] down . ")


def test_an_entity_with_gold_and_predicted_labels() -> None:
    doc = make_doc("Ann Lee saw New York in May")
    items = [
        Prediction(0, 0, 2, "PER", "PER", 0.9),
        Prediction(0, 3, 4, "", "LOC", 0.8),
        Prediction(0, 6, 7, "DATE", "PER", 0.7),
        Prediction(0, 3, 5, "LOC", ""),
    ]
    spurious, wrong, missed = find_mistakes(Predictions("entities", items), [doc], 9)
    lines = {name: shown(pieces) for name, pieces in spurious.lines}
    assert lines == {
        "Gold": "[Ann Lee PER] saw [New York LOC] in [May DATE] ",
        "Predicted": "[Ann Lee PER] saw [New! LOC] York in [May PER] ",
    }
    assert [shown(pieces) for _, pieces in wrong.lines] == [
        "[Ann Lee PER] saw [New York LOC] in [May! DATE] ",
        "[Ann Lee PER] saw [New LOC] York in [May! PER] ",
    ]
    assert shown(missed.lines[0][1]).count("!") == 1
    assert "!" not in shown(missed.lines[1][1])


def test_that_of_overlapping_marks_the_mistake_is_shown() -> None:
    doc = make_doc("a b c")
    marks = [Mark(0, 2, "X", False), Mark(1, 3, "Y", True)]
    assert (
        shown(split_context(doc, Prediction(0, 1, 3, "", "Y"), marks)) == "a [b c! Y] "
    )


def test_surroundings() -> None:
    doc = make_doc("x " * 100)
    assert find_context(doc, 50, 51) == (50 - WINDOW, 51 + WINDOW)
    assert find_context(doc, 0, 100) == (0, 100)
    starts = [i in (0, 45, 52, 60) for i in range(100)]
    doc = make_doc("x " * 100, starts)
    assert find_context(doc, 50, 51) == (45, 52)
    assert find_context(doc, 50, 53) == (45, 60)
