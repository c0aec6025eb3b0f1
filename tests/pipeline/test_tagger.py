from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest
import spacy
import srsly
from numpy.testing import assert_allclose
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Token
from spacy.training import Example
from thinc.api import to_numpy

from spacy_lstm.pipeline.tagger import DEFAULT_MODEL, LSTMTagger

from .tagging import make_doc, make_example, make_examples, make_pipeline, train

WORDS = ["the", "cats", "sleep", "quietly"]


@pytest.fixture
def nlp() -> Language:
    nlp = make_pipeline("lstm_tagger")
    train(nlp)
    return nlp


def tagger_of(nlp: Language) -> LSTMTagger:
    (_, tagger), *_ = nlp.pipeline
    assert isinstance(tagger, LSTMTagger)
    return tagger


def tags(nlp: Language, words: list[str] = WORDS) -> list[str]:
    return [token.tag_ for token in nlp(Doc(nlp.vocab, words=words))]


def test_that_it_learns_its_examples(nlp: Language) -> None:
    scores = nlp.evaluate(make_examples(nlp))
    assert scores["tag_acc"] == 1.0


def test_that_labels_are_those_of_spacys_tagger(nlp: Language) -> None:
    spacys = make_pipeline("tagger")
    spacys.initialize(lambda: make_examples(spacys))
    assert tagger_of(nlp).labels == spacys.get_pipe("tagger").labels
    assert tagger_of(nlp).label_data == spacys.get_pipe("tagger").label_data


def test_that_labels_can_be_given() -> None:
    nlp = make_pipeline("lstm_tagger")
    labels = ["X", "DT", "NN", "NNS", "VBZ", "VBP", "RB"]
    tagger_of(nlp).initialize(lambda: make_examples(nlp), nlp=nlp, labels=labels)
    assert list(tagger_of(nlp).labels) == labels


def test_that_a_batch_makes_no_difference(nlp: Language) -> None:
    def docs() -> list[Doc]:
        sizes = [0, 1, 4, 30]
        return [Doc(nlp.vocab, words=(WORDS * 10)[:size]) for size in sizes]

    together = list(nlp.pipe(docs()))
    alone = [nlp(doc) for doc in docs()]
    for a, b in zip(together, alone, strict=True):
        assert [token.tag_ for token in a] == [token.tag_ for token in b]
    probabilities = tagger_of(nlp).predict_probabilities(docs())
    for a, doc in zip(probabilities, docs(), strict=True):
        (b,) = tagger_of(nlp).predict_probabilities([doc])
        assert_allclose(a, b, atol=1e-5)


def test_that_it_is_the_same_after_saving(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    copied = make_pipeline("lstm_tagger").from_bytes(nlp.to_bytes())
    assert tags(loaded) == tags(copied) == tags(nlp)


def test_that_word_counts_are_saved(nlp: Language) -> None:
    def counts(nlp: Language) -> dict[str, int]:
        embed = tagger_of(nlp).model.get_ref("tok2vec").get_ref("embed")
        module = embed.shims[0].module
        keys = module.words.numpy().astype(numpy.uint64).tolist()
        strings = [nlp.vocab.strings[key] for key in keys]
        return dict(zip(strings, module.counts.tolist(), strict=True))

    assert counts(nlp)["the"] == 3
    assert counts(nlp)["cats"] == 1
    assert len(counts(nlp)) == 11
    loaded = make_pipeline("lstm_tagger").from_bytes(nlp.to_bytes())
    assert counts(loaded) == counts(nlp)


def test_that_tags_are_only_replaced_when_asked(nlp: Language) -> None:
    doc = make_doc(nlp, "the/XX/DET cats/NNS/NOUN")
    assert [token.tag_ for token in nlp(doc.copy())] == ["XX", "NNS"]
    tagger_of(nlp).cfg["overwrite"] = True
    assert [token.tag_ for token in nlp(doc.copy())] == ["DT", "NNS"]


def test_that_missing_and_unknown_tags_count_for_nothing(nlp: Language) -> None:
    tagger = tagger_of(nlp)
    sentences = [
        "the/DT/DET cat//NOUN",
        "the/DT/DET cat/YY/NOUN",
        "the/DT/DET cat/!RB/X",
    ]
    missing, unknown, wrong = (
        make_example(nlp, make_doc(nlp, sentence)) for sentence in sentences
    )
    scores = tagger.predict_probabilities([missing.predicted])
    loss, (gradient,) = tagger.get_loss([missing], scores)
    expected = -numpy.log(scores[0][0, tagger.labels.index("DT")])
    assert loss == pytest.approx(expected, abs=1e-6)
    assert not gradient[1].any()
    assert tagger.get_loss([unknown], scores)[0] == loss
    _, (gradient,) = tagger.get_loss([wrong], scores)
    (column,) = (gradient[1] > 0).nonzero()[0]
    assert tagger.labels[column] == "RB"
    assert gradient[1].sum() == pytest.approx(0, abs=1e-6)
    nlp.update([missing, unknown, wrong])


def test_that_negative_tags_are_no_labels() -> None:
    nlp = make_pipeline("lstm_tagger")
    docs = [make_doc(nlp, "the/DT/DET cat/!RB/X"), make_doc(nlp, "!/!/PUNCT")]
    nlp.initialize(lambda: [make_example(nlp, doc) for doc in docs])
    assert tagger_of(nlp).labels == ("!", "DT", "RB")


def test_that_the_gradient_is_that_of_the_loss(nlp: Language) -> None:
    tagger = tagger_of(nlp)
    tagger.cfg["label_smoothing"] = 0.1
    examples = make_examples(nlp)[:1]
    scores = tagger.predict_probabilities([eg.predicted for eg in examples])
    logits = numpy.log(scores[0].astype("d"))
    _, (gradient,) = tagger.get_loss(examples, scores)

    def loss_of(logits: numpy.ndarray) -> float:
        exponents = numpy.exp(logits)
        probabilities = exponents / exponents.sum(axis=1, keepdims=True)
        return tagger.get_loss(examples, [probabilities])[0]

    for place in [(0, 0), (1, 2), (2, 5)]:
        step = numpy.zeros_like(logits)
        step[place] = 1e-4
        slope = (loss_of(logits + step) - loss_of(logits - step)) / 2e-4
        assert gradient[place] == pytest.approx(slope, abs=1e-3)


def test_that_probabilities_are_set_when_asked(nlp: Language) -> None:
    doc = nlp(Doc(nlp.vocab, words=WORDS))
    assert [token._.tag_prob for token in doc] == [None] * 4
    tagger_of(nlp).probabilities = True
    doc = nlp(make_doc(nlp, "the/XX/DET cats//NOUN sleep//VERB"))
    (expected,) = tagger_of(nlp).predict_probabilities([doc])
    assert doc[0]._.tag_prob is None  # not a tag of ours
    assert doc[1]._.tag_prob == pytest.approx(expected[1].max())
    assert doc[2]._.tag_prob == pytest.approx(expected[2].max())
    assert expected.sum(axis=1) == pytest.approx(numpy.ones(3), abs=1e-5)


def test_that_probabilities_survive(nlp: Language) -> None:
    tagger_of(nlp).probabilities = True
    doc = nlp(Doc(nlp.vocab, words=WORDS))
    stored = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (loaded,) = DocBin().from_bytes(stored).get_docs(nlp.vocab)
    assert loaded[2]._.tag_prob == doc[2]._.tag_prob
    with loaded.retokenize() as retokenizer:
        retokenizer.merge(loaded[0:2])
    assert loaded[1]._.tag_prob == doc[2]._.tag_prob


def test_that_a_normalized_model_gives_the_same_probabilities(nlp: Language) -> None:
    docs = [Doc(nlp.vocab, words=WORDS)]
    (expected,) = tagger_of(nlp).predict_probabilities(docs)
    for node in tagger_of(nlp).model.walk():
        if "softmax_normalize" in node.attrs:
            node.attrs["softmax_normalize"] = True
    (normalized,) = tagger_of(nlp).predict_probabilities(docs)
    assert_allclose(normalized, expected, atol=1e-6)


def test_that_the_attribute_of_someone_else_stays() -> None:
    Token.set_extension("tag_prob", default="mine", force=True)
    try:
        nlp = make_pipeline("lstm_tagger")
        assert nlp.make_doc("x")[0]._.tag_prob == "mine"
    finally:
        Token.set_extension("tag_prob", default=None, force=True)


def test_that_rehearsal_changes_it(nlp: Language) -> None:
    optimizer = nlp.resume_training()
    nlp.update(make_examples(nlp)[:2], sgd=optimizer)
    before = tagger_of(nlp).model.to_bytes()
    nlp.rehearse(make_examples(nlp), sgd=optimizer)
    assert tagger_of(nlp).model.to_bytes() != before


def test_that_the_seed_decides() -> None:
    def weights() -> bytes:
        spacy.util.fix_random_seed(3)
        nlp = make_pipeline("lstm_tagger")
        train(nlp, steps=3)
        return tagger_of(nlp).model.get_ref("output_layer").to_bytes()

    assert weights() == weights()


def test_tokens_that_are_aligned_differently(nlp: Language) -> None:
    reference = Doc(
        nlp.vocab,
        words=["the", "cat", "s", "leeps"],
        spaces=[True, True, False, False],
        tags=["DT", "NN", "VBZ", "VBZ"],
    )
    example = Example(Doc(nlp.vocab, words=["the", "cat", "sleeps"]), reference)
    assert tagger_of(nlp)._read_gold_labels(example) == ["DT", "NN", "VBZ"]


@pytest.mark.gpu
def test_that_a_gpu_gives_the_probabilities_of_the_cpu() -> None:
    if not spacy.prefer_gpu():
        pytest.skip("no GPU here, or CuPy is missing")
    nlp = make_pipeline("lstm_tagger")
    train(nlp, steps=3)
    docs = [Doc(nlp.vocab, words=WORDS)]
    (on_gpu,) = tagger_of(nlp).predict_probabilities(docs)
    saved = nlp.to_bytes()
    spacy.require_cpu()
    loaded = make_pipeline("lstm_tagger").from_bytes(saved)
    (on_cpu,) = tagger_of(loaded).predict_probabilities(docs)
    assert_allclose(to_numpy(on_gpu), on_cpu, atol=1e-4)


def test_that_labels_survive_json(nlp: Language, tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    srsly.write_json(path, tagger_of(nlp).label_data)
    other = make_pipeline("lstm_tagger")
    labels = srsly.read_json(path)
    tagger_of(other).initialize(lambda: make_examples(other), nlp=other, labels=labels)
    assert tagger_of(other).labels == tagger_of(nlp).labels


def test_that_given_labels_save_reading_all_examples(nlp: Language) -> None:
    n_read = 0

    def get_examples() -> Iterator[Example]:
        nonlocal n_read
        for example in make_examples(nlp) * 20:
            n_read += 1
            yield example

    reads = []
    for labels in (None, list(tagger_of(nlp).labels)):
        n_read = 0
        tagger_of(nlp).initialize(get_examples, nlp=nlp, labels=labels)
        reads.append(n_read)
    assert reads[1] == reads[0] - 100 + 1


def test_white_space() -> None:
    nlp = make_pipeline("lstm_tagger")
    words = ["the", " ", "cat"]
    reference = Doc(nlp.vocab, words=words, tags=["DT", "_SP", "NN"])
    example = Example(Doc(nlp.vocab, words=words), reference)
    assert tagger_of(nlp)._read_gold_labels(example) == ["DT", "_SP", "NN"]


def test_that_several_processes_give_the_same_tags(nlp: Language) -> None:
    def docs() -> list[Doc]:
        return [Doc(nlp.vocab, words=WORDS[:n]) for n in (1, 3, 4, 2)]

    expected = [[token.tag_ for token in doc] for doc in nlp.pipe(docs())]
    tagger_of(nlp).probabilities = True
    found = list(nlp.pipe(docs(), n_process=2, batch_size=1))
    assert [[token.tag_ for token in doc] for doc in found] == expected
    assert 0 < found[1][2]._.tag_prob <= 1


@pytest.mark.parametrize("cache_size", [0, 1])
def test_that_the_cache_changes_no_tag(nlp: Language, cache_size: int) -> None:
    words = [WORDS, ["a", "dog", "sleeps"], ["unseen", "dogs"]] * 3
    docs = [Doc(nlp.vocab, words=sentence) for sentence in words]
    expected = tagger_of(nlp).predict(docs)
    embed = tagger_of(nlp).model.get_ref("tok2vec").get_ref("embed")
    embed.shims[0].cache.size = cache_size
    embed.shims[0].weights_changed()
    for batch in (docs, docs[:1], docs):
        for a, b in zip(tagger_of(nlp).predict(batch), expected, strict=False):
            assert a.tolist() == b.tolist()


def test_replace_listeners() -> None:
    nlp = spacy.blank("en")
    tok2vec = DEFAULT_MODEL["tok2vec"]
    nlp.add_pipe("tok2vec", config={"model": tok2vec})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 256}
    nlp.add_pipe("lstm_tagger", config={"model": {"tok2vec": listener}})
    train(nlp, steps=5)
    expected = tags(nlp)
    nlp.replace_listeners("tok2vec", "lstm_tagger", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert tags(nlp) == expected


def test_a_component_without_labels_can_be_saved() -> None:
    for factory in ("lstm_tagger", "lstm_morphologizer"):
        saved = make_pipeline(factory).to_bytes()
        assert make_pipeline(factory).from_bytes(saved).get_pipe(factory).labels == ()
