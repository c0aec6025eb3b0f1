import copy
import pickle
from itertools import islice

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, SpanGroup
from spacy.training import Example
from spacy.util import registry

from spacy_lstm.pipeline.ner import LSTMEntityRecognizer
from spacy_lstm.pipeline.tok2vec import DEFAULT_TOK2VEC

from .recognizing import (
    SENTENCES,
    found,
    make_doc,
    make_example,
    make_examples,
    make_pipeline,
    train,
)

TEXT = "Mary Jones lives in New York"
FOUND = [("Mary Jones", "PER"), ("New York", "GPE")]


@pytest.fixture(scope="module")
def trained() -> Language:
    spacy.util.fix_random_seed(0)
    nlp = make_pipeline()
    train(nlp, make_examples(nlp))
    return nlp


@pytest.fixture
def nlp(trained: Language) -> Language:
    """A pipeline that was trained until it knows its examples."""
    copied = make_pipeline()
    copied.from_bytes(trained.to_bytes())
    return copied


def ner_of(nlp: Language) -> LSTMEntityRecognizer:
    return nlp.get_pipe("lstm_ner")


def probabilities(doc: Doc, key: str = "found") -> dict[tuple[str, str], float]:
    group = doc.spans[key]
    scores = group.attrs["scores"].tolist()
    return {
        (span.text, span.label_): score
        for span, score in zip(group, scores, strict=True)
    }


def test_that_it_learns(nlp: Language) -> None:
    examples = make_examples(nlp)
    scores = nlp.evaluate(examples)
    assert scores["ents_f"] == 1.0
    assert scores["ents_per_type"].keys() == {"GPE", "PER"}
    assert found(nlp(TEXT)) == FOUND
    assert ner_of(nlp).labels == ("GPE", "PER")
    assert ner_of(nlp).label_data == ["GPE", "PER"]


@pytest.mark.parametrize("scheme", ["biluo", "bio"])
def test_both_schemes(scheme: str) -> None:
    nlp = make_pipeline(model={"scheme": scheme})
    train(nlp, make_examples(nlp))
    assert nlp.evaluate(make_examples(nlp))["ents_f"] == 1.0


def test_that_tokens_outside_are_annotated_as_spacy_does(nlp: Language) -> None:
    doc = nlp(TEXT)
    assert doc.has_annotation("ENT_IOB", require_complete=True)
    assert [token.ent_iob_ for token in doc] == ["B", "I", "O", "O", "B", "I"]


def test_that_predicting_changes_nothing_else(nlp: Language) -> None:
    doc = make_doc(nlp, "Mary/- lives/- in/- London/-")
    doc.ents = []
    doc[0].tag_, doc[1].pos_, doc[2].lemma_ = "NNP", "VERB", "in"
    doc[0].ent_kb_id_, doc[0].ent_id_ = "Q1", "mary"
    doc.cats, doc.spans["other"] = {"a": 1.0}, [doc[0:1]]
    doc.user_data["key"] = "value"
    before = doc.to_json()
    doc = nlp(doc)
    after = doc.to_json()
    assert found(doc) == [("Mary", "PER"), ("London", "GPE")]
    assert doc.ents[0].kb_id_ == "Q1"
    assert doc.ents[0].ent_id_ == "mary"
    before.pop("ents", None)
    after.pop("ents")
    assert before == after
    assert [doc[i].tag_ for i in range(4)] == ["NNP", "", "", ""]
    assert (doc[1].pos_, doc[2].lemma_) == ("VERB", "in")


def test_that_a_document_is_read_the_same_in_any_batch(nlp: Language) -> None:
    texts = [TEXT, "", "London", "nobody lives here " * 20, TEXT]
    ner_of(nlp).spans_key = "found"
    alone = [nlp(text) for text in texts]
    for n_process in (1, 2):
        together = list(nlp.pipe(texts, batch_size=3, n_process=n_process))
        for one, other in zip(alone, together, strict=True):
            assert found(one) == found(other)
            assert probabilities(one) == pytest.approx(probabilities(other), abs=1e-5)


def test_serialization(nlp: Language, tmp_path) -> None:
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    from_bytes = spacy.blank("en")
    from_bytes.add_pipe("lstm_ner")
    from_bytes.from_bytes(nlp.to_bytes())
    pickled = pickle.loads(pickle.dumps(nlp))
    copied = copy.deepcopy(nlp)
    for other in (loaded, from_bytes, pickled, copied):
        assert found(other(TEXT)) == FOUND
        assert ner_of(other).labels == ("GPE", "PER")
        scores = ner_of(other).model.predict([other.make_doc(TEXT)])
        expected = ner_of(nlp).model.predict([nlp.make_doc(TEXT)])
        numpy.testing.assert_array_equal(scores[0], expected[0])


def test_that_probabilities_can_be_asked_for_when_loading(
    nlp: Language, tmp_path
) -> None:
    nlp.to_disk(tmp_path)
    settings = {"components": {"lstm_ner": {"spans_key": "found"}}}
    doc = spacy.load(tmp_path, config=settings)(TEXT)
    assert probabilities(doc).keys() == set(FOUND)
    assert all(0.5 < score <= 1 for score in probabilities(doc).values())


def test_that_span_groups_survive_docbin(nlp: Language) -> None:
    ner_of(nlp).spans_key = "found"
    docs = DocBin(docs=[nlp(TEXT)], store_user_data=True)
    (doc,) = DocBin().from_bytes(docs.to_bytes()).get_docs(nlp.vocab)
    assert probabilities(doc) == probabilities(nlp(TEXT))


def test_the_n_best_paths(nlp: Language) -> None:
    ner = ner_of(nlp)
    ner.spans_key, ner.n_best = "found", 5
    doc = nlp(TEXT)
    listed = probabilities(doc)
    assert found(doc) == FOUND
    assert listed.keys() > set(FOUND)
    starts = [(span.start, span.end) for span in doc.spans["found"]]
    assert starts == sorted(starts)
    assert all(listed[entity] < 0.5 for entity in listed.keys() - set(FOUND))


def test_the_threshold(nlp: Language) -> None:
    ner = ner_of(nlp)
    ner.spans_key = "found"
    scores = probabilities(nlp(TEXT))
    (less_probable, low), (_, high) = sorted(scores.items(), key=lambda pair: pair[1])
    ner.threshold = (low + high) / 2
    doc = nlp(TEXT)
    assert found(doc) == [entity for entity in FOUND if entity != less_probable]
    assert probabilities(doc) == scores
    ner.spans_key = None
    doc = nlp(TEXT)
    assert found(doc) == [entity for entity in FOUND if entity != less_probable]
    assert not doc.spans


@pytest.mark.parametrize("spans_key", [None, "found"])
def test_the_threshold_where_nothing_is_found(
    nlp: Language, spans_key: str | None
) -> None:
    ner_of(nlp).spans_key, ner_of(nlp).threshold = spans_key, 0.5
    texts = ["nobody lives here", "", TEXT, ""]
    assert [found(doc) for doc in nlp.pipe(texts)] == [[], [], FOUND, []]
    assert found(nlp("")) == []


def test_that_new_weights_have_no_temperature(nlp: Language) -> None:
    ner_of(nlp).calibrate([make_example(nlp, "Mary/U-GPE lives/O")])
    assert ner_of(nlp).cfg["temperature"] != 1.0
    nlp.initialize(lambda: make_examples(nlp))
    assert ner_of(nlp).cfg["temperature"] == 1.0


def test_predicting_one_document(nlp: Language) -> None:
    (own,) = ner_of(nlp).predict(nlp.make_doc(TEXT))
    assert len(own.entities) == len(FOUND)


def test_a_number_of_tags_that_is_given() -> None:
    nlp = make_pipeline(model={"nO": 5})
    train(nlp, make_examples(nlp))
    assert found(nlp(TEXT)) == FOUND


def test_calibration(nlp: Language, tmp_path) -> None:
    ner = ner_of(nlp)
    ner.spans_key = "found"
    before = probabilities(nlp(TEXT))
    wrong = make_example(nlp, "Mary/U-GPE lives/O in/O New/U-PER York/O")
    temperature = ner.calibrate([*make_examples(nlp), wrong])
    assert temperature > 1
    assert found(nlp(TEXT)) == FOUND
    after = probabilities(nlp(TEXT))
    assert all(after[entity] < before[entity] for entity in FOUND)
    nlp.to_disk(tmp_path)
    settings = {"components": {"lstm_ner": {"spans_key": "found"}}}
    loaded = spacy.load(tmp_path, config=settings)
    assert probabilities(loaded(TEXT)) == pytest.approx(after)
    assert ner.calibrate(make_examples(nlp)) < temperature
    assert ner.calibrate([]) < temperature


def test_that_scores_that_are_not_finite_leave_the_temperature(nlp: Language) -> None:
    ner = ner_of(nlp)
    ner.cfg["temperature"] = 1.5
    for node in ner.model.walk():
        for shim in node.shims:
            for parameter in shim.module.parameters():
                parameter.data.fill_(float("nan"))
    assert ner.calibrate(make_examples(nlp)) == 1.5
    assert nlp.to_bytes()


def test_calibration_on_what_a_shared_tok2vec_has_not_read() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": DEFAULT_TOK2VEC})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 256}
    nlp.add_pipe("lstm_ner", config={"model": {"tok2vec": listener}})
    examples = make_examples(nlp)
    train(nlp, examples, steps=2)
    for example in examples:
        example.predicted = nlp.make_doc(example.predicted.text)
    with pytest.raises(ValueError, match="has not read 'Mary Jones"):
        ner_of(nlp).calibrate(examples)
    for example in examples:
        example.predicted = nlp.get_pipe("tok2vec")(example.predicted)
    assert ner_of(nlp).calibrate(examples) != 1.0


def test_calibration_without_any_entity(nlp: Language) -> None:
    nobody = make_example(nlp, "nobody/O lives/O here/O")
    assert ner_of(nlp).calibrate([nobody]) == 1.0


def test_that_no_spans_are_written_by_default(nlp: Language) -> None:
    assert not nlp(TEXT).spans


def test_documents_without_tokens(nlp: Language) -> None:
    ner_of(nlp).spans_key = "found"
    for docs in ([""], ["", TEXT, ""]):
        for doc in nlp.pipe(docs):
            assert found(doc) == (FOUND if doc.text else [])
            assert isinstance(doc.spans["found"], SpanGroup)
            assert len(doc.spans["found"].attrs["scores"]) == len(doc.ents)


def test_a_shared_tok2vec() -> None:
    nlp = spacy.blank("en")
    model = {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy-lstm.LexemeEmbed.v1",
            "width": 16,
            "attrs": ["NORM", "SHAPE"],
            "rows": [100, 100],
            "unknown_rate": 0.5,
        },
        "encode": {"@architectures": "spacy-lstm.RNNEncoder.v1", "hidden": 8},
    }
    tok2vec = nlp.add_pipe("tok2vec", config={"model": model})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16}
    config = {
        "model": {
            "@architectures": "spacy-lstm.CRFTagger.v1",
            "tok2vec": listener,
        }
    }
    nlp.add_pipe("lstm_ner", config=config)
    train(nlp, make_examples(nlp), steps=60)
    assert nlp.evaluate(make_examples(nlp))["ents_f"] == 1.0
    assert tok2vec.listening_components == ["lstm_ner"]
    nlp.replace_listeners("tok2vec", "lstm_ner", ["model.tok2vec"])
    assert nlp.evaluate(make_examples(nlp))["ents_f"] == 1.0


def test_that_the_scores_of_the_chain_are_trained(nlp: Language) -> None:
    module = ner_of(nlp).model.get_ref("crf").shims[0].module
    before = [parameter.detach().clone() for parameter in module.parameters()]
    nlp.update(make_examples(nlp), sgd=nlp.resume_training())
    for old, new in zip(before, module.parameters(), strict=True):
        assert old.any()
        assert (old != new).any()


def test_missing_annotation(nlp: Language) -> None:
    ner = ner_of(nlp)
    everything = make_example(nlp, "Mary/U-PER met/O Ann/U-PER")
    nothing = make_example(nlp, "Mary/- met/- Ann/-")
    some = make_example(nlp, "Mary/U-PER met/- Ann/-")
    scores = ner.model.predict([everything.predicted])
    losses = [
        ner.get_loss([example], scores)[0] for example in (nothing, some, everything)
    ]
    assert losses[0] == pytest.approx(0.0, abs=1e-6)
    assert losses[0] < losses[1] < losses[2]
    _, (gradient,) = ner.get_loss([nothing], scores)
    assert abs(gradient).max() < 1e-6


def test_learning_from_a_part_of_the_annotation() -> None:
    nlp = make_pipeline()
    partly = "Mary/B-PER Jones/L-PER lives/O in/- Paris/U-GPE and/- London/U-GPE"
    train(nlp, [make_example(nlp, s) for s in [*SENTENCES, partly]])
    assert found(nlp("in Paris")) == [("Paris", "GPE")]
    assert nlp.evaluate(make_examples(nlp))["ents_f"] == 1.0


def test_incorrect_spans() -> None:
    nlp = make_pipeline(incorrect_spans_key="wrong", spans_key="found", n_best=3)
    examples = make_examples(nlp)
    train(nlp, examples)
    before = probabilities(nlp(TEXT))["New York", "GPE"]
    reference = make_doc(nlp, "Mary/- Jones/- lives/- in/- New/- York/-")
    reference.spans["wrong"] = [Span(reference, 4, 6, "GPE")]
    words = [token.text for token in reference]
    example = Example(Doc(nlp.vocab, words=words), reference)
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.01
    other = Example(nlp.make_doc("nobody knows"), nlp.make_doc("nobody knows"))
    for _ in range(20):
        losses = nlp.update([other, example], sgd=optimizer)
    assert losses["lstm_ner"] < 0.7
    assert before > 0.9
    assert probabilities(nlp(TEXT)).get(("New York", "GPE"), 0.0) < 0.5


def test_rehearsal(nlp: Language) -> None:
    nlp.get_pipe("lstm_ner").spans_key = "found"
    before = probabilities(nlp(TEXT))
    optimizer = nlp.resume_training()
    teacher = ner_of(nlp)._rehearsal_model
    new = make_example(nlp, "Mary/O Jones/O lives/O in/O Paris/U-GPE")
    for _ in range(5):
        nlp.update([new], sgd=optimizer)
    drifted = nlp.rehearse(make_examples(nlp), sgd=optimizer)["lstm_ner"]
    for _ in range(15):
        losses = nlp.rehearse(make_examples(nlp), sgd=optimizer)
    assert losses["lstm_ner"] < drifted
    assert teacher is ner_of(nlp)._rehearsal_model
    assert probabilities(nlp(TEXT)) == pytest.approx(before, abs=0.2)


def test_rehearsal_without_a_teacher(nlp: Language) -> None:
    assert nlp.rehearse(make_examples(nlp)) == {"lstm_ner": 0.0}


def test_a_label_that_is_added_later(nlp: Language) -> None:
    ner = ner_of(nlp)
    ner.spans_key = "found"
    before = probabilities(nlp(TEXT))
    optimizer = nlp.resume_training()
    assert ner.add_label("DAY") == 1
    assert ner.add_label("DAY") == 0
    assert ner.labels == ("GPE", "PER", "DAY")
    assert probabilities(nlp(TEXT)) == pytest.approx(before, abs=1e-2)
    examples = [
        *make_examples(nlp)[:4],
        make_example(nlp, "Bob/B-PER Jones/L-PER left/O London/U-GPE yesterday/U-DAY"),
    ]
    rehearsed = nlp.rehearse(examples, sgd=optimizer)["lstm_ner"]
    assert numpy.isfinite(rehearsed)
    assert ner._rehearsal_model.get_dim("nO") == ner.model.get_dim("nO") == 13
    optimizer.learn_rate = 0.01
    for _ in range(60):
        nlp.update(examples, sgd=optimizer)
    assert nlp.evaluate(examples)["ents_f"] == 1.0
    loaded = make_pipeline()
    loaded.from_bytes(nlp.to_bytes())
    assert loaded.evaluate(examples)["ents_f"] == 1.0


def test_a_label_that_the_training_data_brings(nlp: Language) -> None:
    optimizer = nlp.resume_training()
    nlp.update([make_example(nlp, "yesterday/U-DAY")], sgd=optimizer)
    assert ner_of(nlp).labels == ("GPE", "PER", "DAY")


def test_labels_before_and_at_initialization(tmp_path) -> None:
    nlp = make_pipeline()
    ner = ner_of(nlp)
    ner.add_label("ORG")
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    assert ner.labels == ("ORG", "GPE", "PER")
    assert ner.model.get_dim("nO") == 13
    nlp = make_pipeline()
    ner_of(nlp).initialize(lambda: examples, nlp=nlp, labels=["PER"])
    assert ner_of(nlp).labels == ("PER",)
    nlp.initialize(lambda: make_examples(nlp))
    assert ner_of(nlp).labels == ("PER", "GPE")
    assert ner_of(nlp).model.get_dim("nO") == 9


def test_that_the_same_seed_gives_the_same_model() -> None:
    models = []
    for _ in range(2):
        spacy.util.fix_random_seed(1)
        nlp = make_pipeline()
        train(nlp, make_examples(nlp), steps=3)
        models.append(ner_of(nlp).to_bytes())
    assert models[0] == models[1]


def test_a_label_with_a_hyphen() -> None:
    nlp = make_pipeline()
    examples = [make_example(nlp, "we/O saw/O New/B-GPE-CITY York/L-GPE-CITY")]
    train(nlp, examples)
    assert found(nlp("we saw New York")) == [("New York", "GPE-CITY")]


def test_that_misaligned_tokens_are_missing() -> None:
    nlp = make_pipeline()
    reference = make_doc(nlp, "Mary-Jones/U-PER left/O London/U-GPE")
    predicted = Doc(
        nlp.vocab,
        words=["Mary-", "Jones left", "London"],
        spaces=[False, True, False],
    )
    examples = [*make_examples(nlp), Example(predicted, reference)]
    with pytest.warns(UserWarning, match=r"In total: 1.* 'Mary-Jones' .* 'PER'"):
        nlp.initialize(lambda: examples)
    ner = ner_of(nlp)
    scores = ner.model.predict([predicted])
    loss, (gradient,) = ner.get_loss([examples[-1]], scores)
    assert loss > 0
    assert abs(gradient[2]).sum() > 0


def test_whole_pipelines_with_a_scorer() -> None:
    assert registry.get("scorers", "spacy.ner_scorer.v1")
    nlp = make_pipeline()
    meta = nlp.get_factory_meta("lstm_ner")
    assert meta.assigns == ["doc.ents", "token.ent_iob", "token.ent_type"]
    expected = nlp.get_factory_meta("ner").default_score_weights
    assert meta.default_score_weights == expected


def test_listing_labels_as_init_labels_does() -> None:
    nlp = make_pipeline()
    examples = make_examples(nlp)
    nlp.initialize(lambda: islice(examples, 2))
    assert ner_of(nlp).label_data == ["GPE", "PER"]
