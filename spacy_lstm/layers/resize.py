"""Resizing of trained layers for new labels."""

from typing import Any

import torch
from thinc.api import Model

from .shim import TorchShim


def resize(model: Model, fill: dict[str, float], **sizes: int) -> None:
    """Rebuild the module of a layer with larger sizes and copy its weights.

    If the layer has no module yet, only the sizes are set.

    The layer gets a new shim, since optimizers store averages and moments by the ID of
    the old one.

    model (Model): The layer, which is changed.
    fill (dict[str, float]): Value of the new weights, by name of the parameter.
    sizes (int): New sizes by dimension.
    """
    for dim, size in sizes.items():
        model.set_dim(dim, size, force=True)
    old: Any = model.shims[0]
    if not old.cfg:
        return
    new = TorchShim(old.build, old.name)
    module = new.make_module(**{**old.cfg, **sizes})
    known = old.module.state_dict()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.fill_(fill.get(name, 0.0))
            parameter[tuple(map(slice, known[name].shape))] = known[name]
    model.shims[0] = new
