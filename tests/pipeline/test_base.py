"""Batches whose numbers are not finite."""

from collections.abc import Callable
from typing import Any

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam, Optimizer, fix_random_seed

COMPONENTS = [
    "lstm_textcat",
    "lstm_textcat_multilabel",
    "lstm_tagger",
    "lstm_morphologizer",
    "lstm_ner",
]
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16}
EMBED = {
    "@architectures": "spacy-lstm.LexemeEmbed.v1",
    "width": 8,
    "attrs": ["NORM"],
    "rows": [50],
    "unknown_rate": 0.0,
}
ENCODE = {"@architectures": "spacy-lstm.RNNEncoder.v1", "hidden": 8}
TOK2VEC = {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": ENCODE}
NAN, INFINITE = float("nan"), float("inf")

# Each of them warns once, and of nothing else.
pytestmark = pytest.mark.filterwarnings("error")


def add(nlp: Language, factory: str, tok2vec: dict[str, Any]) -> None:
    size = {"linear_model": None} if "textcat" in factory else {}
    nlp.add_pipe(factory, config={"model": {"tok2vec": tok2vec, **size}})


def make_shared(*factories: str) -> Language:
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": TOK2VEC})
    for factory in factories:
        add(nlp, factory, LISTENER)
    return nlp


def make_examples(nlp: Language) -> list[Example]:
    rows = [
        ("Ann left London", ["N", "V", "N"], ["B-PER", "O", "B-LOC"], "good"),
        ("She left", ["P", "V"], ["O", "O"], "bad"),
    ]
    examples = []
    for text, tags, ents, label in rows:
        words = text.split()
        pos = ["VERB" if tag == "V" else "X" for tag in tags]
        doc = Doc(nlp.vocab, words=words, tags=tags, pos=pos, ents=ents)
        doc.cats = {name: float(name == label) for name in ("good", "bad")}
        examples.append(Example(Doc(nlp.vocab, words=words), doc))
    return examples


def initialize(nlp: Language) -> tuple[list[Example], Optimizer]:
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    return examples, Adam(0.01, L2=0.1)


def update(nlp: Language, examples: list[Example]) -> dict[str, float]:
    return nlp.update(examples, sgd=False)


def finish(nlp: Language, optimizer: Optimizer) -> None:
    """What spaCy's training loop does at the end of a step."""
    for _, pipe in nlp.pipeline:
        pipe.finish_update(optimizer)


def step(
    nlp: Language, examples: list[Example], optimizer: Optimizer
) -> dict[str, float]:
    losses = update(nlp, examples)
    finish(nlp, optimizer)
    return losses


def weights(nlp: Language) -> list[bytes]:
    return [pipe.model.to_bytes() for _, pipe in nlp.pipeline]


def state(nlp: Language, optimizer: Optimizer) -> tuple:
    moments = [
        {key: array.tobytes() for key, array in table.items()}
        for table in (optimizer.mom1, optimizer.mom2, optimizer.averages)
    ]
    return weights(nlp), moments, dict(optimizer.nr_update)


def spoil_first(values: Any) -> None:
    first = values[0] if isinstance(values, list) else values
    first[0, 0] = INFINITE


def spoil_scores(pipe: Any) -> Callable[[], None]:
    forward = pipe.model._func

    def spoiled(model: Any, docs: list[Doc], is_train: bool) -> tuple:
        scores, backprop = forward(model, docs, is_train)
        spoil_first(scores)
        return scores, backprop

    pipe.model._func = spoiled
    return lambda: setattr(pipe.model, "_func", forward)


def spoil_loss(pipe: Any) -> Callable[[], None]:
    get_loss = pipe.get_loss
    pipe.get_loss = lambda *args: (NAN, get_loss(*args)[1])
    return lambda: vars(pipe).pop("get_loss")


def spoil_gradient(pipe: Any) -> Callable[[], None]:
    get_loss = pipe.get_loss

    def spoiled(*args: Any) -> tuple:
        loss, gradient = get_loss(*args)
        spoil_first(gradient)
        return loss, gradient

    pipe.get_loss = spoiled
    return lambda: vars(pipe).pop("get_loss")


# Each breaks a component until the function that it returns is called. The loss and
# gradient of `lstm_ner` are finite wherever its scores are.
WAYS = [
    (spoil, factory)
    for spoil in (spoil_scores, spoil_loss, spoil_gradient)
    for factory in COMPONENTS
    if factory != "lstm_ner" or spoil is spoil_scores
]


@pytest.mark.parametrize(("spoil", "factory"), WAYS)
def test_such_a_batch_changes_nothing(spoil: Callable, factory: str) -> None:
    nlp = make_shared(factory)
    examples, optimizer = initialize(nlp)
    for _ in range(2):
        step(nlp, examples, optimizer)
    before = state(nlp, optimizer)
    mend = spoil(nlp.get_pipe(factory))
    with pytest.warns(UserWarning, match=f"'{factory}': a step of training was skip"):
        assert step(nlp, examples, optimizer)[factory] == 0
    step(nlp, examples, optimizer)
    assert state(nlp, optimizer) == before
    mend()
    assert nlp.get_pipe(factory).skipped_steps.total == 2
    assert step(nlp, examples, optimizer)[factory] > 0
    assert all(a != b for a, b in zip(weights(nlp), before[0], strict=True))
    assert nlp.get_pipe(factory).skipped_steps.in_a_row == 0


@pytest.mark.parametrize("factory", COMPONENTS)
def test_gradients_that_were_collected_before_it_stay(factory: str) -> None:
    trained = []
    for is_broken in (False, True):
        nlp = make_shared(factory)
        examples, optimizer = initialize(nlp)
        update(nlp, examples[:1])
        if is_broken:
            mend = spoil_scores(nlp.get_pipe(factory))
            with pytest.warns(UserWarning, match="was skipped"):
                update(nlp, examples[1:])
            mend()
        finish(nlp, optimizer)
        trained.append(weights(nlp))
    assert trained[0] == trained[1]


def test_the_other_components_of_a_shared_tok2vec_learn() -> None:
    nlp = make_shared("lstm_tagger", "lstm_ner")
    examples, optimizer = initialize(nlp)
    before = weights(nlp)
    spoil_loss(nlp.get_pipe("lstm_tagger"))
    with pytest.warns(UserWarning, match="'lstm_tagger'"):
        step(nlp, examples, optimizer)
    changed = [a != b for a, b in zip(before, weights(nlp), strict=True)]
    assert changed == [True, False, True]


def test_ten_in_a_row_stop_the_training() -> None:
    nlp = make_shared("lstm_tagger")
    examples, _ = initialize(nlp)
    mend = spoil_loss(nlp.get_pipe("lstm_tagger"))
    with pytest.warns(UserWarning, match="was skipped"):
        update(nlp, examples)
    for _ in range(8):
        update(nlp, examples)
    mend()
    update(nlp, examples)
    spoil_loss(nlp.get_pipe("lstm_tagger"))
    for _ in range(9):
        update(nlp, examples)
    message = r"'lstm_tagger': 10 steps.*learn_rate.*grad_clip.*fp32.*vectors"
    with pytest.raises(ValueError, match=message):
        update(nlp, examples)
    assert nlp.get_pipe("lstm_tagger").skipped_steps.total == 19
    update(nlp, examples)  # a training that begins anew counts anew


@pytest.mark.parametrize("factory", ["lstm_tagger", "lstm_ner"])
@pytest.mark.parametrize("value", [NAN, INFINITE])
def test_a_bad_static_vector(factory: str, value: float) -> None:
    """The paths of documents without finite scores have no mass, and no loss."""
    nlp = spacy.blank("en")
    for word in ("Ann", "left", "London", "She"):
        nlp.vocab.set_vector(word, numpy.ones(3, dtype="f"))
    embed = {**EMBED, "include_static_vectors": True}
    add(nlp, factory, {**TOK2VEC, "embed": embed})
    examples, optimizer = initialize(nlp)
    step(nlp, examples, optimizer)
    nlp.vocab.vectors.data[nlp.vocab.vectors.find(key="London")] = value
    before = state(nlp, optimizer)
    with pytest.warns(UserWarning, match=f"'{factory}'"):
        step(nlp, examples, optimizer)
    assert state(nlp, optimizer) == before
    step(nlp, examples[1:], optimizer)
    assert weights(nlp) != before[0]
    assert nlp.get_pipe(factory).skipped_steps.total == 1


def without_annotation(nlp: Language) -> list[Example]:
    docs = [Doc(nlp.vocab, words=["She", "left", "London"]) for _ in range(2)]
    return [Example(doc.copy(), doc) for doc in docs]


@pytest.mark.parametrize("factory", COMPONENTS)
@pytest.mark.parametrize("is_shared", [True, False])
def test_a_batch_without_annotation_moves_no_weight(
    factory: str, is_shared: bool
) -> None:
    """Neither by momentum nor by weight decay."""
    if is_shared:
        nlp = make_shared(factory)
    else:
        fix_random_seed(0)
        nlp = spacy.blank("en")
        add(nlp, factory, TOK2VEC)
    examples, optimizer = initialize(nlp)
    step(nlp, examples, optimizer)
    before = state(nlp, optimizer)
    for _ in range(3):
        assert step(nlp, without_annotation(nlp), optimizer)[factory] == 0
    assert state(nlp, optimizer) == before


@pytest.mark.parametrize("factory", COMPONENTS)
def test_that_others_learn_from_a_batch_without_annotation_for_one(
    factory: str,
) -> None:
    others = [other for other in COMPONENTS[2:] if other != factory]
    for order in ([factory, *others], [*others, factory]):
        nlp = make_shared(*order)
        examples, optimizer = initialize(nlp)
        for example in examples:
            if "textcat" in factory:
                example.reference.cats = {}
            elif factory == "lstm_ner":
                example.reference.set_ents([], default="missing")
            else:
                for token in example.reference:
                    if factory == "lstm_tagger":
                        token.tag_ = ""
                    else:
                        token.pos_ = ""
                        token.set_morph(None)
        before = weights(nlp)
        losses = step(nlp, examples, optimizer)
        changed = [a != b for a, b in zip(weights(nlp), before, strict=True)]
        assert losses[factory] == 0
        assert changed[0]
        assert not changed[1 + order.index(factory)]
        assert sum(changed) == len(order)
