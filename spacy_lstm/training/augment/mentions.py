"""Mentions of entities in documents or lists."""

from collections import defaultdict
from dataclasses import dataclass
from random import Random

from spacy.attrs import LEMMA, MORPH, POS, TAG
from spacy.tokens import Doc, Span

# Token annotations of a mention.
ATTRS = (TAG, POS, MORPH, LEMMA)

# Relative position of the head and dependency label of each word; None if the head is
# outside of the mention.
Shape = tuple[tuple[int, str] | None, ...]


@dataclass(frozen=True)
class Mention:
    """A mention of an entity.

    words (tuple[str, ...]): The words.
    spaces (tuple[bool, ...]): Whether each word is followed by a space.
    annotations (tuple[tuple[str, ...], ...]): Tag, part of speech, features and lemma
        of each word, "" if missing.
    kb_id (str): The knowledge base id, "" if missing.
    ent_id (str): The entity id, "" if missing.
    shape (tuple | None): The dependency structure of the words, None if missing.
    """

    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    annotations: tuple[tuple[str, ...], ...]
    kb_id: str
    ent_id: str
    shape: Shape | None


def read_mention(ent: Span, is_annotated: bool = True) -> Mention:
    """Read a mention from a document.

    ent (Span): The entity.
    is_annotated (bool): Whether dependencies are annotated. Single words need none.
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
    """RETURNS (tuple): The dependency structure of a mention, as in `Mention`."""
    return tuple(
        (token.head.i - token.i, token.dep_)
        if token.head.i != token.i and ent.start <= token.head.i < ent.end
        else None
        for token in ent
    )


class Mentions:
    """Unique mentions by label."""

    def __init__(self) -> None:
        self.known: set[tuple[str, Mention]] = set()
        self.lists: dict[tuple[str, Shape | None], list[Mention]] = defaultdict(list)

    def add(self, label: str, mention: Mention) -> None:
        """Add a mention, unless it is a duplicate.

        label (str): The label of the entity.
        mention (Mention): The mention.
        """
        if (label, mention) in self.known:
            return
        self.known.add((label, mention))
        for shape in {None, mention.shape}:
            self.lists[label, shape].append(mention)

    def collect(self, reference: Doc) -> None:
        """Add the mentions in an annotated document.

        reference (Doc): The document.
        """
        has_structure = reference.has_annotation("DEP")
        for ent in reference.ents:
            self.add(ent.label_, read_mention(ent, has_structure))

    def sample(self, random: Random, ent: Span, same_shape: bool) -> Mention | None:
        """Sample a mention that can replace an entity.

        random (Random): The random number generator.
        ent (Span): The entity.
        same_shape (bool): Whether the dependency structure must be the same.
        RETURNS (Mention | None): A mention with different words, or None if there is
            none.
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
