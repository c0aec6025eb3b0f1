"""Which entities spaCy's own `ner` found, and the logits of the moves it made."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy
import torch
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc
from torch import Tensor
from torch.nn import functional

from .entity_targets import odds
from .scaled_model import ScaledModel, differentiate
from .targets import Decision


@dataclass(frozen=True)
class Path:
    """The moves that were made in a document, one for each token.

    moves (list[int]): Their numbers.
    valid (list[list[bool]]): Which moves were possible. *Shape:* (n_tokens, n_moves)
    """

    moves: list[int]
    valid: list[list[bool]]

    def forced(self, token: int, n_copies: int) -> numpy.ndarray:
        """Make scores that lead to the move that was made.

        token (int): The token of it.
        n_copies (int): Number of copies of the document.
        RETURNS (numpy.ndarray): *Shape:* (n_copies, n_moves)
        """
        scores = numpy.zeros((n_copies, len(self.valid[token])), dtype="f")
        scores[:, self.moves[token]] = 1
        return scores


def decide_entities_by_moves(
    pipe: EntityRecognizer, model: ScaledModel
) -> list[Decision]:
    """List the entities of a text.

    The probability of one is that of the moves that made it, each among those that were
    valid there, after the moves that were made before.

    pipe (EntityRecognizer): The component.
    model (ScaledModel): Its model, with the document.
    RETURNS (list[Decision]): The entities that the component sets.
    """
    path = find_path(pipe, model.doc)
    present = {ent.start for ent in model.doc.ents}
    return [
        Decision(
            label,
            model.evaluating(partial(follow, pipe, model, path, start, end)),
            start=start,
            end=end,
        )
        for start, end, label in read_moves(map(pipe.moves.get_class_name, path.moves))
        if start not in present
    ]


def find_path(pipe: EntityRecognizer, doc: Doc) -> Path:
    """Read a document as the component does, and remember how.

    pipe (EntityRecognizer): The component.
    doc (Doc): The document; it is not changed.
    RETURNS (Path): The moves.
    """
    path = Path([], [])
    step_model: Any = pipe.model.predict([doc])
    states = pipe.moves.init_batch([doc])
    while states:
        (scores,) = step_model.predict(states)
        names = map(pipe.moves.get_class_name, range(len(scores)))
        valid = [pipe.moves.is_valid(states[0], name) for name in names]
        path.valid.append(valid)
        path.moves.append(int(numpy.where(valid, scores, -numpy.inf).argmax()))
        states = pipe.transition_states(states, path.forced(len(path.moves) - 1, 1))
    return path


def read_moves(names: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """Find the entities that moves make.

    names (Iterable[str]): Name of the move at each token, such as "B-PER".
    YIELDS (tuple[int, int, str]): First token, end and label.
    """
    start = 0
    for i, name in enumerate(names):
        kind, _, label = name.partition("-")
        if kind in ("B", "U"):
            start = i
        # A move without a label blocks a token.
        if kind in ("L", "U") and label:
            yield start, i + 1, label


def follow(
    pipe: EntityRecognizer,
    model: ScaledModel,
    path: Path,
    start: int,
    end: int,
    factors: numpy.ndarray,
) -> numpy.ndarray:
    """Follow a path again, with scaled inputs, as far as an entity.

    pipe (EntityRecognizer): The component.
    model (ScaledModel): Its model, at whose inputs slopes are left.
    path (Path): The path.
    start (int): First token of the entity.
    end (int): The token after its last one.
    factors (numpy.ndarray): *Shape:* (n_factors,)
    RETURNS (numpy.ndarray): The logits of the entity. *Shape:* (n_factors,)
    """
    docs = [model.doc] * len(factors)
    step_model: Any
    step_model, finish = model.model.begin_update(docs)
    step_model.attrs["dropout_rate"] = 0.0
    states = pipe.moves.init_batch(docs)
    scores, backprops = [], []
    for token in range(end):
        if token >= start:
            step_scores, backprop = step_model.begin_update(states)
            scores.append(step_scores)
            backprops.append(backprop)
        pipe.transition_states(states, path.forced(token, len(docs)))
    stacked = torch.from_numpy(numpy.stack(scores, axis=1)).double()
    find_logits = partial(
        move_logits,
        moves=torch.tensor(path.moves[start:end]),
        valid=torch.tensor(path.valid[start:end]),
    )
    logits, gradient = differentiate(find_logits, stacked)
    for backprop, d_scores in zip(backprops, gradient.float().unbind(1), strict=True):
        backprop(d_scores.contiguous().numpy())
    finish(None)
    return logits


def move_logits(scores: Tensor, moves: Tensor, valid: Tensor) -> Tensor:
    """Find the logit of the probability of several moves together.

    scores (Tensor): *Shape:* (n_copies, n_steps, n_moves)
    moves (Tensor): Number of each move. *Shape:* (n_steps,)
    valid (Tensor): Which moves are possible. *Shape:* (n_steps, n_moves)
    RETURNS (Tensor): *Shape:* (n_copies,)
    """
    # A move without any other has no say, and its gradient would be no number.
    (steps,) = (valid.sum(1) > 1).nonzero(as_tuple=True)
    others = valid.clone()
    others[torch.arange(len(moves)), moves] = False
    rest = scores.masked_fill(~others, -torch.inf)[:, steps].logsumexp(2)
    margins = scores[:, steps, moves[steps]] - rest
    return odds(functional.logsigmoid(margins).sum(1))
