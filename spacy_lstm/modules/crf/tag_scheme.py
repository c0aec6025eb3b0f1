"""BIO and BILUO tag schemes for entities."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Entity = tuple[int, int, int]


@dataclass(frozen=True)
class TagScheme:
    """A scheme that encodes entities as tags, one per token.

    (Ramshaw & Marcus 1995; Ratinov & Roth 2009.) Tag 0 is "O", outside of any entity.
    The tags of the first label follow, one for each prefix, then those of the second,
    and so on: new labels don't renumber the existing tags. An entity is a tuple of
    start token, end token (exclusive) and label.

    prefixes (str): The prefixes of the tags of a label: "BILU" or "BI".
    """

    prefixes: str

    def n_tags(self, n_labels: int) -> int:
        """RETURNS (int): Number of tags for a number of labels."""
        return 1 + n_labels * len(self.prefixes)

    def n_labels(self, n_tags: int) -> int:
        """RETURNS (int): Number of labels for a number of tags."""
        return (n_tags - 1) // len(self.prefixes)

    @property
    def has_last(self) -> bool:
        """RETURNS (bool): Whether the scheme marks the last token of an entity."""
        return "L" in self.prefixes

    def tag(self, prefix: str, label: int) -> int:
        """RETURNS (int): The tag for a prefix and a label."""
        return 1 + label * len(self.prefixes) + self.prefixes.index(prefix)

    def tags(self, length: int, label: int) -> list[int]:
        """Encode an entity as tags.

        length (int): Number of tokens.
        label (int): Label of the entity.
        RETURNS (list[int]): One tag per token.
        """
        prefixes = "B" + "I" * (length - 1)
        if self.has_last:
            prefixes = "U" if length == 1 else prefixes[:-1] + "L"
        return [self.tag(prefix, label) for prefix in prefixes]

    def entities(self, tags: Sequence[int]) -> Iterator[Entity]:
        """Decode a valid sequence of tags.

        tags (Sequence[int]): One tag per token.
        YIELDS (tuple[int, int, int]): Start, end and label of each entity.
        """
        start, label = 0, -1
        for i, tag in enumerate([*tags, 0]):
            is_inside = tag > 0 and self._prefix(tag) in "IL"
            if label >= 0 and not is_inside:
                yield start, i, label
                label = -1
            if tag > 0 and not is_inside:
                start, label = i, (tag - 1) // len(self.prefixes)

    def _prefix(self, tag: int) -> str:
        return self.prefixes[(tag - 1) % len(self.prefixes)]

    def next_inside_tags(self, tag: int) -> list[int]:
        """List the tags that continue the entity of a tag.

        tag (int): The tag.
        RETURNS (list[int]): Tags of the next token; empty if the entity ends here.
        """
        if tag == 0 or self._prefix(tag) not in "BI":
            return []
        label = (tag - 1) // len(self.prefixes)
        return [self.tag(prefix, label) for prefix in self.prefixes if prefix in "IL"]

    def constrain_to_span(self, allowed: Any, entity: Entity) -> None:
        """Restrict a mask, in place, to the paths that contain an entity.

        allowed (Tensor | numpy.ndarray): Mask of the tags that each token may have.
            *Shape:* (n_tokens, n_tags)
        entity (tuple[int, int, int]): Start, end and label.
        """
        start, end, label = entity
        tags = self.tags(end - start, label)
        allowed[start:end] = False
        allowed[range(start, end), tags] = True
        if end < len(allowed):
            allowed[end, self.next_inside_tags(tags[-1])] = False

    def masks_without_span(self, allowed: Tensor, entity: Entity) -> Iterator[Tensor]:
        """Partition the paths that don't contain an entity into disjoint sets.

        The paths of a set agree with the entity up to a token and differ there.

        allowed (Tensor): Mask of the tags that each token may have.
            *Shape:* (n_tokens, n_tags)
        entity (tuple[int, int, int]): Start, end and label.
        YIELDS (Tensor): The mask of each set. *Shape:* (n_tokens, n_tags)
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
        next_tags = self.next_inside_tags(tags[-1])
        if next_tags and end < len(allowed):
            agreeing[end] = False
            agreeing[end, next_tags] = allowed[end, next_tags]
            yield agreeing

    def inside_transitions(self, n_labels: int) -> Tensor:
        """Find the transitions within an entity.

        n_labels (int): Number of labels.
        RETURNS (Tensor): Booleans. *Shape:* (n_tags, n_tags)
        """
        n_tags = self.n_tags(n_labels)
        is_inside = torch.zeros(n_tags, n_tags, dtype=torch.bool)
        for tag in range(n_tags):
            is_inside[tag, self.next_inside_tags(tag)] = True
        return is_inside

    def transitions(self, n_labels: int) -> Tensor:
        """Find the valid transitions.

        n_labels (int): Number of labels.
        RETURNS (Tensor): Booleans. *Shape:* (n_tags, n_tags)
        """
        first, last = self.starts(n_labels), self.ends(n_labels)
        return self.inside_transitions(n_labels) | (last[:, None] & first)

    def starts(self, n_labels: int) -> Tensor:
        """Find the tags that may start a sequence.

        n_labels (int): Number of labels.
        RETURNS (Tensor): Booleans. *Shape:* (n_tags,)
        """
        return self.tags_with_prefix("BU", n_labels) | self._outside(n_labels)

    def ends(self, n_labels: int) -> Tensor:
        """Find the tags that may end a sequence.

        n_labels (int): Number of labels.
        RETURNS (Tensor): Booleans. *Shape:* (n_tags,)
        """
        last = "LU" if self.has_last else "BI"
        return self.tags_with_prefix(last, n_labels) | self._outside(n_labels)

    def tags_with_prefix(self, prefixes: str, n_labels: int) -> Tensor:
        """Find the tags that have one of several prefixes.

        prefixes (str): The prefixes, such as "BU".
        n_labels (int): Number of labels.
        RETURNS (Tensor): Booleans. *Shape:* (n_tags,)
        """
        has_prefix = [prefix in prefixes for prefix in self.prefixes]
        return torch.tensor([False, *(has_prefix * n_labels)])

    def _outside(self, n_labels: int) -> Tensor:
        return torch.arange(self.n_tags(n_labels)) == 0


TAG_SCHEMES = {"biluo": TagScheme("BILU"), "bio": TagScheme("BI")}
