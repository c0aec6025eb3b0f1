"""Entities found by a CRF, and the logits of their probabilities."""

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
from ..pipeline.ner import LSTMEntityRecognizer
from ..pipeline.ner_annotation import read_constraints
from .scaled_model import ScaledModel
from .targets import Decision

# Log probability above which its difference from 1 is inexact.
NEARLY_CERTAIN = -1e-6


def decide_entities(pipe: LSTMEntityRecognizer, model: ScaledModel) -> list[Decision]:
    """List the entities in a document.

    pipe (LSTMEntityRecognizer): The component.
    model (ScaledModel): The model of the component, with the document.
    RETURNS (list[Decision]): The entities that the component sets.
    """
    doc = model.doc
    (predicted,) = pipe.predict([doc])
    entities = list(compress(predicted.entities, predicted.above(pipe.threshold)))
    scheme = TAG_SCHEMES[pipe.model.attrs["scheme"]]
    label_ids = {label: i for i, label in enumerate(pipe.labels)}
    constraints = read_constraints([doc], scheme, label_ids)
    n_tags = scheme.n_tags(len(label_ids))
    allowed = torch.ones(len(doc), n_tags, dtype=torch.bool)
    if constraints is not None:
        allowed = torch.from_numpy(constraints)
    shim = cast(TorchShim, pipe.model.get_ref("crf").shims[0])
    crf = copy.deepcopy(cast(CRF, shim.module)).double().requires_grad_(False)
    return [
        Decision(
            pipe.labels[entity[2]],
            model.evaluator(
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
    """Calculate the logit of an entity's marginal probability.

    If the probability is near 1, its difference from 1 is inexact. In this case, the
    paths without the entity are summed directly, which takes longer.

    emissions (Tensor): The emission scores. *Shape:* (n_copies, n_tokens, n_tags)
    crf (CRF): The CRF.
    entity (tuple[int, int, int]): Start, end and label index.
    allowed (Tensor): Mask of the tags that each token can have. *Shape:* (n_tokens,
        n_tags)
    temperature (float): The temperature, which divides all scores.
    RETURNS (Tensor): The logits. *Shape:* (n_copies,)
    """
    with_entity = torch.ones_like(allowed)
    crf.scheme.constrain_to_span(with_entity, entity)
    log_z, log_z_entity = log_partitions(
        emissions, crf, [allowed, allowed & with_entity], temperature
    )
    log_probs = log_z_entity - log_z
    is_certain = log_probs > NEARLY_CERTAIN
    logits = log_odds(log_probs.masked_fill(is_certain, NEARLY_CERTAIN))
    if not is_certain.any():
        return logits
    masks = list(crf.scheme.masks_without_span(allowed, entity))
    log_z_rest = log_partitions(emissions[is_certain], crf, masks, temperature)
    certain = log_z_entity[is_certain] - log_z_rest.logsumexp(0)
    return logits.masked_scatter(is_certain, certain)


def log_partitions(
    emissions: Tensor, crf: CRF, masks: Sequence[Tensor], temperature: float
) -> Tensor:
    """Calculate the log partition function over the paths that each mask allows.

    emissions (Tensor): The emission scores. *Shape:* (n_copies, n_tokens, n_tags)
    crf (CRF): The CRF.
    masks (Sequence[Tensor]): Masks of the tags that each token can have.
        *Shape:* (n_tokens, n_tags)
    temperature (float): The temperature, which divides all scores.
    RETURNS (Tensor): The log partition functions. *Shape:* (n_masks, n_copies)
    """
    n_copies, n_tokens, _ = emissions.shape
    log_z = crf.log_partition(
        emissions.flatten(0, 1).repeat(len(masks), 1),
        [n_tokens] * (len(masks) * n_copies),
        torch.cat([mask.repeat(n_copies, 1) for mask in masks]),
        temperature,
    )
    return log_z.view(len(masks), n_copies)


def log_odds(log_probs: Tensor) -> Tensor:
    """Convert log probabilities to logits.

    log_probs (Tensor): The log probabilities. *Shape:* (n,)
    RETURNS (Tensor): The logits. *Shape:* (n,)
    """
    return log_probs - torch.log(-torch.expm1(log_probs))
