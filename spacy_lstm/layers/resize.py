"""Room for new labels in layers that are trained already."""

from typing import Any

import torch
from thinc.api import Model

from .shim import TorchShim


def resize(model: Model, fill: dict[str, float], **sizes: int) -> None:
    """Rebuild the module of a layer with larger sizes, and keep the weights it has.

    Of a layer that has no module yet the sizes alone are changed.

    The layer gets a new shim, since an optimizer keeps what it knows of weights, such
    as their averages, by the id of the old one.

    model (Model): The layer, which is changed.
    fill (dict[str, float]): Value of the new weights, by name of the parameter.
    sizes (int): Sizes that change, by dimension.
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
