import threading
from collections.abc import Callable

import numpy
import pytest
import spacy
import torch
from numpy.testing import assert_allclose
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vectors import Vectors
from thinc.api import Adam, Model

from spacy_lstm.layers.lexemes import LexemeShim, count_words
from spacy_lstm.models.embed import build_lexeme_embed

WORDS = [["the", "cat", "sat"], ["The", "cat", "sat", "on", "the", "mat"], ["a"]]
ATTRS = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
ROWS = [50, 20, 20, 20]
CHARS = [None, "cnn", "lstm"]


@pytest.fixture
def nlp() -> Language:
    nlp = spacy.blank("en")
    for i, word in enumerate(["cat", "mat", "sat"]):
        nlp.vocab.set_vector(word, numpy.full(5, i + 1, dtype="f"))
    return nlp


@pytest.fixture
def docs(nlp: Language) -> list[Doc]:
    return [Doc(nlp.vocab, words=words) for words in WORDS]


def make(docs: list[Doc], **settings) -> Model:
    model = build_lexeme_embed(8, ATTRS, ROWS, **settings)
    model.initialize(X=docs)
    return model


def shim_of(model: Model) -> LexemeShim:
    (shim,) = model.shims
    assert isinstance(shim, LexemeShim)
    return shim


@pytest.mark.parametrize("chars", CHARS)
@pytest.mark.parametrize("vectors", [True, False])
def test_words_have_one_vector(
    docs: list[Doc], chars: str | None, vectors: bool
) -> None:
    model = make(docs, chars=chars, include_static_vectors=vectors)
    Ys = model.predict(docs)
    assert [Y.shape for Y in Ys] == [(3, 8), (6, 8), (1, 8)]
    assert_allclose(Ys[0][0], Ys[1][4])
    assert_allclose(Ys[0][1], Ys[1][1])
    assert abs(Ys[0][0] - Ys[1][0]).max() > 1e-3  # another shape
    for doc, Y in zip(docs, Ys, strict=True):
        assert_allclose(model.predict([doc])[0], Y, atol=1e-6)


@pytest.mark.parametrize("chars", CHARS)
def test_training_and_prediction_agree(docs: list[Doc], chars: str | None) -> None:
    model = make(docs, chars=chars, include_static_vectors=True)
    for predicted, trained in zip(
        model.predict(docs), model.begin_update(docs)[0], strict=True
    ):
        assert_allclose(predicted, trained, atol=1e-6)


def test_gradients_of_a_words_tokens_are_summed(docs: list[Doc]) -> None:
    model = make(docs, chars="cnn")
    module = shim_of(model).module
    Ys, backprop = model.begin_update(docs)
    gradients = [
        numpy.random.default_rng(i).normal(size=Y.shape) for i, Y in enumerate(Ys)
    ]
    backprop([gradient.astype("f") for gradient in gradients])
    together = {
        name: p.grad.clone()
        for name, p in module.named_parameters()
        if p.grad is not None
    }
    module.zero_grad()
    for doc, gradient in zip(docs, gradients, strict=True):
        for i in range(len(doc)):
            alone = doc[i : i + 1].as_doc()
            model.begin_update([alone])[1]([gradient[i : i + 1].astype("f")])
    for name, parameter in module.named_parameters():
        if name in together:
            torch.testing.assert_close(
                parameter.grad, together[name], rtol=1e-4, atol=1e-5
            )


def test_documents_without_tokens(nlp: Language, docs: list[Doc]) -> None:
    model = make(docs)
    empty = nlp.make_doc("")
    assert model.predict([]) == []
    assert [Y.shape for Y in model.predict([empty, empty])] == [(0, 8), (0, 8)]
    assert [Y.shape for Y in model.predict([empty, docs[0]])] == [(0, 8), (3, 8)]
    Ys, backprop = model.begin_update([empty])
    assert backprop(Ys) == []


@pytest.mark.parametrize("chars", CHARS)
def test_words_of_any_characters(nlp: Language, docs: list[Doc], chars: str) -> None:
    model = make(docs, chars=chars)
    words = [
        "x" * 10_000,
        "\x00",
        "\x01",
        "\u200b",
        "\U0001f600",
        "x" * 20 + "y" + "x" * 20,
    ]
    (Y,) = model.predict([Doc(nlp.vocab, words=words)])
    assert numpy.isfinite(Y).all()


@pytest.mark.parametrize("cache_size", [0, 1, 3, 1000])
def test_cache_does_not_change_predictions(docs: list[Doc], cache_size: int) -> None:
    expected = make(docs, chars="cnn", cache_size=0)
    cached = make(docs, chars="cnn", cache_size=cache_size)
    cached.from_bytes(expected.to_bytes())
    for _ in range(3):
        for batch in ([docs[0]], docs, docs[::-1]):
            for Y, Z in zip(
                cached.predict(batch), expected.predict(batch), strict=True
            ):
                assert_allclose(Y, Z, atol=1e-5)
    assert len(shim_of(cached).cache.content[0]) <= cache_size


def update(model: Model, docs: list[Doc]) -> None:
    Ys, backprop = model.begin_update(docs)
    backprop(Ys)
    model.finish_update(Adam(0.1))


def load(model: Model, docs: list[Doc]) -> None:
    model.from_bytes(make(docs).to_bytes())


def count(model: Model, docs: list[Doc]) -> None:
    shim_of(model).module.unknown_rate = 0.5
    count_words(model, docs[2:])


@pytest.mark.parametrize("change", [update, load, count])
def test_changed_weights_clear_the_cache(docs: list[Doc], change: Callable) -> None:
    model = make(docs)
    before = model.predict(docs)
    change(model, docs)
    after = model.predict(docs)
    fresh = make(docs, cache_size=0)
    fresh.from_bytes(model.to_bytes())
    fresh.shims[0].module.unknown_rate = model.shims[0].module.unknown_rate
    assert abs(numpy.concatenate(before) - numpy.concatenate(after)).max() > 1e-3
    for Y, Z in zip(after, fresh.predict(docs), strict=True):
        assert_allclose(Y, Z, atol=1e-6)


def test_use_params_clears_the_cache(docs: list[Doc]) -> None:
    model = make(docs)
    before = model.predict(docs)
    shim = shim_of(model)
    averages = {
        (shim.id, name): numpy.zeros_like(parameter.detach().numpy())
        for name, parameter in shim.module.named_parameters()
    }
    with model.use_params(averages):
        assert abs(numpy.concatenate(model.predict(docs))).max() == 0
    for Y, Z in zip(model.predict(docs), before, strict=True):
        assert_allclose(Y, Z)


def test_cache_outlives_a_memory_zone(nlp: Language) -> None:
    words = ["cat", "blorple", "mat"]
    model = make([Doc(nlp.vocab, words=words)], chars="cnn")
    expected = model.predict([Doc(nlp.vocab, words=words)])[0]
    model = make([Doc(nlp.vocab, words=["a"])], chars="cnn").from_bytes(
        model.to_bytes()
    )
    for _ in range(2):
        with nlp.memory_zone():
            (inside,) = model.predict([Doc(nlp.vocab, words=[*words, "transient"])])
            assert_allclose(inside[:3], expected, atol=1e-6)
    assert len(shim_of(model).cache.content[0]) == 4
    assert "transient" not in nlp.vocab.strings
    assert_allclose(
        model.predict([Doc(nlp.vocab, words=words)])[0], expected, atol=1e-6
    )


def test_cache_size_is_bounded(nlp: Language) -> None:
    model = make([Doc(nlp.vocab, words=["a"])], cache_size=100)
    for i in range(50):
        with nlp.memory_zone():
            words = [f"word{i}-{j}" for j in range(90)]
            model.predict([Doc(nlp.vocab, words=words)])
    rows, table = shim_of(model).cache.content
    assert len(rows) <= 100
    assert table is not None
    assert table.shape == (100, 8)


def test_threads_share_the_cache(docs: list[Doc]) -> None:
    model = make(docs, chars="cnn", cache_size=4)
    expected = model.predict(docs)
    wrong = []

    def predict() -> None:
        for _ in range(50):
            for Y, Z in zip(model.predict(docs), expected, strict=True):
                if abs(Y - Z).max() > 1e-5:
                    wrong.append(Y)

    threads = [threading.Thread(target=predict) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_copy_has_its_own_cache(docs: list[Doc]) -> None:
    model = make(docs)
    before = model.predict(docs)
    copied = model.copy()
    assert shim_of(copied).cache.size == shim_of(model).cache.size
    update(copied, docs)
    assert abs(copied.predict(docs)[0] - before[0]).max() > 1e-3
    assert_allclose(model.predict(docs)[0], before[0])


def test_missing_static_vector(nlp: Language) -> None:
    words = ["cat", "nowhere"]
    model = make([Doc(nlp.vocab, words=words)], include_static_vectors=True)
    projection = shim_of(model).module.projection
    seen = []
    handle = projection.register_forward_hook(lambda *args: seen.append(args[2]))
    model.predict([Doc(nlp.vocab, words=words)])
    handle.remove()
    values = {tuple(row.tolist()) for row in seen[0]}
    assert (0.0,) * 8 in values
    assert len(values) == 2


def test_floret_vectors(nlp: Language) -> None:
    floret = spacy.blank("en")
    floret.vocab.vectors = Vectors(
        strings=floret.vocab.strings,
        data=numpy.random.default_rng(0).normal(size=(10, 4)).astype("f"),
        mode="floret",
        hash_count=1,
        minn=2,
        maxn=3,
    )
    docs = [Doc(floret.vocab, words=["cat", "nowhere"])]
    Y, Z = make(docs, include_static_vectors=True).predict(docs)[0]
    assert abs(Y - Z).max() > 1e-3


def test_static_vectors_are_required() -> None:
    nlp = spacy.blank("en")
    model = build_lexeme_embed(8, ATTRS, ROWS, include_static_vectors=True)
    with pytest.raises(ValueError, match=r"no vectors.*`vectors` of \[initialize\]"):
        model.initialize(X=[nlp.make_doc("a")])
    with pytest.raises(ValueError, match="Initialize the pipeline with examples"):
        model.initialize()


def test_static_vectors_of_another_width(docs: list[Doc]) -> None:
    model = make(docs, include_static_vectors=True)
    elsewhere = [Doc(spacy.blank("en").vocab, words=["cat"])]
    for run in (model.predict, model.begin_update):
        with pytest.raises(ValueError, match=r"of width 5, .* a width of 0"):
            run(elsewhere)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rows": [50, 20]}, "`attrs` has 4 entries, but `rows` has 2"),
        ({"rows": [50, 20, 20, 0]}, r"`rows` is \[50, 20, 20, 0\]"),
        ({"rows": 50}, "`rows` is 50"),
        ({"attrs": ["NORM", "NOSE"], "rows": [5, 5]}, "no attribute 'NOSE'"),
        ({"attrs": ["NORM", 10**6], "rows": [5, 5]}, "no attribute 1000000"),
        ({"attrs": [["NORM"]], "rows": [5]}, r"no attribute \['NORM'\]"),
        ({"attrs": [""], "rows": [5]}, "no attribute ''"),
        ({"attrs": [True], "rows": [5]}, "no attribute True"),
        ({"attrs": "NORM", "rows": [5]}, "`attrs` is 'NORM'. Give a list"),
        ({"attrs": ["NORM", "norm"], "rows": [5, 5]}, "without duplicates"),
        ({"attrs": [], "rows": []}, "nothing to embed"),
        ({"width": 0}, "`width` is 0"),
        ({"char_width": 1}, "`char_width` is 1"),
        ({"cache_size": -1}, "`cache_size` is -1"),
        ({"rare_count": 0}, "`rare_count` is 0"),
        ({"chars": "rnn"}, "`chars` is 'rnn'.*null, 'cnn', 'lstm'"),
        ({"dropout": 1.0}, "`dropout` is 1.0"),
        ({"unknown_rate": -0.5}, "`unknown_rate` is -0.5"),
        (
            {"attrs": ["SHAPE"], "rows": [5], "unknown_rate": 0.5},
            r"`unknown_rate` is 0.5, but none of the attributes \['SHAPE'\]",
        ),
    ],
)
def test_invalid_arguments(settings: dict, message: str) -> None:
    arguments = {"width": 8, "attrs": ATTRS, "rows": ROWS, **settings}
    with pytest.raises(ValueError, match=f"spacy-lstm.LexemeEmbed.v1: .*{message}"):
        build_lexeme_embed(**arguments)


@pytest.mark.parametrize("attrs", [[], ["IS_ALPHA"], ["LOWER", "TAG", "SPACY"]])
def test_attributes_of_any_kind(docs: list[Doc], attrs: list[str]) -> None:
    for doc in docs:
        for token in doc:
            token.tag_ = "X"
    model = build_lexeme_embed(8, attrs, [10] * len(attrs), chars="lstm")
    model.initialize(X=docs)
    before = model.predict(docs)
    docs[0][0].tag_ = "Y"
    changed = abs(model.predict(docs)[0] - before[0]).max(axis=1) > 1e-4
    assert changed.tolist() == [attrs[-1:] == ["SPACY"], False, False]


def test_replaced_static_vectors_clear_the_cache(docs: list[Doc]) -> None:
    model = make(docs, include_static_vectors=True)
    before = model.predict(docs)[0]
    vocab = docs[0].vocab
    doubled = Vectors(strings=vocab.strings, data=vocab.vectors.data * 2)
    for key, row in vocab.vectors.key2row.items():
        doubled.add(key, row=row)
    vocab.vectors = doubled
    changed = abs(model.predict(docs)[0] - before).max(axis=1) > 1e-3
    assert changed.tolist() == [False, True, True]


def test_documents_of_several_vocabularies(docs: list[Doc]) -> None:
    model = make(docs, chars="cnn")
    others = [Doc(spacy.blank("en").vocab, words=["xylophone"]), docs[0]]
    for Y, doc in zip(model.predict(others), others, strict=True):
        assert_allclose(Y, model.predict([doc])[0], atol=1e-6)


def test_cache_created_in_inference_mode(docs: list[Doc]) -> None:
    model = make(docs)
    with torch.inference_mode():
        (expected,) = model.predict(docs[:1])
    assert_allclose(model.predict(docs)[0], expected, atol=1e-6)
    assert len(shim_of(model).cache.content[0]) == 7
