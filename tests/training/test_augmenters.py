import pickle
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import spacy
import srsly
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy import registry
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Corpus, Example
from thinc.api import Config

from spacy_lstm.training.augment import (
    Casing,
    Chain,
    MentionReplacement,
    Typos,
    WordDropout,
    WordReplacement,
    WordSwap,
)
from spacy_lstm.training.augment.typos import find_neighbours
from spacy_lstm.training.augment.word_dropout import drop_tokens

from ..util import write_corpus

NLP = spacy.blank("en")
WORDS = ["big", "Ann", "don't", "ox", "-", ".", "\n", "İzmir", "straße", "good"]
MENTIONS = {"PER": ["Bob", "Mary Ann Jones"], "LOC": ["Rio de Janeiro"]}
SYNONYMS = {"big": ["large", "huge"], "good": ["fine"], "Ann": ["Eve"]}
AUGMENTERS: dict[str, Callable[..., Any]] = {
    "dropout": lambda **args: WordDropout(per_word=0.5, **args),
    "swap": lambda **args: WordSwap(per_word=0.5, **args),
    "replacement": lambda **args: WordReplacement(
        synonyms=SYNONYMS, per_word=0.5, **args
    ),
    "mentions": lambda **args: MentionReplacement(
        mentions=MENTIONS, per_mention=0.9, **args
    ),
    "lower": lambda **args: Casing(casing="lower", per_word=0.5, **args),
    "upper": lambda **args: Casing(casing="upper", **args),
    "title": lambda **args: Casing(casing="title", **args),
    "typos": lambda **args: Typos(per_word=0.5, **args),
}


@st.composite
def references(draw: st.DrawFn) -> Doc:
    """Documents with all annotations of spaCy. Each token has a unique tag."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    n, starts = sum(sizes), [sum(sizes[:i]) for i in range(len(sizes))]
    words = draw(st.lists(st.sampled_from(WORDS), min_size=n, max_size=n))
    doc = Doc(
        NLP.vocab,
        words=words,
        spaces=draw(st.lists(st.booleans(), min_size=n, max_size=n)),
        tags=[f"T{i}" for i in range(n)],
        lemmas=[f"L{i}" for i in range(n)],
        pos=draw(st.lists(st.sampled_from(["NOUN", "X"]), min_size=n, max_size=n)),
        morphs=[f"Number={i}" for i in range(n)],
        **draw(structures(starts, sizes)),
    )
    spans = draw(spans_of(doc))
    taken: set[int] = set()
    for span in spans:
        if not taken & set(range(span.start, span.end)):
            taken |= set(range(span.start, span.end))
            state = draw(st.sampled_from(["ents", "blocked", "outside"]))
            old = list(doc.ents) if state == "ents" else []
            new = {state: [span]} if state != "ents" else {}
            ents = [*old, span] if state == "ents" else []
            doc.set_ents(ents, **new, default="unmodified")
    doc.spans["wrong"] = SpanGroup(
        doc, name="wrong", attrs={"by": "me"}, spans=draw(spans_of(doc))
    )
    doc.cats = {"good": 0.25}
    doc.user_data["source"] = "here"
    return doc


@st.composite
def structures(draw: st.DrawFn, starts: list[int], sizes: list[int]) -> dict[str, Any]:
    n = sum(sizes)
    kind = draw(st.sampled_from(["heads", "some heads", "sentences", "none"]))
    if kind == "none":
        return {}
    if kind == "sentences":
        known = draw(st.lists(st.booleans(), min_size=n, max_size=n))
        inside = [False if is_known else None for is_known in known]
        return {"sent_starts": [i in starts or inside[i] for i in range(n)]}
    heads: list[int | None] = []
    for start, size in zip(starts, sizes, strict=True):
        order = draw(st.permutations(range(size)))
        own = [0] * size
        for rank, token in enumerate(order):
            parent = draw(st.integers(0, rank - 1)) if rank else 0
            own[token] = start + order[parent]
        heads += own
    deps: list[str | None] = [f"d{i}" for i in range(n)]
    for i in draw(st.sets(st.integers(0, n - 1))) if kind == "some heads" else ():
        heads[i] = deps[i] = None
    return {"heads": heads, "deps": deps}


@st.composite
def spans_of(draw: st.DrawFn, doc: Doc) -> list[Span]:
    spans = []
    for i in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(doc) - 1))
        end = draw(st.integers(start + 1, min(len(doc), start + 4)))
        label = draw(st.sampled_from(["PER", "LOC"]))
        spans.append(Span(doc, start, end, label, kb_id=f"Q{i}", span_id=f"id{i}"))
    return spans


def make_example(reference: Doc) -> Example:
    return Example(NLP.make_doc(reference.text), reference)


def augment(augmenter: Callable, reference: Doc) -> Doc:
    """Augment a document, and return the new or the same document."""
    return list(augmenter(NLP, make_example(reference)))[-1].reference


def sources(doc: Doc) -> list[int | None]:
    return [int(token.tag_[1:]) if token.tag else None for token in doc]


def sentences(doc: Doc) -> list[set[int | None]]:
    if not doc.has_annotation("SENT_START"):
        return [set(sources(doc))]
    return [set(sources(sent.as_doc())) for sent in doc.sents]


def facts_of_token(doc: Doc, i: int, *, lemma: bool) -> tuple:
    token = doc[i]
    return (
        *(token.pos_, str(token.morph), token.dep_, token.head.tag_),
        *(token.ent_iob_, token.ent_type_, token.ent_kb_id_, token.ent_id_),
        token.lemma_ if lemma else None,
    )


def facts_of_spans(doc: Doc) -> list[tuple]:
    return [
        (sources(span.as_doc()), span.label_, span.kb_id_, span.id_)
        for group in (doc.ents, doc.spans["wrong"])
        for span in group
    ]


@pytest.mark.parametrize("kind", sorted(AUGMENTERS.keys() - {"mentions"}))
@settings(max_examples=60, deadline=None)
@given(reference=references(), seed=st.integers(0, 9))
def test_what_is_left_keeps_its_annotations(
    kind: str, reference: Doc, seed: int
) -> None:
    before = reference.to_json()
    doc = augment(AUGMENTERS[kind](level=1.0, seed=seed), reference)
    assert reference.to_json() == before
    order = sources(doc)
    for i, source in enumerate(order):
        lemma = kind != "replacement" or doc[i].text == reference[source].text
        own = facts_of_token(doc, i, lemma=lemma)
        assert own == facts_of_token(reference, source, lemma=lemma)
        if kind in ("dropout", "swap"):
            assert doc[i].text == reference[source].text
    assert facts_of_spans(doc) == facts_of_spans(reference)
    assert sentences(doc) == [
        left for sent in sentences(reference) if (left := sent & set(order))
    ]
    assert doc.spans["wrong"].attrs == {"by": "me"}
    assert doc.cats == {"good": 0.25}
    assert doc.user_data == {"source": "here"}
    if kind == "dropout":
        assert order == sorted(order)
        words = {token.i for token in reference if not token.is_space}
        assert not words or words & set(order)
        assert set(range(len(reference))) - words <= set(order)
    else:
        assert sorted(order) == list(range(len(reference)))
        assert all(abs(i - source) <= 1 for i, source in enumerate(order))
    if kind in ("lower", "upper", "title", "typos", "replacement"):
        assert [t.whitespace_ for t in doc] == [t.whitespace_ for t in reference]
        assert order == list(range(len(reference)))


@settings(max_examples=100, deadline=None)
@given(reference=references(), seed=st.integers(0, 9))
def test_mentions_leave_all_else_as_it_is(reference: Doc, seed: int) -> None:
    augmenter = MentionReplacement(1.0, MENTIONS, 0.7, seed=seed)
    doc = augment(augmenter, reference)
    has_heads = reference.has_annotation("DEP")
    for i, source in enumerate(sources(doc)):
        if source is not None:
            own = list(facts_of_token(doc, i, lemma=True))
            expected = list(facts_of_token(reference, source, lemma=True))
            if not doc[i].head.tag:  # the head is a new mention
                own[3] = expected[3] = ""
            assert own == expected
        else:
            assert doc[i].lemma_ == doc[i].pos_ == doc[i].ent_kb_id_ == ""
            assert doc[i].ent_type_
    for old, new in zip(reference.ents, doc.ents, strict=True):
        assert new.label_ == old.label_
        assert new.text == old.text or new.text in MENTIONS[old.label_]
        assert new[-1].whitespace_ == old[-1].whitespace_
    kept = set(sources(doc))
    for old, new in zip(reference.spans["wrong"], doc.spans["wrong"], strict=True):
        left = set(range(old.start, old.end)) & kept
        assert set(sources(new.as_doc())) - {None} == left
        assert len(new) >= 1
    assert len(list(sentences(doc))) == len(list(sentences(reference)))
    if has_heads:
        heads = [token.head.i for token in reference]
        assert [token.head.i for token in doc] == heads
        assert [token.dep_ for token in doc] == [token.dep_ for token in reference]


def make_doc(text: str, **annotation: Any) -> Doc:
    words = text.split()
    return Doc(NLP.vocab, words=words, spaces=[True] * len(words), **annotation)


def texts(augmenter: Callable, *references: Doc) -> list[str]:
    made: Iterator[Example] = (
        example for doc in references for example in augmenter(NLP, make_example(doc))
    )
    return [example.reference.text.strip() for example in made]


@pytest.mark.parametrize("kind", AUGMENTERS)
def test_how_many_examples_are_given(kind: str) -> None:
    doc = make_doc("big Ann and good Eve slept", ents=["O", "B-PER"] + ["O"] * 4)
    example = make_example(doc)
    never = AUGMENTERS[kind](level=0.0)
    assert list(never(NLP, example)) == [example]
    (changed,) = AUGMENTERS[kind](level=1.0, seed=3)(NLP, example)
    assert changed.reference.text != doc.text
    assert changed.predicted.text == changed.reference.text
    both = list(AUGMENTERS[kind](level=1.0, seed=3, keep_original=True)(NLP, example))
    assert both[0] is example
    assert both[1].reference.text == changed.reference.text
    nothing = make_example(make_doc(". ."))
    keeping = AUGMENTERS[kind](level=1.0, keep_original=True)
    if kind != "dropout":
        assert list(keeping(NLP, nothing)) == [nothing]


@pytest.mark.parametrize("kind", AUGMENTERS)
def test_an_example_without_tokens(kind: str) -> None:
    example = make_example(Doc(NLP.vocab))
    assert list(AUGMENTERS[kind](level=1.0)(NLP, example)) == [example]


def test_the_level_is_the_share_of_examples() -> None:
    docs = [make_doc("One Two")] * 1000
    changed = texts(Casing(0.3), *docs).count("one two")
    assert 250 < changed < 350


@pytest.mark.parametrize("kind", AUGMENTERS)
def test_the_same_seed_gives_the_same_examples(kind: str) -> None:
    docs = [
        make_doc("big Ann saw good old Eve there", ents=["O", "B-PER"] + ["O"] * 5)
    ] * 5
    random.seed(0)
    expected = texts(AUGMENTERS[kind](level=0.7, seed=3), *docs)
    state = random.getstate()
    augmenter = pickle.loads(pickle.dumps(AUGMENTERS[kind](level=0.7, seed=3)))
    assert texts(augmenter, *docs) == expected
    assert random.getstate() == state
    continued = pickle.loads(pickle.dumps(augmenter))
    assert texts(continued, *docs) == texts(augmenter, *docs)
    assert expected != [doc.text.strip() for doc in docs]


def test_word_dropout_joins_spaces_and_sentences() -> None:
    doc = Doc(
        NLP.vocab,
        words=["I", "go", ".", "You", "do", "n't", "go"],
        spaces=[1, 0, 1, 1, 0, 1, 0],
        sent_starts=[True, False, False, True, False, False, False],
    )
    for lost, expected in [
        ({3, 5}, ["I go. ", "do go"]),
        ({0, 4}, ["go. ", "You n't go"]),
        ({1, 2, 3, 4}, ["I ", "n't go"]),
        ({0, 1, 2}, ["You don't go"]),
        ({3, 4, 5, 6}, ["I go. "]),
    ]:
        sents = drop_tokens(doc, lost).to_doc().sents
        assert [sent.text_with_ws for sent in sents] == expected


def test_word_dropout_leaves_one_word() -> None:
    doc = make_doc("a b c")
    left = {tuple(texts(WordDropout(1.0, 1.0, seed), doc)) for seed in range(20)}
    assert left == {("a",), ("b",), ("c",)}


def test_word_dropout_takes_leaves_only() -> None:
    doc = make_doc(
        "the old dog sleeps", heads=[2, 2, 3, 3], deps=["det", "amod", "nsubj", "ROOT"]
    )
    assert texts(WordDropout(1.0, 1.0), doc) == ["dog sleeps"]


def test_word_swap_lets_written_words_be() -> None:
    doc = Doc(
        NLP.vocab,
        words=["They", "do", "n't", "like", "it", "."],
        spaces=[True, False, True, True, False, False],
    )
    swapped = {tuple(texts(WordSwap(1.0, 0.5, seed), doc)) for seed in range(50)}
    assert swapped == {("They don't like it.",), ("They don't it like.",)}


def test_word_swap_without_spaces() -> None:
    doc = Doc(NLP.vocab, words=["我", "爱", "书", "。"], spaces=[False] * 4)
    swapped = {tuple(texts(WordSwap(1.0, 0.5, seed), doc)) for seed in range(50)}
    assert swapped == {("我爱书。",), ("爱我书。",), ("我书爱。",)}


def test_word_swap_keeps_to_sentences() -> None:
    doc = make_doc("a b", sent_starts=[True, True])
    assert texts(WordSwap(1.0, 1.0), doc) == ["a b"]


def test_sentences_stay_where_some_heads_are_missing() -> None:
    deps = ["nsubj", None, "ROOT", "ROOT"]
    doc = make_doc("dogs too run look", heads=[2, None, 2, 3], deps=deps)
    starts = [True, False, False, True]
    assert [token.is_sent_start for token in doc] == starts
    swapped = [augment(WordSwap(1.0, 0.5, seed), doc) for seed in range(20)]
    assert "too dogs run look " in {changed.text for changed in swapped}
    for changed in swapped:
        assert [token.is_sent_start for token in changed] == starts
    rest = drop_tokens(doc, {0}).to_doc()
    assert [token.is_sent_start for token in rest] == [True, False, True]


def test_word_replacement_takes_over_casing() -> None:
    synonyms = {"big": ["large"], "May": ["June"], "i": ["we"]}
    doc = make_doc("big Big BIG May may MAY I")
    replaced = texts(WordReplacement(1.0, synonyms, 1.0), doc)
    assert replaced == ["large Large LARGE June may MAY We"]


def test_word_replacement_keeps_entities() -> None:
    doc = make_doc("Big Ben is big", ents=["B-FAC", "I-FAC", "O", "O"])
    assert texts(WordReplacement(1.0, {"big": ["tall"]}, 1.0), doc) == [
        "Big Ben is tall"
    ]


def test_tables_from_files(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    srsly.write_json(path, {"big": ["large"]})
    for given_path in (path, str(path)):
        augmenter = WordReplacement(1.0, given_path, 1.0)
        assert texts(augmenter, make_doc("big")) == ["large"]


@pytest.mark.parametrize(
    ("casing", "text"),
    [
        ("lower", "she does n't like new-york 's straße"),
        ("upper", "SHE DOES N'T LIKE NEW-YORK 'S STRASSE"),
        ("title", "She Does n't Like New-york 's Straße"),
    ],
)
def test_casing(casing: str, text: str) -> None:
    words = ["She", "DOES", "n't", "like", "New-York", "'s", "straße"]
    spaces = [True, False, True, True, False, True, False]
    doc = Doc(NLP.vocab, words=words, spaces=spaces)
    changed = augment(Casing(1.0, casing), doc)
    assert [token.text for token in changed] == text.split()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("swap", {"Abdcx", "Acbdx", "Abcxd"}),
        ("drop", {"Acdx", "Abdx", "Abcx", "Abcd"}),
        ("double", {"Abbcdx", "Abccdx", "Abcddx", "Abcdxx"}),
        ("neighbour", {"Abvdx"}),
    ],
)
def test_typos(kind: str, expected: set[str]) -> None:
    found = set()
    for seed in range(100):
        typos = Typos(1.0, 1.0, [kind], ["cv"], seed=seed)
        found.update(texts(typos, make_doc("Abcdx")))
    assert found - {"Abcdx"} == expected


def test_neighbours_on_a_keyboard() -> None:
    keys = find_neighbours("", ["qwe", "asd", "zx"])
    assert set(keys["s"]) == set("adwezx")
    assert set(keys["q"]) == set("wa")
    typos = Typos(1.0, 1.0, ["neighbour"], ["ab"])
    assert texts(typos, make_doc("ZAA")) in (["ZBA"], ["ZAB"])


def test_typos_leave_short_words_and_numbers() -> None:
    assert texts(Typos(1.0, 1.0), make_doc("to 1999 a-b .")) == ["to 1999 a-b ."]


def make_linked(words: str, start: int, end: int, **annotation: Any) -> Doc:
    doc = make_doc(words, **annotation)
    kb_id = "Q" + doc[start].text
    doc.set_ents([Span(doc, start, end, "LOC", kb_id=kb_id)])
    return doc


def test_mentions_are_collected_as_they_come() -> None:
    docs = [make_linked("in Rio now", 1, 2), make_linked("to New York", 1, 3)]
    augmenter = MentionReplacement(1.0, None, 1.0)
    assert texts(augmenter, *docs, docs[0]) == [
        "in Rio now",
        "to Rio",
        "in New York now",
    ]
    (ent,) = augment(augmenter, docs[0]).ents
    assert (ent.text, ent.label_, ent.kb_id_) == ("New York", "LOC", "QNew")


def test_collected_mentions_bring_their_annotations() -> None:
    tagged = make_linked("to New York", 1, 3, tags=["IN", "NNP", "NNPS"])
    other = make_linked("in Rio now", 1, 2, tags=["IN", "NN", "RB"])
    plain = make_linked("in Oslo now", 1, 2)
    augmenter = MentionReplacement(1.0, None, 1.0)
    augment(augmenter, tagged)
    doc = augment(augmenter, other)
    assert [token.tag_ for token in doc] == ["IN", "NNP", "NNPS", "RB"]
    assert not augment(augmenter, plain).has_annotation("TAG")


def test_mentions_with_heads_have_the_same_structure() -> None:
    augmenter = MentionReplacement(1.0, None, 1.0)
    deps = ["prep", "compound", "pobj"]
    docs = [
        make_linked("to New York", 1, 3, heads=[0, 2, 0], deps=deps),
        make_linked("to Los Angeles", 1, 3, heads=[0, 2, 0], deps=deps),
        make_linked("to Bank Austria", 1, 3, heads=[0, 0, 1], deps=deps),
        make_linked("to Rio", 1, 2, heads=[0, 0], deps=["prep", "pobj"]),
    ]
    made = texts(augmenter, *docs)
    assert made == ["to New York", "to New York", "to Bank Austria", "to Rio"]


def test_mentions_that_spans_cover_partly_stay() -> None:
    doc = make_linked("to New York", 1, 3)
    doc.spans["parts"] = [Span(doc, 0, 2)]
    augmenter = MentionReplacement(1.0, {"LOC": ["Rio"]}, 1.0)
    assert texts(augmenter, doc) == ["to New York"]
    doc.spans["parts"] = [Span(doc, 0, 3), Span(doc, 0, 1)]
    changed = augment(augmenter, doc)
    assert [span.text.strip() for span in changed.spans["parts"]] == ["to Rio", "to"]


def test_mentions_over_a_sentence_boundary_stay() -> None:
    doc = make_linked("to New York", 1, 3, sent_starts=[True, False, True])
    assert texts(MentionReplacement(1.0, {"LOC": ["Rio"]}, 1.0), doc) == ["to New York"]


def test_sentence_starts_in_mentions_are_known_where_they_were() -> None:
    augmenter = MentionReplacement(1.0, {"LOC": ["Rio de Janeiro"]}, 1.0)
    for known in (False, None):
        starts = [True, False, None, known, True]
        doc = make_linked("I saw New York Then", 2, 4, sent_starts=starts)
        expected = [True, False, None, known, known, True]
        changed = augment(augmenter, doc)
        assert [token.is_sent_start for token in changed] == expected


def test_tokens_that_were_given_are_kept() -> None:
    words = ["New York", "is", "big"]
    doc = Doc(NLP.vocab, words=words, spaces=[True, True, False])
    example = Example(Doc(NLP.vocab, words=words, spaces=[True, True, False]), doc)
    (changed,) = Casing(1.0, "upper")(NLP, example)
    assert [token.text for token in changed.predicted] == ["NEW YORK", "IS", "BIG"]
    (changed,) = Casing(1.0, "upper")(NLP, make_example(doc))
    assert len(changed.predicted) == 4


def test_spaces_that_are_not_known_stay_unknown() -> None:
    doc = Doc(NLP.vocab, words=["a", "b"])
    (changed,) = Casing(1.0, "upper")(NLP, make_example(doc))
    assert changed.reference.has_unknown_spaces
    assert changed.predicted.has_unknown_spaces


CONFIG = """
[augmenter]
@augmenters = "spacy-lstm.Chain.v1"

[augmenter.*.casing]
@augmenters = "spacy-lstm.Casing.v1"
level = 1.0
casing = "upper"

[augmenter.*.dropout]
@augmenters = "spacy-lstm.WordDropout.v1"
level = 1.0
per_word = 0.5
keep_original = true

[augmenter.*.swap]
@augmenters = "spacy-lstm.WordSwap.v1"
level = 0.5

[augmenter.*.typos]
@augmenters = "spacy-lstm.Typos.v1"
level = 0.5
kinds = ["drop"]

[augmenter.*.mentions]
@augmenters = "spacy-lstm.MentionReplacement.v1"
level = 1.0

[augmenter.*.words]
@augmenters = "spacy-lstm.WordReplacement.v1"
level = 1.0
per_word = 1.0

[augmenter.*.words.synonyms]
LOVE = ["ADORE"]
"""


def test_a_chain_from_a_config(tmp_path: Path) -> None:
    augmenter = registry.resolve(Config().from_str(CONFIG))["augmenter"]
    assert isinstance(augmenter, Chain)
    path = write_corpus(tmp_path / "corpus.spacy")
    n_examples = len(list(Corpus(path)(NLP)))
    examples = list(Corpus(path, augmenter=augmenter)(NLP))
    assert n_examples < len(examples) <= 2 * n_examples
    made = [example.reference.text for example in examples]
    assert all(text.isupper() for text in made)
    assert "LOVE" not in " ".join(made).split()
    assert any("ADORE" in text for text in made)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WordDropout(1.5), "WordDropout.v1: `level` is 1.5. Set it to a rate"),
        (lambda: WordSwap(float("nan")), "`level` is nan"),
        (lambda: Typos(1.0, -0.1), "`per_word` is -0.1"),
        (lambda: Typos("1"), "`level` is '1'"),
        (lambda: MentionReplacement(1.0, None, 2), "`per_mention` is 2"),
        (lambda: Casing(1.0, "camel"), "`casing` is 'camel'.*lower, upper, title"),
        (lambda: Typos(1.0, kinds=[]), r"`kinds` is \[\]. Give a list of one or"),
        (lambda: Typos(1.0, kinds=["slip"]), r"`kinds` is \['slip'\]"),
        (lambda: Typos(1.0, keyboard=[]), r"`keyboard` is \[\]"),
        (lambda: Typos(1.0, keyboard=["q", ""]), r"`keyboard` is \['q', ''\]"),
        (lambda: Chain(), "Chain.v1 has no augmenters"),
        (lambda: Chain("Typos"), "`augmenters` is 'Typos', which is not a function"),  # type: ignore[arg-type]
        (lambda: WordReplacement(1.0, "none.json"), "'none.json', which can't be read"),
        (lambda: WordReplacement(1.0, {"a": []}), r"has \[\] for 'a'"),
        (lambda: WordReplacement(1.0, {"a": "b"}), "has 'b' for 'a'"),
        (lambda: WordReplacement(1.0, {"a": ["b c"]}), "words without spaces"),
        (lambda: WordReplacement(1.0, ["a"]), r"has None for \['a'\]"),
        (lambda: MentionReplacement(1.0, {"A": [" b"]}), r"has \[' b'\] for 'A'"),
        (lambda: MentionReplacement(1.0, {"A": [1]}), r"has \[1\] for 'A'"),
    ],
)
def test_bad_arguments(make: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text("{")
    with pytest.raises(ValueError, match=r"table\.json', which can't be read"):
        WordReplacement(1.0, path)
