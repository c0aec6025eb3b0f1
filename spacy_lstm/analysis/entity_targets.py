"""Which entities a CRF found, and the logits of their probabilities."""

import copy
from functools import partial
from itertools import compress
from typing import cast

import torch
from torch import Tensor

from ..layers.shim import TorchShim
from ..modules.crf import CRF
from ..modules.tag_scheme import TAG_SCHEMES, Entity
from ..pipeline.entity_constraints import read_constraints
from ..pipeline.ner import LSTMEntityRecognizer
from .scaled_model import ScaledModel
from .targets import Decision


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

    It is the mass of the paths that hold it against that of all others, which are
    summed by themselves: of a probability near 1, too little is left to subtract.

    emissions (Tensor): *Shape:* (n_copies, n_tokens, n_tags)
    crf (CRF): The chain.
    entity (tuple[int, int, int]): First token, end and label.
    allowed (Tensor): Whether a token may have a tag. *Shape:* (n_tokens, n_tags)
    temperature (float): What all scores are divided by.
    RETURNS (Tensor): *Shape:* (n_copies,)
    """
    n_copies, n_tokens, _ = emissions.shape
    holding = allowed.clone()
    crf.scheme.hold(holding, entity)
    masks = [allowed & holding, *crf.scheme.avoiding(allowed, entity)]
    n_sequences = len(masks) * n_copies
    agreeing, *others = crf.log_partition(
        emissions.flatten(0, 1).repeat(len(masks), 1),
        [n_tokens] * n_sequences,
        torch.cat([mask.repeat(n_copies, 1) for mask in masks]),
        temperature,
    ).split(n_copies)
    return agreeing - torch.stack(others).logsumexp(0)
