"""Faults in settings, labels and annotations of entities."""

import warnings

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from .recognizing import found, make_doc, make_example, make_examples, make_pipeline


def ner_of(nlp: Language):
    return nlp.get_pipe("lstm_ner")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"threshold": 1.5}, "'lstm_ner': `threshold` is 1.5"),
        ({"threshold": -0.1}, "'lstm_ner': `threshold` is -0.1"),
        ({"n_best": 0, "spans_key": "x"}, "'lstm_ner': `n_best` is 0"),
        ({"n_best": 2}, "'lstm_ner': `n_best` is 2.* `spans_key`"),
        ({"model": {"scheme": "bilou"}}, "`scheme` is 'bilou'.* 'biluo', 'bio'"),
    ],
)
def test_settings(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_pipeline(**settings)


@pytest.mark.parametrize("label", ["", None, 3])
def test_that_a_label_is_a_string(label: object) -> None:
    ner = ner_of(make_pipeline())
    with pytest.raises(ValueError, match=r"'lstm_ner': .* is not a label"):
        ner.add_label(label)
    assert ner.labels == ()


@pytest.mark.parametrize("labels", ["PER", [""], [1], {"PER": 1}, 7])
def test_that_labels_are_a_list_of_strings(labels: object) -> None:
    nlp = make_pipeline()
    with pytest.raises(ValueError, match=r"'lstm_ner': the labels are .*init labels"):
        ner_of(nlp).initialize(lambda: make_examples(nlp), labels=labels)
    assert ner_of(nlp).labels == ()


def test_a_corpus_without_any_entity() -> None:
    nlp = make_pipeline()
    with pytest.raises(ValueError, match=r"'lstm_ner' has no labels.*`doc.ents`"):
        nlp.initialize(lambda: [make_example(nlp, "nobody/O is/O here/O")])


def test_a_model_without_weights() -> None:
    with pytest.raises(ValueError, match="has no weights yet"):
        make_pipeline()("Mary Jones")


def test_a_listener_of_another_width() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec")
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 7}
    model = {"@architectures": "spacy-lstm.CRFTagger.v1", "tok2vec": listener}
    nlp.add_pipe("lstm_ner", config={"model": model})
    with pytest.raises(ValueError, match=r"'lstm_ner' listens to 'tok2vec'.* of 7"):
        nlp.initialize(lambda: make_examples(nlp))


def test_an_entity_that_is_right_and_wrong() -> None:
    nlp = make_pipeline(incorrect_spans_key="wrong")
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    reference = examples[0].reference
    reference.spans["wrong"] = [Span(reference, 4, 5, "GPE")]
    before = nlp.to_bytes()
    message = "'London' with the label 'GPE'.*'wrong'.*'Mary Jones lives in London"
    with pytest.raises(ValueError, match=message):
        nlp.update(examples, sgd=optimizer)
    assert nlp.to_bytes() == before


def test_overlapping_entities() -> None:
    nlp = make_pipeline()
    annotation = {"entities": [(0, 10, "PER"), (5, 10, "PER")]}
    with pytest.raises(ValueError, match=r"conflicting doc.ents"):
        Example.from_dict(nlp.make_doc("Mary Jones"), annotation)


def test_an_entity_without_a_label_is_none() -> None:
    nlp = make_pipeline()
    examples = make_examples(nlp)
    doc = make_doc(nlp, "Mary/O Jones/O")
    doc.set_ents([Span(doc, 0, 2, "")], default="missing")
    nlp.initialize(lambda: [*examples, Example(doc.copy(), doc)])
    assert ner_of(nlp).labels == ("GPE", "PER")


def test_offsets_that_are_no_tokens() -> None:
    nlp = make_pipeline()
    with pytest.warns(UserWarning, match="W030"):
        example = Example.from_dict(
            nlp.make_doc("Mary Jones left"), {"entities": [(0, 7, "PER")]}
        )
    optimizer = nlp.initialize(lambda: [*make_examples(nlp), example])
    losses = nlp.update([example], sgd=optimizer)
    assert 0 < losses["lstm_ner"] < 10


def test_entities_of_whitespace() -> None:
    nlp = make_pipeline()
    doc = Doc(nlp.vocab, words=["Mary", "\n", "\n", "left"])
    doc.ents = [Span(doc, 0, 2, "PER"), Span(doc, 2, 3, "PER")]
    example = Example(doc.copy(), doc)
    message = r"'lstm_ner': some .* In total: 2\. .* 'Mary \\n' with the label 'PER'"
    with pytest.warns(UserWarning, match=message) as caught:
        nlp.initialize(lambda: [*make_examples(nlp), example])
    assert len(caught) == 1
    losses = nlp.update([example], sgd=nlp.resume_training())
    assert losses["lstm_ner"] > 0


def test_that_data_without_faults_gives_no_warning() -> None:
    nlp = make_pipeline()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp.initialize(lambda: make_examples(nlp))


@pytest.mark.parametrize("text", ["", " ", "\n\n \t"])
def test_a_document_of_whitespace(text: str) -> None:
    nlp = make_pipeline()
    optimizer = nlp.initialize(lambda: make_examples(nlp))
    assert found(nlp(text)) == []
    example = Example.from_dict(nlp.make_doc(text), {"entities": []})
    losses = nlp.update([example], sgd=optimizer)
    assert losses["lstm_ner"] >= 0
    assert nlp.evaluate([example])["speed"] >= 0


def test_a_folder_of_another_component(tmp_path) -> None:
    nlp = make_pipeline()
    nlp.initialize(lambda: make_examples(nlp))
    ner_of(nlp).to_disk(tmp_path)
    model = tmp_path / "model"
    model.write_bytes(model.read_bytes()[:-100])
    other = make_pipeline()
    with pytest.raises(ValueError, match="'lstm_ner': can't load"):
        ner_of(other).from_disk(tmp_path)
    assert ner_of(other).labels == ()
    other.initialize(lambda: [make_example(other, "Paris/U-LOC")])
    with pytest.raises(ValueError, match="made for the labels"):
        ner_of(other).from_bytes(ner_of(nlp).to_bytes())
    assert ner_of(other).labels == ("LOC",)
