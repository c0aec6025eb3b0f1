import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy
import pytest
import spacy
import torch
from spacy.language import Language
from spacy.ml import FeatureExtractor
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import (
    HashEmbed,
    Maxout,
    Model,
    chain,
    list2ragged,
    ragged2list,
    with_array,
)

import spacy_lstm
from spacy_lstm.attribution.entity_targets import entity_logits
from spacy_lstm.attribution.explanation import Explanation
from spacy_lstm.modules.crf.crf import CRF
from spacy_lstm.modules.pooling import Pooling

from .planted import (
    CNN,
    EMBED,
    LISTENER,
    LSTM,
    make_categories,
    make_entities,
    make_tags,
    make_texts,
    train,
)

NGRAMS = {"@architectures": "spacy-lstm.TextCatNgrams.v1", "min_df": 1}
TEXT_OF_TAGS = "three left five one"
BAG_OF_WORDS = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": False,
    "ngram_size": 1,
    "no_output_layer": False,
    "length": 4096,
}


def textcat(tok2vec: dict = LSTM, **settings: Any) -> dict:
    return {
        "@architectures": "spacy-lstm.TextCatRNN.v2",
        "tok2vec": tok2vec,
        "exclusive_classes": True,
        **settings,
    }


def first(explanation: Explanation) -> str:
    """The token with the largest score."""
    return explanation.tokens[int(numpy.argmax(explanation.scores))]


def assert_adds_up(explanation: Explanation) -> None:
    assert explanation.difference is not None
    assert explanation.error is not None
    assert abs(explanation.error) <= 0.01 * abs(explanation.difference)
    assert explanation.error == pytest.approx(
        explanation.logit - explanation.baseline - sum(explanation.scores)
    )


TEXT_CLASSIFIERS = {
    "ours": {
        "lstm_textcat": textcat(pooling=["attention", "max"], linear_model=NGRAMS)
    },
    "ours, any number": {
        "lstm_textcat_multilabel": textcat(exclusive_classes=False, linear_model=NGRAMS)
    },
    "ours, of version 0.1": {
        "lstm_textcat": {
            **textcat(ngram_size=2),
            "@architectures": "spacy-lstm.TextCatRNN.v1",
        }
    },
    "ours, shared": {
        "tok2vec": LSTM,
        "lstm_textcat": textcat(LISTENER),
    },
    "ours, dropping out": {
        "lstm_textcat": textcat(
            {
                "@architectures": "spacy.Tok2Vec.v2",
                "embed": {**EMBED, "chars": "cnn", "dropout": 0.2},
                "encode": {
                    "@architectures": "spacy-lstm.RNNEncoder.v1",
                    "hidden": 16,
                    "depth": 2,
                    "dropout": 0.2,
                    "output_dropout": 0.2,
                    "word_dropout": 0.1,
                    "weight_dropout": 0.1,
                    "activation_penalty": 1.0,
                    "temporal_activation_penalty": 1.0,
                    "l1": 0.01,
                },
            },
            dropout=0.3,
        )
    },
    "spaCy's bag of words": {"textcat_multilabel": BAG_OF_WORDS},
    "spaCy's ensemble": {
        "textcat": {
            "@architectures": "spacy.TextCatEnsemble.v2",
            "linear_model": {
                **BAG_OF_WORDS,
                "exclusive_classes": True,
                "no_output_layer": True,
            },
            "tok2vec": CNN,
        }
    },
    "spaCy's LSTM": {
        "textcat": {
            "@architectures": "spacy.TextCatReduce.v1",
            "exclusive_classes": True,
            "use_reduce_first": False,
            "use_reduce_last": False,
            "use_reduce_max": True,
            "use_reduce_mean": True,
            "tok2vec": {
                "@architectures": "spacy.Tok2Vec.v2",
                "embed": {
                    "@architectures": "spacy.CharacterEmbed.v2",
                    "width": 16,
                    "rows": 200,
                    "nM": 8,
                    "nC": 4,
                    "include_static_vectors": False,
                },
                "encode": {
                    "@architectures": "spacy.TorchBiLSTMEncoder.v1",
                    "width": 16,
                    "depth": 2,
                    "dropout": 0.3,
                },
            },
        }
    },
}


@pytest.mark.parametrize("name", TEXT_CLASSIFIERS)
def test_that_the_word_that_decides_comes_first(name: str) -> None:
    nlp = train(make_categories, **TEXT_CLASSIFIERS[name])
    for text, label in (("six yes two one", "good"), ("two four no", "bad")):
        cats = nlp(text).cats
        explanations = spacy_lstm.explain(nlp, text)
        assert explanations[0].label == label
        assert first(explanations[0]) in ("yes", "no")
        for explanation in explanations:
            assert explanation.component == nlp.pipe_names[-1]
            assert explanation.text == text
            assert explanation.start is explanation.end is None
            probability = cats[explanation.label]
            assert explanation.probability == pytest.approx(probability, abs=1e-5)
            assert_adds_up(explanation)


@pytest.mark.parametrize("linear_model", [NGRAMS, None])
def test_that_calibrated_probabilities_are_explained(linear_model: dict | None) -> None:
    nlp = train(make_categories, lstm_textcat=textcat(linear_model=linear_model))
    examples = make_categories(nlp)
    for example in examples[::4]:
        cats = example.reference.cats
        example.reference.cats = {label: 1 - truth for label, truth in cats.items()}
    nlp.get_pipe("lstm_textcat").calibrate(examples)
    text = "six yes two one"
    (explanation,) = spacy_lstm.explain(nlp, text)
    expected = nlp(text).cats[explanation.label]
    assert expected < 0.95
    assert explanation.probability == pytest.approx(expected, abs=1e-5)
    assert_adds_up(explanation)


def test_that_a_model_without_common_ngrams_is_explained() -> None:
    rare = {**NGRAMS, "min_df": 1000}
    nlp = train(make_categories, lstm_textcat=textcat(linear_model=rare))
    (explanation,) = spacy_lstm.explain(nlp, "six yes two one")
    assert first(explanation) == "yes"
    assert_adds_up(explanation)


def test_that_labels_which_ngrams_do_not_know_are_explained() -> None:
    nlp = train(make_categories, lstm_textcat=textcat(linear_model=NGRAMS))
    pipe = nlp.get_pipe("lstm_textcat")
    pipe.add_label("neutral")
    with_neutral = make_categories(nlp)
    for example in with_neutral[:6]:
        example.reference.cats = {"good": 0.0, "bad": 0.0, "neutral": 1.0}
    for _ in range(10):
        nlp.update(with_neutral, sgd=nlp.resume_training())
    text = "six yes two one"
    for label in pipe.labels:
        (explanation,) = spacy_lstm.explain(nlp, text, label=label)
        expected = nlp(text).cats[label]
        assert explanation.probability == pytest.approx(expected, abs=1e-5)
        assert_adds_up(explanation)


def test_that_a_linear_model_is_explained_exactly() -> None:
    nlp = train(make_categories, textcat_multilabel=BAG_OF_WORDS)
    words = ["six", "yes", "two", "yes", "one"]

    def logit(words: list[str]) -> float:
        doc = nlp(Doc(nlp.vocab, words=words))
        return float(torch.logit(torch.tensor(doc.cats["good"], dtype=torch.double)))

    (explanation,) = spacy_lstm.explain(nlp, " ".join(words), label="good")
    assert explanation.logit == pytest.approx(logit(words), abs=1e-5)
    without = [logit([w for w in words if w != word]) for word in ("six", "two", "one")]
    expected = [explanation.logit - other for other in without]
    assert numpy.array(explanation.scores)[[0, 2, 4]] == pytest.approx(
        expected, abs=1e-5
    )
    assert explanation.scores[1] == pytest.approx(explanation.scores[3])
    assert explanation.scores[1] > 0.01


def test_that_an_n_gram_is_shared_by_its_tokens() -> None:
    bag = {**BAG_OF_WORDS, "ngram_size": 3}
    nlp = train(make_categories, textcat_multilabel=bag)
    words, place = make_texts(["yes", "no"])[0]
    one, two = words[place : place + 2]
    (pair, first, second) = (
        spacy_lstm.explain(nlp, text, label="good")[0]
        for text in (f"{one} {two}", one, two)
    )
    bigram = pair.difference - first.difference - second.difference
    assert abs(bigram) > 1e-4
    probability = nlp(f"{one} {two}").cats["good"]
    assert pair.probability == pytest.approx(probability, abs=1e-6)
    expected = [first.scores[0] + bigram / 2, second.scores[0] + bigram / 2]
    assert pair.scores == pytest.approx(expected, abs=1e-6)


TAGGERS = {
    "ours": {
        "lstm_tagger": {"tok2vec": LSTM},
        "lstm_morphologizer": {"tok2vec": LSTM},
    },
    "spaCy's": {
        "tagger": {"@architectures": "spacy.Tagger.v2", "tok2vec": CNN},
        "morphologizer": {"@architectures": "spacy.Tagger.v2", "tok2vec": CNN},
    },
    "shared": {
        "tok2vec": LSTM,
        "tagger": {"tok2vec": LISTENER},
        "lstm_morphologizer": {"tok2vec": LISTENER},
    },
}


@pytest.mark.parametrize("name", TAGGERS)
def test_that_the_word_that_decides_for_a_token_comes_first(name: str) -> None:
    nlp = train(make_tags, **TAGGERS[name])
    doc = nlp(TEXT_OF_TAGS)
    assert [token.tag_ for token in doc] == ["O", "O", "L", "O"]
    explanations = spacy_lstm.explain(nlp, TEXT_OF_TAGS)
    names = nlp.pipe_names[-2:]
    assert [e.component for e in explanations] == [names[0]] * 4 + [names[1]] * 4
    assert [e.label for e in explanations[:4]] == ["O", "O", "L", "O"]
    assert [e.label for e in explanations[4:]] == [f"POS={token.pos_}" for token in doc]
    for i, explanation in enumerate(explanations):
        assert (explanation.start, explanation.end) == (i % 4, i % 4 + 1)
        assert explanation.text == doc[i % 4].text
        assert_adds_up(explanation)
    assert first(explanations[2]) == first(explanations[6]) == "left"


def test_that_probabilities_are_those_of_the_tagger() -> None:
    nlp = train(make_tags, steps=5, lstm_tagger={"tok2vec": LSTM})
    tagger = nlp.get_pipe("lstm_tagger")
    (expected,) = tagger.predict_probabilities([nlp.make_doc(TEXT_OF_TAGS)])
    for i, label in enumerate(tagger.labels):
        (found,) = spacy_lstm.explain(nlp, TEXT_OF_TAGS, token=2, label=label)
        assert found.label == label
        assert found.probability == pytest.approx(expected[2][i], abs=1e-6)


def test_that_a_label_that_was_not_decided_can_be_asked_about() -> None:
    nlp = train(make_tags, **TAGGERS["ours"])
    (explanation,) = spacy_lstm.explain(nlp, TEXT_OF_TAGS, token=2, label="R")
    assert explanation.component == "lstm_tagger"
    assert explanation.probability < 0.5
    assert explanation.scores[1] < 0
    decided = spacy_lstm.explain(nlp, TEXT_OF_TAGS, "lstm_tagger", label="O")
    assert [e.start for e in decided] == [0, 1, 3]
    assert spacy_lstm.explain(nlp, TEXT_OF_TAGS, label="R") == []


def recognizer(name: str, shared: bool = False) -> dict[str, dict]:
    return (
        {"tok2vec": LSTM, name: {"tok2vec": LISTENER}}
        if shared
        else {name: {"tok2vec": LSTM}}
    )


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("name", ["lstm_ner", "ner"])
def test_that_the_word_that_makes_an_entity_comes_first(
    name: str, shared: bool
) -> None:
    nlp = train(make_entities, steps=30, **recognizer(name, shared))
    words, place = make_texts(["mr", "nine"])[0]
    text = " ".join(words)
    assert [ent.start for ent in nlp(text).ents] == [place + 1]
    (explanation,) = spacy_lstm.explain(nlp, text)
    assert (explanation.component, explanation.label) == (name, "PER")
    assert (explanation.start, explanation.end) == (place + 1, place + 2)
    assert explanation.text == words[place + 1]
    assert first(explanation) == "mr"
    assert_adds_up(explanation)
    assert 0.5 < explanation.probability <= 1
    assert spacy_lstm.explain(nlp, text, token=place + 1) == [explanation]
    assert spacy_lstm.explain(nlp, text, token=place) == []
    assert spacy_lstm.explain(nlp, text, label="PER") == [explanation]
    nlp.get_pipe(name).add_label("ORG")
    assert spacy_lstm.explain(nlp, text, label="ORG") == []
    assert len(spacy_lstm.explain(nlp, text, label="PER")) == 1


def test_that_probabilities_are_those_of_the_recognizer() -> None:
    """With a temperature, and with preset entities."""
    nlp = train(make_entities, steps=30, **recognizer("lstm_ner"))
    ner = nlp.get_pipe("lstm_ner")
    ner.spans_key, ner.cfg["temperature"] = "found", 1.7
    ruler = nlp.add_pipe("entity_ruler", before="lstm_ner")
    ruler.add_patterns([{"label": "X", "pattern": "mr six"}])
    doc = nlp("mr two  three mr six mr eight")
    expected = doc.spans["found"].attrs["scores"].tolist()
    found = spacy_lstm.explain(nlp, doc)
    assert [(e.start, e.end) for e in found] == [
        (span.start, span.end) for span in doc.spans["found"]
    ]
    assert len(found) == len(doc.ents) - 1 > 0
    assert [e.probability for e in found] == pytest.approx(expected, abs=1e-6)


def test_the_gradient_of_the_logit_of_an_entity() -> None:
    crf = CRF(5).double().requires_grad_(False)
    crf.transitions += torch.randn(5, 5)
    emissions = torch.randn(2, 4, 5, dtype=torch.double, requires_grad=True)
    allowed = torch.ones(4, 5, dtype=torch.bool)
    allowed[3, 4] = False
    settings = {"crf": crf, "entity": (1, 3, 0), "allowed": allowed, "temperature": 1.3}
    assert torch.autograd.gradcheck(lambda x: entity_logits(x, **settings), emissions)
    logits = entity_logits(emissions, **settings)
    expected = crf.span_probabilities(
        emissions.flatten(0, 1),
        [4, 4],
        [(1, 3, 0), (5, 7, 0)],
        allowed.repeat(2, 1),
        1.3,
    )
    assert logits.sigmoid().tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_the_logit_of_an_entity_over_all_paths(scale: float) -> None:
    """Even if the probability is 1 in double precision."""
    crf = CRF(5).double().requires_grad_(False)
    crf.transitions += torch.randn(5, 5)
    allowed = torch.ones(3, 5, dtype=torch.bool)
    allowed[0, 2] = False
    entity = (1, 3, 0)
    tags = list(product(range(5), repeat=3))
    paths = torch.nn.functional.one_hot(torch.tensor(tags), 5).bool() & allowed
    is_held = [path[1:] == tuple(crf.scheme.tags(2, 0)) for path in tags]
    emissions = torch.randn(3, 5, dtype=torch.double)
    emissions[range(1, 3), crf.scheme.tags(2, 0)] += 6
    masses = crf.log_partition(
        (scale * emissions).repeat(len(tags), 1), [3] * len(tags), paths.flatten(0, 1)
    )
    held = torch.tensor(is_held)
    expected = masses[held].logsumexp(0) - masses[~held].logsumexp(0)
    (logit,) = entity_logits(scale * emissions[None], crf, entity, allowed, 1.0)
    assert logit == pytest.approx(expected)
    assert scale == 1.0 or abs(logit) > 40


def describe_state(nlp: Language) -> Iterator[Any]:
    """Everything that an explanation could modify."""
    yield nlp.to_bytes()
    yield torch.get_rng_state().tolist()
    yield [
        part if isinstance(part, str | int | float) else part.tolist()
        for part in numpy.random.get_state()
    ]
    for name, pipe in nlp.components:
        yield name, getattr(pipe, "listener_map", None), getattr(pipe, "cfg", None)
        for node in pipe.model.walk():
            yield node.id, node.name, node._func, dict(node.attrs)
            yield [node.get_grad(grad).tolist() for grad in node.grad_names]
            for shim in node.shims:
                if cache := getattr(shim, "cache", None):
                    yield sorted(cache.content[0])
                for parameter in shim._model.parameters():
                    yield parameter.requires_grad, shim._model.training
                    grad = parameter.grad
                    yield None if grad is None else grad.tolist()


def test_that_the_pipeline_is_not_changed() -> None:
    nlp = train(
        make_categories,
        steps=2,
        tok2vec=LSTM,
        lstm_textcat=textcat(LISTENER, linear_model=NGRAMS),
        textcat=TEXT_CLASSIFIERS["spaCy's LSTM"]["textcat"],
    )
    nlp.update(make_categories(nlp))  # keeps gradients
    text = "six yes two one"
    before = nlp(text).cats
    states = list(describe_state(nlp))
    assert any(isinstance(state, list) and state for state in states)
    explanations = spacy_lstm.explain(nlp, text)
    assert explanations == spacy_lstm.explain(nlp, text)
    for expected, found in zip(states, describe_state(nlp), strict=True):
        assert found == expected
    assert nlp(text).cats == before
    nlp.update(make_categories(nlp), sgd=nlp.resume_training())
    assert nlp(text).cats != before


CHARACTERS = TEXT_CLASSIFIERS["spaCy's LSTM"]["textcat"]["tok2vec"]


@pytest.mark.parametrize("name", ["lstm_ner", "ner"])
@pytest.mark.parametrize("tok2vec", [LSTM, CNN, CHARACTERS])
def test_copies_of_a_shared_tok2vec(tok2vec: dict, name: str) -> None:
    """`replace_listeners` creates copies without references to their blocks."""
    listener = {**LISTENER, "width": 32 if tok2vec is LSTM else 16}
    components = {"tok2vec": tok2vec, name: {"tok2vec": listener}}
    nlp = train(make_entities, steps=30, **components)
    text = " ".join(make_texts(["mr", "nine"])[0][0])
    (expected,) = spacy_lstm.explain(nlp, text)
    nlp.replace_listeners("tok2vec", name, ["model.tok2vec"])
    (found,) = spacy_lstm.explain(nlp, text)
    assert found.scores == pytest.approx(expected.scores, abs=1e-4)
    assert found.baseline == pytest.approx(expected.baseline, abs=1e-4)


def embed_twice(width: int) -> Model:
    read = chain(FeatureExtractor(["NORM"]), with_array(HashEmbed(width, 50, column=0)))
    return chain(read, with_array(Maxout(width, width, nP=2)))


spacy.registry.architectures("test-explain-twice", func=embed_twice)
NESTED = {**LSTM, "embed": {"@architectures": "test-explain-twice", "width": 16}}


def test_a_copy_of_which_the_embed_block_is_a_chain() -> None:
    nlp = train(make_tags, tok2vec=NESTED, lstm_tagger={"tok2vec": LISTENER})
    expected = spacy_lstm.explain(nlp, TEXT_OF_TAGS)
    nlp.replace_listeners("tok2vec", "lstm_tagger", ["model.tok2vec"])
    for own, other in zip(spacy_lstm.explain(nlp, TEXT_OF_TAGS), expected, strict=True):
        assert own.scores == pytest.approx(other.scores, abs=1e-4)


def test_a_shared_tok2vec_that_is_disabled() -> None:
    nlp = train(make_tags, steps=1, tok2vec=LSTM, tagger={"tok2vec": LISTENER})
    with (
        nlp.select_pipes(disable="tok2vec"),
        pytest.raises(ValueError, match="listens to 'tok2vec', which is disabled"),
    ):
        spacy_lstm.explain(nlp, "six yes two")


def test_the_weights_of_attention() -> None:
    nlp = train(
        make_categories,
        tok2vec=LSTM,
        lstm_textcat=textcat(LISTENER, pooling=["max", "attention"]),
        textcat=TEXT_CLASSIFIERS["spaCy's ensemble"]["textcat"],
    )
    text = "six yes two one"
    (shim,) = (
        shim
        for node in nlp.get_pipe("lstm_textcat").model.walk()
        for shim in node.shims
        if isinstance(shim.module, Pooling)
    )
    tokens = torch.from_numpy(nlp(text).tensor)
    attention = shim.module.poolings[1]
    expected = attention.weights(tokens, torch.tensor([4]))[:, 0].tolist()
    assert max(expected) - min(expected) > 0.01
    (explanation,) = spacy_lstm.explain(nlp, text, method="attention")
    assert explanation.component == "lstm_textcat"
    assert explanation.method == "attention"
    assert explanation.total == pytest.approx(1)
    assert explanation.scores == pytest.approx(expected)
    assert explanation.baseline is explanation.difference is explanation.error is None
    (by_gradients,) = spacy_lstm.explain(nlp, text, "lstm_textcat")
    assert explanation.logit == pytest.approx(by_gradients.logit)


def test_that_tokens_of_a_document_are_taken_as_they_are() -> None:
    nlp = train(make_categories, steps=2, lstm_textcat=textcat())
    doc = Doc(
        nlp.vocab, words=["don't", "yes", "\n", "!"], spaces=[True, False, False, False]
    )
    (explanation,) = spacy_lstm.explain(nlp, doc)
    assert explanation.tokens == ["don't", "yes", "\n", "!"]
    assert explanation.whitespace == [" ", "", "", ""]
    assert explanation.text == "don't yes\n!"
    (other,) = spacy_lstm.explain(nlp, "don't yes\n!")
    assert other.tokens == ["do", "n't", "yes", "\n", "!"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"text": ""}, "no words"),
        ({"text": " \n "}, "no words"),
        ({"text": None}, "`text` is None. Set it to a string or a Doc"),
        ({"nlp": "en"}, "`nlp` is 'en'. Set it to a spaCy pipeline"),
        ({"token": "1"}, "`token` is '1'. Set it to an integer"),
        ({"steps": "9"}, "`steps` is '9'. Set it to an integer of at least 8"),
        ({"component": "ner"}, "no component of the name 'ner'"),
        ({"component": "sentencizer"}, "no component of the name 'sentencizer'"),
        ({"label": "neutral"}, r"not a label. Use .* \['good', 'bad', .*'L'"),
        ({"component": "lstm_tagger", "label": "good"}, "'lstm_tagger': 'good' is not"),
        ({"token": 3}, "`token` is 3. .* from 0 to 2"),
        ({"token": -1}, "`token` is -1"),
        ({"component": "lstm_textcat", "token": 0}, "labels whole texts"),
        ({"method": "magic"}, "`method` is 'magic'"),
        ({"method": "attention"}, "no attention weights"),
        ({"steps": 7}, "`steps` is 7"),
    ],
)
def test_bad_input(two: Language, settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spacy_lstm.explain(**{"nlp": two, "text": "six yes two", **settings})


@pytest.mark.parametrize("factory", ["lstm_textcat", "tagger", "lstm_ner"])
def test_a_pipeline_that_was_not_trained(factory: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(factory).add_label("A")
    with pytest.raises(ValueError, match=f"'{factory}' can't read the text"):
        spacy_lstm.explain(nlp, "six yes two")


@pytest.fixture(scope="module")
def two() -> Language:
    """A classifier without attention, and a tagger."""
    fix_random_seed(0)
    nlp = train(make_categories, steps=1, lstm_textcat=textcat(pooling="max"))
    other = train(make_tags, steps=1, lstm_tagger={"tok2vec": LSTM})
    nlp.add_pipe("lstm_tagger", source=other)
    nlp.add_pipe("sentencizer")
    return nlp


def test_pipelines_without_anything_to_explain() -> None:
    nlp = spacy.blank("en")
    with pytest.raises(ValueError, match="in this pipeline: none"):
        spacy_lstm.explain(nlp, "six yes two")
    nlp.add_pipe("sentencizer")
    with pytest.raises(ValueError, match="in this pipeline: none"):
        spacy_lstm.explain(nlp, "six yes two")
    nlp.add_pipe("senter")
    with pytest.raises(ValueError, match="in this pipeline: none"):
        spacy_lstm.explain(nlp, "six yes two")
    nlp.add_pipe("beam_ner")
    with pytest.raises(ValueError, match="without beam"):
        spacy_lstm.explain(nlp, "six yes two")


def read_features(nO: int) -> Model:
    read = with_array(HashEmbed(nO, 50, column=0))
    return chain(FeatureExtractor(["NORM"]), list2ragged(), read, ragged2list())


def read_strings(nO: int) -> Model:
    words = Model("words", lambda model, docs, is_train: ([["a"]], lambda dY: docs))
    hashes = Model(
        "hashes",
        lambda model, Xs, is_train: (
            [model.ops.alloc2f(4, 16) for _ in Xs],
            lambda dY: [],
        ),
        dims={"nO": nO},
    )
    return chain(words, hashes)


@pytest.mark.parametrize("make", [read_features, read_strings])
def test_models_that_read_the_text_in_another_way(make: Callable) -> None:
    name = f"test-explain-{make.__name__}"
    spacy.registry.architectures(name, func=make)
    tok2vec = {"@architectures": name, "nO": 16}
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger", config={"model": {"tok2vec": tok2vec}})
    nlp.initialize(lambda: make_tags(nlp))
    with pytest.raises(ValueError, match=r"'tagger' can't be explained: the layer"):
        spacy_lstm.explain(nlp, "six yes two")


def test_that_nothing_heavy_is_imported_until_it_is_asked_for() -> None:
    code = "import sys, spacy_lstm; assert not {'torch', 'spacy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert spacy_lstm.explain.__name__ == "explain"
    assert spacy_lstm.render.__name__ == "render"
    assert not hasattr(spacy_lstm, "other")
    assert {"explain", "render"} <= set(dir(spacy_lstm))


def test_a_logit_that_is_not_finite() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger")
    tagged = Doc(nlp.vocab, words=["a", "b"], tags=["X", "X"])
    nlp.initialize(lambda: [Example(nlp.make_doc("a b"), tagged)])
    with pytest.raises(ValueError, match="'tagger': the logit of 'X' isn't finite"):
        spacy_lstm.explain(nlp, "a b")
