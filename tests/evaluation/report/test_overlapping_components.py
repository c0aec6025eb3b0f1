import spacy

from spacy_lstm.evaluation.report.overlapping_components import (
    find_overlapping_components,
)


def test_components_that_write_the_same() -> None:
    nlp = spacy.blank("en")
    for factory in ("lstm_tagger", "morphologizer", "tagger", "lstm_ner", "ner"):
        nlp.add_pipe(factory)
    found = {name: find_overlapping_components(nlp, name) for name in nlp.pipe_names}
    assert found == {
        "lstm_tagger": ["tagger"],
        "morphologizer": [],
        "tagger": ["lstm_tagger"],
        "lstm_ner": ["ner"],
        "ner": ["lstm_ner"],
    }
    nlp.disable_pipe("tagger")
    assert find_overlapping_components(nlp, "lstm_tagger") == []


def test_rulers() -> None:
    nlp = spacy.blank("en")
    for factory in ("lstm_tagger", "attribute_ruler", "lstm_ner", "entity_ruler"):
        nlp.add_pipe(factory)
    assert find_overlapping_components(nlp, "lstm_ner") == ["entity_ruler"]
    ruler = nlp.get_pipe("attribute_ruler")
    ruler.add([[{"TAG": "A"}]], {"POS": "X", "LEMMA": "a"})
    assert find_overlapping_components(nlp, "lstm_tagger") == []
    ruler.add([[{"TAG": "A"}]], {"TAG": "Z"})
    assert find_overlapping_components(nlp, "lstm_tagger") == ["attribute_ruler"]


def test_text_classifiers_with_a_label_in_common() -> None:
    nlp = spacy.blank("en")
    for factory, label in (("lstm_textcat", "a"), ("textcat_multilabel", "b")):
        nlp.add_pipe(factory).add_label(label)
    assert find_overlapping_components(nlp, "lstm_textcat") == []
    nlp.get_pipe("textcat_multilabel").add_label("a")
    assert find_overlapping_components(nlp, "lstm_textcat") == ["textcat_multilabel"]
    assert find_overlapping_components(nlp, "textcat_multilabel") == ["lstm_textcat"]
