"""Builder of documents that copy annotations from another document."""

from dataclasses import dataclass, field
from typing import Any

import numpy
from spacy.attrs import (
    DEP,
    ENT_ID,
    ENT_IOB,
    ENT_KB_ID,
    ENT_TYPE,
    HEAD,
    LEMMA,
    MORPH,
    POS,
    SENT_START,
    TAG,
)
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

ATTRS = [
    *(TAG, POS, MORPH, LEMMA, DEP, HEAD),
    *(SENT_START, ENT_IOB, ENT_TYPE, ENT_KB_ID, ENT_ID),
]


@dataclass
class DocBuilder:
    """Builds a document from the tokens of another document.

    reference (Doc): The document to copy annotations from.
    words (list[str]): The new words.
    spaces (list[bool]): Whether each word is followed by a space.
    sources (list[int]): Index of the reference token whose annotations each word
        copies. All heads must be included.
    values (dict[tuple[int, int], int]): Annotations to override, by word index and
        attribute.
    """

    reference: Doc
    words: list[str] = field(default_factory=list)
    spaces: list[bool] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    values: dict[tuple[int, int], int] = field(default_factory=dict)

    @classmethod
    def from_doc(cls, reference: Doc) -> "DocBuilder":
        """RETURNS (DocBuilder): A builder with all tokens of a document."""
        builder = cls(reference)
        builder.copy(0, len(reference))
        return builder

    def append(self, word: str, space: bool, source: int) -> None:
        """Add a word.

        word (str): The word.
        space (bool): Whether a space follows.
        source (int): Index of the token whose annotations the word copies.
        """
        self.words.append(word)
        self.spaces.append(space)
        self.sources.append(source)

    def copy(self, start: int, end: int) -> None:
        """Add tokens without changes.

        start (int): Index of the first token.
        end (int): Index after the last token.
        """
        for token in self.reference[start:end]:
            self.append(token.text, bool(token.whitespace_), token.i)

    def to_example(self, nlp: Language, original: Example) -> Example:
        """Create an example, tokenized in the same way as the original.

        nlp (Language): The pipeline.
        original (Example): The example with the reference.
        RETURNS (Example): The new example.
        """
        reference = self.to_doc()
        if has_gold_tokens(nlp, original):
            return Example(self._make_doc(), reference)
        return Example(nlp.make_doc(reference.text), reference)

    def to_doc(self) -> Doc:
        """RETURNS (Doc): The new document, with all annotations."""
        doc = self._make_doc()
        values = self._read_values()
        doc.from_array(ATTRS, values)
        # Setting heads changes sentence starts, even if some heads are missing.
        doc.from_array([SENT_START], values[:, ATTRS.index(SENT_START)])
        doc.cats = dict(self.reference.cats)
        doc.user_data = {
            key: value
            for key, value in self.reference.user_data.items()
            if not is_underscore_key(key)
        }
        for key, group in self.reference.spans.items():
            spans = [self._move(span, doc) for span in group]
            doc.spans[key] = SpanGroup(
                doc, name=group.name, attrs=group.attrs, spans=spans
            )
        return doc

    def _make_doc(self) -> Doc:
        spaces = None if self.reference.has_unknown_spaces else self.spaces
        return Doc(self.reference.vocab, words=self.words, spaces=spaces)

    def _read_values(self) -> Any:
        array = self.reference.to_array(ATTRS)[self.sources].astype(numpy.int64)
        places = {source: i for i, source in enumerate(self.sources)}
        column = ATTRS.index(HEAD)
        for i, source in enumerate(self.sources):
            if array[i, column]:
                array[i, column] = places[source + int(array[i, column])] - i
        array = array.astype(numpy.uint64)
        for (i, attr), value in self.values.items():
            array[i, ATTRS.index(attr)] = value % 2**64
        return array

    def _move(self, span: Span, doc: Doc) -> Span:
        return Span(
            doc,
            sum(source < span.start for source in self.sources),
            sum(source < span.end for source in self.sources),
            label=span.label,
            kb_id=span.kb_id,
            span_id=span.id,
        )


def has_gold_tokens(nlp: Language, example: Example) -> bool:
    """Check whether an example uses gold tokenization that differs from the
    tokenizer's.

    nlp (Language): The pipeline.
    example (Example): The example.
    RETURNS (bool): Whether it does.
    """
    if example.reference.has_unknown_spaces:
        return True
    words = [token.text for token in example.predicted]
    if words != [token.text for token in example.reference]:
        return False
    return words != [token.text for token in nlp.make_doc(example.reference.text)]


def is_underscore_key(key: object) -> bool:
    """RETURNS (bool): Whether a `doc.user_data` key is of a token or span extension."""
    return isinstance(key, tuple) and key[:1] == ("._.",) and key[2] is not None


def tokens_outside_spans(reference: Doc) -> list[bool]:
    """Find the tokens outside of entities and span groups.

    reference (Doc): The document.
    RETURNS (list[bool]): Whether each token is outside. False for whitespace.
    """
    is_free = [not token.ent_type and not token.is_space for token in reference]
    for group in reference.spans.values():
        for span in group:
            is_free[span.start : span.end] = [False] * len(span)
    return is_free
