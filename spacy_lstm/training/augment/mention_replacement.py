"""Augmentation by other mentions of entities."""

from collections.abc import Iterator
from pathlib import Path

from spacy.attrs import ENT_ID, ENT_IOB, ENT_KB_ID, SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from .augmenter import Augmenter
from .draft import Draft
from .mentions import ATTRS, Mention, Mentions, read_mention
from .tables import Table, read_table

BEGINS, GOES_ON = 3, 1


class MentionReplacement(Augmenter):
    """Writes other entities of the same label in the place of entities (Dai and Adel
    2020).

    What is annotated of the other mention comes along: tags, parts of speech, features,
    lemmas, id and entry in a knowledge base, as far as the example has such; they are
    missing where the mention is from a list. Where dependencies are annotated, only a
    mention with the same structure is taken, so that all heads stay right: one from a
    list only if both are a single word. An entity stays where a span in `doc.spans`
    covers a part of it only, or a sentence begins within it.

    level (float): Share of the examples that are changed.
    mentions (dict[str, list[str]] | str | Path | None): For each label its mentions, or
        a file of JSON with that. If not given, those of the examples that were seen so
        far, also of those that were not changed: the first examples find few.
    per_mention (float): Share of the entities to replace, of those that can be.
    seed (int): What the random numbers begin with.
    keep_original (bool): Whether changed examples are given beside the originals.
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
                "mentions without spaces around them",
                lambda text: bool(text) and text == text.strip(),
            )
        self.mentions = Mentions()

    def __call__(self, nlp: Language, example: Example) -> Iterator[Example]:
        if self.table is None:
            self.mentions.collect(example.reference)
        elif not self.mentions.known:
            read_texts(self.table, nlp, self.mentions)
        return super().__call__(nlp, example)

    def change(self, nlp: Language, reference: Doc) -> Draft | None:
        same_shape = reference.has_annotation("DEP")
        drawn = [
            (ent, self.mentions.draw(self.random, ent, same_shape))
            for ent in reference.ents
            if can_be_replaced(ent) and self.is_chosen()
        ]
        chosen = [(ent, mention) for ent, mention in drawn if mention is not None]
        return replace(reference, chosen) if chosen else None


def read_texts(table: Table, nlp: Language, mentions: Mentions) -> None:
    """Read mentions from a list.

    table (dict[str, list[str]]): Mentions by label.
    nlp (Language): The pipeline, whose tokenizer reads them.
    mentions (Mentions): Where they are added.
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


def knows_sentences(ent: Span) -> bool:
    """RETURNS (bool): Whether it is annotated that no sentence starts in an entity."""
    starts = [token.is_sent_start for token in (ent[1:] if len(ent) > 1 else ent)]
    return ent.doc.has_annotation("SENT_START") and None not in starts


def replace(reference: Doc, chosen: list[tuple[Span, Mention]]) -> Draft:
    """Write mentions in the place of entities.

    reference (Doc): The document.
    chosen (list[tuple[Span, Mention]]): Entities in their order, each with a mention.
    RETURNS (Draft): The new document.
    """
    draft, end = Draft(reference), 0
    for ent, mention in chosen:
        draft.copy(end, ent.start)
        write(draft, ent, mention)
        end = ent.end
    draft.copy(end, len(reference))
    return draft


def write(draft: Draft, ent: Span, mention: Mention) -> None:
    reference, strings = draft.reference, draft.reference.vocab.strings
    attrs = [attr for attr in ATTRS if reference.has_annotation(attr)]
    not_start = -1 if knows_sentences(ent) else 0
    spaces = [*mention.spaces[:-1], bool(ent[-1].whitespace_)]
    for i, word in enumerate(mention.words):
        place = len(draft.words)
        draft.append(word, spaces[i], min(ent.start + i, ent.end - 1))
        own = dict(zip(ATTRS, mention.annotations[i], strict=True))
        values = {attr: strings.add(own[attr]) for attr in attrs}
        values[ENT_IOB] = GOES_ON if i else BEGINS
        values[ENT_KB_ID] = strings.add(mention.kb_id if ent.kb_id else "")
        values[ENT_ID] = strings.add(mention.ent_id if ent.id else "")
        if i:
            values[SENT_START] = not_start
        draft.values.update({(place, attr): v for attr, v in values.items()})
