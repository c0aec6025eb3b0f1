"""Perturb what an encoder reads, to train it on inputs that are hard for it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from thinc.api import Model

from ..modules.perturbation import adversarial_perturbation
from .shim import TorchShim


def find_encoder(model: Model) -> TorchShim | None:
    """Find the recurrent encoder of a model.

    model (Model): The model.
    RETURNS (TorchShim | None): What holds the torch module of the encoder; None if
        there is none of this package.
    """
    for node in model.walk():
        if node.name == "rnn_encoder":
            shim = node.shims[0]
            return shim if isinstance(shim, TorchShim) else None
    return None


@contextmanager
def perturb_inputs(
    encoder: TorchShim, lengths: Sequence[int], size: float
) -> Iterator[None]:
    """Perturb the inputs of an encoder to raise the loss of the last batch.

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
        encoder.keeps_input_gradient = False
