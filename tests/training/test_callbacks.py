import spacy
from spacy.tokens import Doc
from spacy.training import Example

from spacy_lstm.training.callbacks import make_calibrate

from ..pipeline.recognizing import make_example, make_examples, train


def make_pipeline() -> spacy.Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("lstm_ner")
    nlp.add_pipe("doc_cleaner")
    return nlp


def test_that_components_are_calibrated_on_what_others_have_read() -> None:
    nlp = make_pipeline()
    train(nlp, make_examples(nlp))
    examples = [make_example(nlp, "Mary/U-GPE left/O London/U-PER")]
    seen: list[Example] = []

    def corpus(own: spacy.Language) -> list[Example]:
        assert own is nlp
        seen.extend(examples)
        return examples

    assert make_calibrate(corpus)(nlp) is nlp
    assert nlp.get_pipe("lstm_ner").cfg["temperature"] > 1
    assert seen[0].predicted.has_annotation("SENT_START")
    assert not seen[0].predicted.ents


def test_functions_and_components_that_make_new_documents() -> None:
    @spacy.Language.component("renewing")
    def renew(doc: Doc) -> Doc:
        return Doc(doc.vocab, words=[token.lower_ for token in doc])

    nlp = spacy.blank("en")
    nlp.add_pipe("renewing")
    nlp.add_pipe("lstm_ner")
    train(nlp, make_examples(nlp))
    examples = [make_example(nlp, "Mary/U-PER left/O London/U-GPE")]
    make_calibrate(lambda nlp: examples)(nlp)
    assert examples[0].predicted.text == "mary left london "


def test_the_limit() -> None:
    nlp = make_pipeline()
    train(nlp, make_examples(nlp))
    examples = make_examples(nlp)
    make_calibrate(lambda nlp: examples, limit=2)(nlp)
    were_read = [example.predicted.has_annotation("SENT_START") for example in examples]
    assert were_read == [True, True, False, False, False]


def test_that_frozen_components_stay_as_they_are() -> None:
    nlp = make_pipeline()
    nlp.add_pipe("lstm_ner", name="later")
    train(nlp, make_examples(nlp))
    examples = [make_example(nlp, "Mary/U-GPE left/O London/U-PER")]
    nlp.config["training"]["frozen_components"] = ["lstm_ner"]
    make_calibrate(lambda nlp: examples)(nlp)
    assert nlp.get_pipe("lstm_ner").cfg["temperature"] == 1.0
    assert nlp.get_pipe("later").cfg["temperature"] > 1
    nlp.config["training"]["frozen_components"] = ["lstm_ner", "later"]
    assert make_calibrate(lambda nlp: 1 / 0)(nlp) is nlp


def test_a_pipeline_without_such_components() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    assert make_calibrate(lambda nlp: 1 / 0)(nlp) is nlp
