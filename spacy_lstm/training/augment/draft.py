"""A new document that takes its annotations from another one."""

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
class Draft:
    """A document that is being written, from the tokens of another one.

    reference (Doc): The document that annotations are taken from.
    words (list[str]): The new words.
    spaces (list[bool]): Whether a space follows each.
    sources (list[int]): The token of the reference whose annotations each has. Tokens
        that are heads need to be among them.
    values (dict[tuple[int, int], int]): Annotations that differ from those of the
        source, by number of the word and attribute.
    """

    reference: Doc
    words: list[str] = field(default_factory=list)
    spaces: list[bool] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    values: dict[tuple[int, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, reference: Doc) -> "Draft":
        """RETURNS (Draft): A document as it is, to be changed."""
        draft = cls(reference)
        draft.copy(0, len(reference))
        return draft

    def append(self, word: str, space: bool, source: int) -> None:
        """Add a word.

        word (str): The word.
        space (bool): Whether a space follows.
        source (int): The token whose annotations it has.
        """
        self.words.append(word)
        self.spaces.append(space)
        self.sources.append(source)

    def copy(self, start: int, end: int) -> None:
        """Add tokens as they are.

        start (int): The first one.
        end (int): The one after the last.
        """
        for token in self.reference[start:end]:
            self.append(token.text, bool(token.whitespace_), token.i)

    def to_example(self, nlp: Language, original: Example) -> Example:
        """Make an example, with the tokens that the original would be read with.

        nlp (Language): The pipeline.
        original (Example): The example that the reference belongs to.
        RETURNS (Example): A new one.
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
        # Heads set sentence starts of their own, also where some heads are missing.
        doc.from_array([SENT_START], values[:, ATTRS.index(SENT_START)])
        doc.cats = dict(self.reference.cats)
        doc.user_data = {
            key: value
            for key, value in self.reference.user_data.items()
            if not is_of_characters(key)
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
    """Say whether an example's tokens are those of the annotation by intent.

    nlp (Language): The pipeline.
    example (Example): The example.
    RETURNS (bool): False where the tokenizer makes the same ones.
    """
    if example.reference.has_unknown_spaces:
        return True
    words = [token.text for token in example.predicted]
    if words != [token.text for token in example.reference]:
        return False
    return words != [token.text for token in nlp.make_doc(example.reference.text)]


def is_of_characters(key: object) -> bool:
    """RETURNS (bool): Whether a key of `doc.user_data` names a token or a span."""
    return isinstance(key, tuple) and key[:1] == ("._.",) and key[2] is not None


def free_tokens(reference: Doc) -> list[bool]:
    """Find the tokens that are in no entity, and in no span of any group.

    reference (Doc): The document.
    RETURNS (list[bool]): Whether each is; whitespace never is.
    """
    is_free = [not token.ent_type and not token.is_space for token in reference]
    for group in reference.spans.values():
        for span in group:
            is_free[span.start : span.end] = [False] * len(span)
    return is_free
