"""Augmentation by replacing entity mentions."""

from collections.abc import Iterator
from pathlib import Path

from spacy.attrs import ENT_ID, ENT_IOB, ENT_KB_ID, SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from .augmenter import Augmenter
from .doc_builder import DocBuilder
from .mentions import ATTRS, Mention, Mentions, read_mention
from .tables import Table, read_table

IOB_BEGIN, IOB_INSIDE = 3, 1


class MentionReplacement(Augmenter):
    """Replaces entities with other mentions of the same label (Dai and Adel 2020).

    Tags, parts of speech, features, lemmas, entity ids and knowledge base ids are those
    of the new mention, as far as the example has such annotations. They are missing for
    mentions from a list. If dependencies are annotated, only mentions with the same
    structure are used, so that all heads stay valid; mentions from a list only if both
    are single words. Entities are not replaced if a span in `doc.spans` covers only a
    part of them, or a sentence starts inside.

    level (float): Proportion of examples to augment.
    mentions (dict[str, list[str]] | str | Path | None): Mentions by label, or a JSON
        file with them. By default, mentions are collected from all previous examples,
        so that there are few for the first examples.
    per_mention (float): Proportion of entities to replace, of those that can be
        replaced.
    seed (int): Random seed.
    keep_original (bool): Whether to yield the original examples as well.
    RAISES (ValueError): If an argument is invalid, or the file can't be read.
    """

    name = "spacy-lstm.MentionReplacement.v1"
    rate_argument = "per_mention"

    def __init__(
        self,
        level: float,
        mentions: Table | str | Path | None = None,
        per_mention: float = 0.5,
        seed: int = 0,
        keep_original: bool = False,
    ) -> None:
        super().__init__(level, per_mention, seed, keep_original)
        self.table = None
        if mentions is not None:
            self.table = read_table(
                self.name,
                "mentions",
                mentions,
                "mentions without leading or trailing spaces",
                lambda text: bool(text) and text == text.strip(),
            )
        self.mentions = Mentions()

    def __call__(self, nlp: Language, example: Example) -> Iterator[Example]:
        if self.table is None:
            self.mentions.collect(example.reference)
        elif not self.mentions.known:
            read_texts(self.table, nlp, self.mentions)
        return super().__call__(nlp, example)

    def change(self, nlp: Language, reference: Doc) -> DocBuilder | None:
        same_shape = reference.has_annotation("DEP")
        sampled = [
            (ent, self.mentions.sample(self.random, ent, same_shape))
            for ent in reference.ents
            if can_be_replaced(ent) and self.is_chosen()
        ]
        chosen = [(ent, mention) for ent, mention in sampled if mention is not None]
        return replace(reference, chosen) if chosen else None


def read_texts(table: Table, nlp: Language, mentions: Mentions) -> None:
    """Tokenize mentions from a list.

    table (dict[str, list[str]]): Mentions by label.
    nlp (Language): The pipeline with the tokenizer.
    mentions (Mentions): The mentions, which are modified in place.
    """
    for label, texts in table.items():
        for text in texts:
            mentions.add(label, read_mention(nlp.make_doc(text)[:], False))


def can_be_replaced(ent: Span) -> bool:
    if any(token.is_sent_start for token in ent[1:]):
        return False
    return all(
        span.end <= ent.start
        or ent.end <= span.start
        or (span.start <= ent.start and ent.end <= span.end)
        for group in ent.doc.spans.values()
        for span in group
    )


def has_no_sentence_start(ent: Span) -> bool:
    """RETURNS (bool): Whether annotation says that no sentence starts in an entity."""
    starts = [token.is_sent_start for token in (ent[1:] if len(ent) > 1 else ent)]
    return ent.doc.has_annotation("SENT_START") and None not in starts


def replace(reference: Doc, chosen: list[tuple[Span, Mention]]) -> DocBuilder:
    """Replace entities with mentions.

    reference (Doc): The document.
    chosen (list[tuple[Span, Mention]]): The entities, in order, with their
        replacements.
    RETURNS (DocBuilder): The new document.
    """
    builder, end = DocBuilder(reference), 0
    for ent, mention in chosen:
        builder.copy(end, ent.start)
        write(builder, ent, mention)
        end = ent.end
    builder.copy(end, len(reference))
    return builder


def write(builder: DocBuilder, ent: Span, mention: Mention) -> None:
    reference, strings = builder.reference, builder.reference.vocab.strings
    attrs = [attr for attr in ATTRS if reference.has_annotation(attr)]
    not_start = -1 if has_no_sentence_start(ent) else 0
    spaces = [*mention.spaces[:-1], bool(ent[-1].whitespace_)]
    for i, word in enumerate(mention.words):
        place = len(builder.words)
        builder.append(word, spaces[i], min(ent.start + i, ent.end - 1))
        own = dict(zip(ATTRS, mention.annotations[i], strict=True))
        values = {attr: strings.add(own[attr]) for attr in attrs}
        values[ENT_IOB] = IOB_INSIDE if i else IOB_BEGIN
        values[ENT_KB_ID] = strings.add(mention.kb_id if ent.kb_id else "")
        values[ENT_ID] = strings.add(mention.ent_id if ent.id else "")
        if i:
            values[SENT_START] = not_start
        builder.values.update({(place, attr): v for attr, v in values.items()})
