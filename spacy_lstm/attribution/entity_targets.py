"""Which entities a CRF found, and the logits of their probabilities."""

import copy
from collections.abc import Sequence
from functools import partial
from itertools import compress
from typing import cast

import torch
from torch import Tensor

from ..layers.shim import TorchShim
from ..modules.crf.crf import CRF
from ..modules.crf.tag_scheme import TAG_SCHEMES, Entity
from ..pipeline.entity_constraints import read_constraints
from ..pipeline.ner import LSTMEntityRecognizer
from .scaled_model import ScaledModel
from .targets import Decision

# Logarithm of the probability from which on its difference from 1 is inexact.
NEARLY_CERTAIN = -1e-6


def decide_entities(pipe: LSTMEntityRecognizer, model: ScaledModel) -> list[Decision]:
    """List the entities of a text.

    pipe (LSTMEntityRecognizer): The component.
    model (ScaledModel): Its model, with the document.
    RETURNS (list[Decision]): The entities that the component sets.
    """
    doc = model.doc
    (found,) = pipe.predict([doc])
    entities = list(compress(found.entities, found.above(pipe.threshold)))
    scheme = TAG_SCHEMES[pipe.model.attrs["scheme"]]
    numbers = {label: i for i, label in enumerate(pipe.labels)}
    settled = read_constraints([doc], scheme, numbers)
    n_tags = scheme.n_tags(len(numbers))
    allowed = torch.ones(len(doc), n_tags, dtype=torch.bool)
    if settled is not None:
        allowed = torch.from_numpy(settled)
    shim = cast(TorchShim, pipe.model.get_ref("crf").shims[0])
    crf = copy.deepcopy(cast(CRF, shim.module)).double().requires_grad_(False)
    return [
        Decision(
            pipe.labels[entity[2]],
            model.along(
                partial(
                    entity_logits,
                    crf=crf,
                    entity=entity,
                    allowed=allowed.to(shim.device),
                    temperature=pipe.cfg["temperature"],
                )
            ),
            start=entity[0],
            end=entity[1],
        )
        for entity in entities
    ]


def entity_logits(
    emissions: Tensor,
    crf: CRF,
    entity: Entity,
    allowed: Tensor,
    temperature: float,
) -> Tensor:
    """Find the logit of the probability of exactly one entity, over all paths.

    Of a probability near 1 too little is left to subtract from 1: there, the paths that
    don't hold the entity are summed by themselves, which takes longer.

    emissions (Tensor): *Shape:* (n_copies, n_tokens, n_tags)
    crf (CRF): The chain.
    entity (tuple[int, int, int]): First token, end and label.
    allowed (Tensor): Whether a token may have a tag. *Shape:* (n_tokens, n_tags)
    temperature (float): What all scores are divided by.
    RETURNS (Tensor): *Shape:* (n_copies,)
    """
    holding = torch.ones_like(allowed)
    crf.scheme.hold(holding, entity)
    anything, agreeing = sum_paths(
        emissions, crf, [allowed, allowed & holding], temperature
    )
    shares = agreeing - anything
    is_sure = shares > NEARLY_CERTAIN
    logits = odds(shares.masked_fill(is_sure, NEARLY_CERTAIN))
    if not is_sure.any():
        return logits
    masks = list(crf.scheme.avoiding(allowed, entity))
    against = sum_paths(emissions[is_sure], crf, masks, temperature).logsumexp(0)
    return logits.masked_scatter(is_sure, agreeing[is_sure] - against)


def sum_paths(
    emissions: Tensor, crf: CRF, masks: Sequence[Tensor], temperature: float
) -> Tensor:
    """Find the logarithm of the mass of sets of paths.

    emissions (Tensor): *Shape:* (n_copies, n_tokens, n_tags)
    crf (CRF): The chain.
    masks (Sequence[Tensor]): For each set, whether a token may have a tag.
        *Shape:* (n_tokens, n_tags)
    temperature (float): What all scores are divided by.
    RETURNS (Tensor): *Shape:* (n_masks, n_copies)
    """
    n_copies, n_tokens, _ = emissions.shape
    masses = crf.log_partition(
        emissions.flatten(0, 1).repeat(len(masks), 1),
        [n_tokens] * (len(masks) * n_copies),
        torch.cat([mask.repeat(n_copies, 1) for mask in masks]),
        temperature,
    )
    return masses.view(len(masks), n_copies)


def odds(logarithms: Tensor) -> Tensor:
    """Make logits of the logarithms of probabilities.

    logarithms (Tensor): *Shape:* (n,)
    RETURNS (Tensor): *Shape:* (n,)
    """
    return logarithms - torch.log(-torch.expm1(logarithms))
