"""How entities are spelled as tags, one for each token."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Entity = tuple[int, int, int]


@dataclass(frozen=True)
class TagScheme:
    """A way to spell entities as tags (Ramshaw & Marcus 1995; Ratinov & Roth 2009).

    Tag 0 stands outside of entities; then come the tags of the first label, one for
    each part, and those of further labels, so that a new label changes no number. An
    entity is a first token, its label, and the token after its last one.

    parts (str): The letters of the tags of a label: "BILU", or "BI".
    """

    parts: str

    def n_tags(self, n_labels: int) -> int:
        """RETURNS (int): Number of tags for a number of labels."""
        return 1 + n_labels * len(self.parts)

    def n_labels(self, n_tags: int) -> int:
        """RETURNS (int): Number of labels that have this number of tags."""
        return (n_tags - 1) // len(self.parts)

    @property
    def has_last(self) -> bool:
        """RETURNS (bool): Whether the last token of an entity has a tag of its own."""
        return "L" in self.parts

    def tag(self, part: str, label: int) -> int:
        """RETURNS (int): Number of a tag, such as that of "B" of the first label."""
        return 1 + label * len(self.parts) + self.parts.index(part)

    def tags(self, length: int, label: int) -> list[int]:
        """Spell an entity.

        length (int): Its number of tokens.
        label (int): Its label.
        RETURNS (list[int]): A tag for each token.
        """
        letters = "B" + "I" * (length - 1)
        if self.has_last:
            letters = "U" if length == 1 else letters[:-1] + "L"
        return [self.tag(letter, label) for letter in letters]

    def read(self, tags: Sequence[int]) -> Iterator[Entity]:
        """Find the entities in a valid sequence of tags.

        tags (Sequence[int]): A tag for each token.
        YIELDS (tuple[int, int, int]): First token, end and label.
        """
        start, label = 0, -1
        for i, tag in enumerate([*tags, 0]):
            goes_on = tag > 0 and self._part(tag) in "IL"
            if label >= 0 and not goes_on:
                yield start, i, label
                label = -1
            if tag > 0 and not goes_on:
                start, label = i, (tag - 1) // len(self.parts)

    def _part(self, tag: int) -> str:
        return self.parts[(tag - 1) % len(self.parts)]

    def going_on(self, tag: int) -> list[int]:
        """List the tags with which the entity of a tag may go on.

        tag (int): The tag.
        RETURNS (list[int]): Tags of the next token; none where the entity ends.
        """
        if tag == 0 or self._part(tag) not in "BI":
            return []
        label = (tag - 1) // len(self.parts)
        return [self.tag(part, label) for part in self.parts if part in "IL"]

    def hold(self, allowed: Any, entity: Entity) -> None:
        """Allow only such tags as make an entity.

        allowed (Tensor | numpy.ndarray): Whether a token may have a tag; it is changed.
            *Shape:* (n_tokens, n_tags)
        entity (tuple[int, int, int]): First token, end and label.
        """
        start, end, label = entity
        tags = self.tags(end - start, label)
        allowed[start:end] = False
        allowed[range(start, end), tags] = True
        if end < len(allowed):
            allowed[end, self.going_on(tags[-1])] = False

    def avoiding(self, allowed: Tensor, entity: Entity) -> Iterator[Tensor]:
        """Cut all paths that do not hold an entity into sets that do not overlap.

        Each is of the paths that agree with the entity up to a token, and not there.

        allowed (Tensor): Whether a token may have a tag. *Shape:* (n_tokens, n_tags)
        entity (tuple[int, int, int]): First token, end and label.
        YIELDS (Tensor): Which tags the paths of a set may have. *Shape:* as above
        """
        start, end, label = entity
        tags = self.tags(end - start, label)
        agreeing = allowed.clone()
        for token, tag in zip(range(start, end), tags, strict=True):
            differing = agreeing.clone()
            differing[token, tag] = False
            yield differing
            agreeing[token] = False
            agreeing[token, tag] = allowed[token, tag]
        going_on = self.going_on(tags[-1])
        if going_on and end < len(allowed):
            agreeing[end] = False
            agreeing[end, going_on] = allowed[end, going_on]
            yield agreeing

    def continuing(self, n_labels: int) -> Tensor:
        """Tell after which tag the same entity may go on with which other.

        n_labels (int): Number of labels.
        RETURNS (Tensor): Booleans. *Shape:* (n_tags, n_tags)
        """
        n_tags = self.n_tags(n_labels)
        goes_on = torch.zeros(n_tags, n_tags, dtype=torch.bool)
        for tag in range(n_tags):
            goes_on[tag, self.going_on(tag)] = True
        return goes_on

    def transitions(self, n_labels: int) -> Tensor:
        """Tell which tag may come after which other.

        n_labels (int): Number of labels.
        RETURNS (Tensor): Booleans. *Shape:* (n_tags, n_tags)
        """
        first, last = self.starts(n_labels), self.ends(n_labels)
        return self.continuing(n_labels) | (last[:, None] & first)

    def starts(self, n_labels: int) -> Tensor:
        """Tell which tags a sequence may start with.

        n_labels (int): Number of labels.
        RETURNS (Tensor): Booleans. *Shape:* (n_tags,)
        """
        return self.having("BU", n_labels) | self._outside(n_labels)

    def ends(self, n_labels: int) -> Tensor:
        """Tell which tags a sequence may end with.

        n_labels (int): Number of labels.
        RETURNS (Tensor): Booleans. *Shape:* (n_tags,)
        """
        last = "LU" if self.has_last else "BI"
        return self.having(last, n_labels) | self._outside(n_labels)

    def having(self, parts: str, n_labels: int) -> Tensor:
        """Tell which tags are one of some parts of an entity.

        parts (str): Letters of the parts.
        n_labels (int): Number of labels.
        RETURNS (Tensor): Booleans. *Shape:* (n_tags,)
        """
        has_part = [part in parts for part in self.parts]
        return torch.tensor([False, *(has_part * n_labels)])

    def _outside(self, n_labels: int) -> Tensor:
        return torch.arange(self.n_tags(n_labels)) == 0


TAG_SCHEMES = {"biluo": TagScheme("BILU"), "bio": TagScheme("BI")}
