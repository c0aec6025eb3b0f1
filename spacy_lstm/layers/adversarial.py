"""Adversarial training of an encoder on perturbed inputs (Miyato et al. 2017)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from thinc.api import Model

from ..modules.perturbation import adversarial_perturbation
from .shim import TorchShim


def find_encoder(model: Model) -> TorchShim | None:
    """Find the recurrent encoder of a model.

    model (Model): The model.
    RETURNS (TorchShim | None): The shim of the encoder; None if the model has no
        encoder of this package.
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
    """Perturb the inputs of an encoder so that the loss of the last batch increases.

    encoder (TorchShim): The encoder, with the input gradient of its last backward pass.
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
