"""Perturb what an encoder reads, to train it on inputs that are hard for it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from thinc.api import Model

from ..modules.perturbation import adversarial_perturbation
from .shim import TorchShim


def find_encoder(model: Model) -> TorchShim | None:
    """Find the recurrent encoder of a model.

    model (Model): A model that has a `tok2vec`.
    RETURNS (TorchShim | None): What holds the torch module of the `encode` block of
        this; None where that is not a layer of this package.
    """
    tok2vec = model.get_ref("tok2vec") if model.has_ref("tok2vec") else None
    if tok2vec is None or not tok2vec.has_ref("encode"):
        return None
    shims = tok2vec.get_ref("encode").shims
    return shims[0] if shims and isinstance(shims[0], TorchShim) else None


@contextmanager
def perturbed(
    encoder: TorchShim, lengths: Sequence[int], size: float
) -> Iterator[None]:
    """Perturb the inputs of an encoder against the gradient of the last batch.

    encoder (TorchShim): The encoder, whose last backward pass kept its gradient.
    lengths (Sequence[int]): Number of tokens of each document.
    size (float): Root mean square of the perturbation.
    """
    gradient = encoder.input_gradient
    if gradient is not None:
        encoder.perturbation = adversarial_perturbation(gradient, lengths, size)
    try:
        yield
    finally:
        encoder.perturbation = encoder.input_gradient = None
