"""Entities found by spaCy's `ner`, and the logits of its transitions."""

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

from .entity_targets import log_odds
from .scaled_model import ScaledModel, differentiate
from .targets import Decision


@dataclass(frozen=True)
class TransitionPath:
    """The transitions for a document, one per token.

    moves (list[int]): Indices of the moves.
    valid (list[list[bool]]): Mask of valid moves. *Shape:* (n_tokens, n_moves)
    """

    moves: list[int]
    valid: list[list[bool]]

    def forced(self, token: int, n_copies: int) -> numpy.ndarray:
        """Create scores that select the recorded move.

        token (int): Index of the token.
        n_copies (int): Number of copies of the document.
        RETURNS (numpy.ndarray): The scores. *Shape:* (n_copies, n_moves)
        """
        scores = numpy.zeros((n_copies, len(self.valid[token])), dtype="f")
        scores[:, self.moves[token]] = 1
        return scores


def decide_entities_by_moves(
    pipe: EntityRecognizer, model: ScaledModel
) -> list[Decision]:
    """List the entities in a document.

    The probability of an entity is the product of the probabilities of its moves, among
    the valid moves in each state, given all previous moves.

    pipe (EntityRecognizer): The component.
    model (ScaledModel): The model of the component, with the document.
    RETURNS (list[Decision]): The entities that the component sets.
    """
    path = record_path(pipe, model.doc)
    present = {ent.start for ent in model.doc.ents}
    return [
        Decision(
            label,
            model.collect_gradients(partial(replay, pipe, model, path, start, end)),
            start=start,
            end=end,
        )
        for start, end, label in read_entities(
            map(pipe.moves.get_class_name, path.moves)
        )
        if start not in present
    ]


def record_path(pipe: EntityRecognizer, doc: Doc) -> TransitionPath:
    """Process a document and record the moves.

    pipe (EntityRecognizer): The component.
    doc (Doc): The document, which is not modified.
    RETURNS (TransitionPath): The moves.
    """
    path = TransitionPath([], [])
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


def read_entities(names: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """Convert moves to entities.

    names (Iterable[str]): Names of the moves, such as "B-PER", one per token.
    YIELDS (tuple[int, int, str]): Start, end and label.
    """
    start = 0
    for i, name in enumerate(names):
        kind, _, label = name.partition("-")
        if kind in ("B", "U"):
            start = i
        # A move without a label sets no entity.
        if kind in ("L", "U") and label:
            yield start, i + 1, label


def replay(
    pipe: EntityRecognizer,
    model: ScaledModel,
    path: TransitionPath,
    start: int,
    end: int,
    factors: numpy.ndarray,
) -> numpy.ndarray:
    """Replay a path with scaled inputs, up to the end of an entity.

    pipe (EntityRecognizer): The component.
    model (ScaledModel): The model, whose inputs accumulate the gradients.
    path (TransitionPath): The recorded path.
    start (int): Index of the first token of the entity.
    end (int): Index after the last token of the entity.
    factors (numpy.ndarray): The scaling factors. *Shape:* (n_factors,)
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
    """Calculate the logit of the joint probability of several moves.

    scores (Tensor): The scores of all moves. *Shape:* (n_copies, n_steps, n_moves)
    moves (Tensor): Index of each move. *Shape:* (n_steps,)
    valid (Tensor): Mask of valid moves. *Shape:* (n_steps, n_moves)
    RETURNS (Tensor): The logits. *Shape:* (n_copies,)
    """
    # Skip steps with only one valid move, whose gradient would be NaN.
    (steps,) = (valid.sum(1) > 1).nonzero(as_tuple=True)
    others = valid.clone()
    others[torch.arange(len(moves)), moves] = False
    rest = scores.masked_fill(~others, -torch.inf)[:, steps].logsumexp(2)
    margins = scores[:, steps, moves[steps]] - rest
    return log_odds(functional.logsigmoid(margins).sum(1))
