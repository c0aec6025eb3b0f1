"""Attention weights of text classifiers."""

from typing import cast

import torch
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from thinc.api import xp2torch
from thinc.types import Floats2d

from ..errors import Errors
from ..layers.shim import TorchShim
from ..modules.pooling import AttentionPooling, Pooling


def read_attention(pipe: TrainablePipe, doc: Doc) -> list[float]:
    """Read the attention weights of a text classifier.

    pipe (TrainablePipe): The component.
    doc (Doc): The document, processed by the preceding components.
    RETURNS (list[float]): One weight per token. The weights add up to 1.
    RAISES (ValueError): If the model doesn't use attention pooling.
    """
    pooling = find_attention(pipe)
    if pooling is None:
        raise ValueError(Errors.L095.format(name=pipe.name))
    vectors = cast(list[Floats2d], pipe.model.get_ref("tok2vec").predict([doc]))
    device = pooling.context.weight.device
    tokens = xp2torch(vectors[0], device=device)
    with torch.no_grad():
        weights = pooling.weights(tokens, torch.tensor([len(doc)], device=device))
    return weights[:, 0].tolist()


def find_attention(pipe: TrainablePipe) -> AttentionPooling | None:
    """Find the attention pooling of a model.

    pipe (TrainablePipe): The component.
    RETURNS (AttentionPooling | None): The module, or None if there is none.
    """
    for node in pipe.model.walk():
        for shim in node.shims:
            if isinstance(shim, TorchShim) and isinstance(shim.module, Pooling):
                for pooling in shim.module.poolings:
                    if isinstance(pooling, AttentionPooling):
                        return pooling
    return None
