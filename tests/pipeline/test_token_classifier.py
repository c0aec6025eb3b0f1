import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.attrs import TAG
from spacy.tokens import Doc
from spacy.training import Example

from spacy_lstm.pipeline.token_classifier import read_aligned

VOCAB = spacy.blank("en").vocab
words = st.lists(st.sampled_from(["a", "bc", "D", " ", "\n"]), min_size=1, max_size=8)


def make(words: list[str]) -> Doc:
    return Doc(VOCAB, words=words, spaces=[False] * len(words))


@settings(deadline=None)
@given(words=words, split=st.booleans())
def test_that_it_is_spacys_alignment(words: list[str], split: bool) -> None:
    reference = make(words)
    for i, token in enumerate(reference):
        token.tag_ = f"T{i}"
    predicted = make([c for word in words for c in word] if split else words)
    example = Example(predicted, reference)
    assert list(read_aligned(example, TAG)) == example.get_aligned(TAG)
