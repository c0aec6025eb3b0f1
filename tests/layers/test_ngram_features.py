from collections import Counter

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from spacy_lstm.layers.ngram_features import CHARS, WORDS, NgramSettings

NLP = spacy.blank("xx")
NGRAMS = NgramSettings(max_words=2, min_chars=2, max_chars=4, length=2**40)


def make_doc(*words: str) -> Doc:
    return Doc(NLP.vocab, words=list(words))


def list_ngrams(doc: Doc, bag: int) -> list[str]:
    words = [token.lower_ for token in doc if not token.is_space]
    if bag == WORDS:
        return [
            "\0".join(words[i : i + size])
            for size in (1, 2)
            for i in range(len(words) - size + 1)
        ]
    marked = [f" {word} " for word in words if len(word) > 1]
    return [
        word[i : i + size]
        for word in marked
        for size in (2, 3, 4)
        for i in range(len(word) - size + 1)
    ]


def count(docs: list[Doc]) -> dict[tuple[int, int], Counter[int]]:
    """Count hash buckets by document and bag."""
    ngrams = NGRAMS.read(docs)
    found: dict[tuple[int, int], Counter[int]] = {}
    rows = zip(
        ngrams.bags.tolist(), ngrams.buckets.tolist(), ngrams.counts, strict=True
    )
    for number, bucket, n in rows:
        own = found.setdefault((number // 2, number % 2), Counter())
        own[bucket] = int(n)
    return found


WORD = st.text("aBcd. ", max_size=5).map(lambda text: text or "x")


@given(st.lists(st.lists(WORD, max_size=6), min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_counts_match_a_naive_implementation(texts: list[list[str]]) -> None:
    docs = [make_doc(*words) for words in texts]
    found = count(docs)
    names: dict[tuple[int, str], int] = {}
    for number, doc in enumerate(docs):
        for bag in (WORDS, CHARS):
            expected = Counter(list_ngrams(doc, bag))
            own = found.get((number, bag), Counter())
            assert sorted(own.values()) == sorted(expected.values())
    # An n-gram has the same bucket in all documents.
    for doc in docs:
        for bag in (WORDS, CHARS):
            for ngram in set(list_ngrams(doc, bag)):
                names[bag, ngram] = names.get((bag, ngram), 0) + 1
    buckets = Counter(
        (number % 2, bucket)
        for (doc_number, number), own in found.items()
        for bucket in own
    )
    assert sorted(buckets.values()) == sorted(names.values())


@pytest.mark.parametrize("text", ["", " ", "\n\n", "a", "好", "a" * 100_000])
def test_texts_of_any_length(text: str) -> None:
    ngrams = NGRAMS.read([NLP.make_doc(text)])
    assert ngrams.n_docs == 1
    assert len(ngrams.buckets) == len(ngrams.counts) == len(ngrams.bags)
    assert bool(len(ngrams.buckets)) == bool(text.strip())


def test_no_documents() -> None:
    assert NGRAMS.read([]).n_docs == 0


def test_single_character_words_have_no_character_ngrams() -> None:
    ngrams = NGRAMS.read([make_doc("好", "书")])
    assert set((ngrams.bags % 2).tolist()) == {WORDS}


def test_documents_of_several_vocabularies() -> None:
    other = spacy.blank("xx").make_doc("zxywq flarb")
    together = NGRAMS.read([make_doc("some", "words"), other])
    alone = NGRAMS.read([other])
    assert together.buckets[together.bags >= 2].tolist() == alone.buckets.tolist()


def test_tokens_of_occurrences() -> None:
    found = NGRAMS.find([make_doc("a", "\n", "b"), make_doc("bc")])
    pairs = set(zip(found.first_token.tolist(), found.last_token.tolist(), strict=True))
    assert pairs == {(0, 0), (2, 2), (0, 2), (3, 3)}


def test_number_of_buckets() -> None:
    ngrams = NgramSettings(2, 2, 4, length=3).read(
        [make_doc("some", "words", "of", "mine")]
    )
    assert len(ngrams.buckets) <= 6
    numpy.testing.assert_array_equal(ngrams.bags % 2, ngrams.buckets // 3)
