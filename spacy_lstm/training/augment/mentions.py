"""Mentions of entities, as they stand in texts or in lists."""

from collections import defaultdict
from dataclasses import dataclass
from random import Random

from spacy.attrs import LEMMA, MORPH, POS, TAG
from spacy.tokens import Doc, Span

# Annotations that a mention brings along.
ATTRS = (TAG, POS, MORPH, LEMMA)

# For each word the head within the mention, relative to the word, and the relation to
# it; None for a head outside.
Shape = tuple[tuple[int, str] | None, ...]


@dataclass(frozen=True)
class Mention:
    """What an entity is called somewhere.

    words (tuple[str, ...]): Its words.
    spaces (tuple[bool, ...]): Whether a space follows each.
    annotations (tuple[tuple[str, ...], ...]): Tag, part of speech, features and lemma
        of each word, each empty where it is missing.
    kb_id (str): Its entry in a knowledge base, empty where that is missing.
    ent_id (str): Its id, empty where that is missing.
    shape (tuple | None): The structure of its words; None where that is missing.
    """

    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    annotations: tuple[tuple[str, ...], ...]
    kb_id: str
    ent_id: str
    shape: Shape | None


def read_mention(ent: Span, is_annotated: bool = True) -> Mention:
    """Read a mention in a document.

    ent (Span): The entity.
    is_annotated (bool): Whether its structure is annotated. A single word has none.
    RETURNS (Mention): The mention, with its annotations.
    """
    strings = ent.doc.vocab.strings
    values = ent.doc.to_array(list(ATTRS))[ent.start : ent.end].tolist()
    return Mention(
        tuple(token.text for token in ent),
        tuple(bool(token.whitespace_) for token in ent),
        tuple(tuple(strings[value] for value in row) for row in values),
        ent.kb_id_,
        ent.id_,
        read_shape(ent) if is_annotated or len(ent) == 1 else None,
    )


def read_shape(ent: Span) -> Shape:
    """RETURNS (tuple): The structure of a mention's words, as in `Mention`."""
    return tuple(
        (token.head.i - token.i, token.dep_)
        if token.head.i != token.i and ent.start <= token.head.i < ent.end
        else None
        for token in ent
    )


class Mentions:
    """Different mentions of entities, by label."""

    def __init__(self) -> None:
        self.known: set[tuple[str, Mention]] = set()
        self.lists: dict[tuple[str, Shape | None], list[Mention]] = defaultdict(list)

    def add(self, label: str, mention: Mention) -> None:
        """Add a mention, unless it is there already.

        label (str): The label of the entity.
        mention (Mention): The mention.
        """
        if (label, mention) in self.known:
            return
        self.known.add((label, mention))
        for shape in {None, mention.shape}:
            self.lists[label, shape].append(mention)

    def collect(self, reference: Doc) -> None:
        """Add the mentions of an annotated document.

        reference (Doc): The document.
        """
        has_structure = reference.has_annotation("DEP")
        for ent in reference.ents:
            self.add(ent.label_, read_mention(ent, has_structure))

    def draw(self, random: Random, ent: Span, same_shape: bool) -> Mention | None:
        """Draw a mention that can stand in the place of another one.

        random (Random): Where random numbers come from.
        ent (Span): The entity.
        same_shape (bool): Whether it needs to have the same structure.
        RETURNS (Mention | None): A mention by other words, if there is one.
        """
        shape = read_shape(ent) if same_shape else None
        mentions = self.lists.get((ent.label_, shape), [])
        words = tuple(token.text for token in ent)
        first = random.randrange(len(mentions)) if mentions else 0
        for i in range(len(mentions)):
            mention = mentions[(first + i) % len(mentions)]
            if mention.words != words:
                return mention
        return None
