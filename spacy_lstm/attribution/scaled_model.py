"""A copy of a component's model with scalable inputs."""

import copy
from collections.abc import Callable
from typing import Any

import numpy
import torch
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from thinc.api import Model, PyTorchShim, set_dropout_rate, torch2xp, xp2torch
from thinc.layers.linear import forward as linear
from thinc.layers.noop import forward as identity
from thinc.types import Floats2d
from torch import Tensor, nn

from ..errors import Errors
from ..layers.logit_sum import NAME as LOGIT_SUM
from ..layers.shim import TorchShim
from ..pipeline.listeners import listeners_of
from .interpolation import Evaluate
from .scaled_inputs import ScaledInput, read_inputs

# Maximum number of tokens per batch, over all copies of the document.
MAX_TOKENS = 16384

# Names of layers that read documents. All of them must be replaced.
READERS = {
    "charembed",
    "extract_features",
    "extract_ngrams",
    "static_vectors",
    "tok2vec-listener",
}

# Maps the output for copies of a document, *shape* (n_copies, n_labels) or
# (n_copies, n_tokens, n_outputs), to logits, *shape* (n_copies,).
FindLogits = Callable[[Tensor], Tensor]


class ScaledModel:
    """Predicts logits for one document with scaled inputs.

    The model is a copy of the component's model, including a shared `tok2vec`. It
    returns logits instead of probabilities.

    nlp (Language): The pipeline.
    pipe (TrainablePipe): The component.
    doc (Doc): The document, processed by the preceding components.
    RAISES (ValueError): If some inputs of the model can't be scaled, or it listens to a
        disabled `tok2vec`.
    """

    def __init__(self, nlp: Language, pipe: TrainablePipe, doc: Doc) -> None:
        self.doc = doc
        self.inputs: list[ScaledInput] = []
        replacements: dict[int, Any] = {}
        for listener, upstream in listeners_of(pipe, nlp):
            if upstream.name not in nlp.pipe_names:
                message = Errors.L106.format(name=pipe.name, upstream=upstream.name)
                raise ValueError(message)
            replacements[id(listener)] = self._copy(upstream.model, replacements)
        self.model = self._copy(pipe.model, replacements)
        self._check_inputs(pipe.name)
        disable_training(self.model)
        self.output = remove_activation(self.model)

    def _check_inputs(self, name: str) -> None:
        layers = [node.name for node in self.model.walk() if node.name in READERS]
        if layers or not self.inputs:
            reader = ", ".join(dict.fromkeys(layers)) or self.model.name
            raise ValueError(Errors.L091.format(name=name, layer=reader))

    def _copy(self, model: Model, replacements: dict[int, Any]) -> Model:
        for layer, scaled in read_inputs(model, self.doc).items():
            self.inputs.append(scaled)
            replacements[id(layer)] = scaled.layer
            # Sublayers may be shared with other layers and must not be copied.
            replacements.update(
                {id(part): part for part in layer.walk() if part is not layer}
            )
        return copy.deepcopy(model, replacements)

    def evaluator(self, find_logits: FindLogits) -> Evaluate:
        """Create a function that evaluates a logit of the model's output.

        find_logits (Callable): Maps the output to logits.
        RETURNS (Callable): Calculates logits and gradients at given factors.
        """

        def run(factors: numpy.ndarray) -> numpy.ndarray:
            outputs, backprop = self.model.begin_update([self.doc] * len(factors))
            stacked = xp2torch(self.model.ops.xp.stack(list(outputs))).double()
            logits, gradient = differentiate(find_logits, stacked)
            d_outputs = torch2xp(gradient.float(), ops=self.model.ops)
            backprop(list(d_outputs) if isinstance(outputs, list) else d_outputs)
            return logits

        return self.collect_gradients(run)

    def collect_gradients(
        self, run: Callable[[numpy.ndarray], numpy.ndarray]
    ) -> Evaluate:
        """Create a function that collects the gradients at the inputs.

        run (Callable): Maps factors to logits, with a forward and a backward pass.
        RETURNS (Callable): Calculates logits and gradients at given factors.
        """

        def evaluate(factors: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
            size = max(1, MAX_TOKENS // len(self.doc))
            logits, slopes = [], []
            for start in range(0, len(factors), size):
                own = factors[start : start + size]
                for scaled in self.inputs:
                    scaled.scale(own)
                with torch.enable_grad():
                    logits.append(run(own))
                slopes.append(sum(scaled.slopes for scaled in self.inputs))
            return numpy.concatenate(logits), numpy.concatenate(slopes)

        return evaluate


def differentiate(
    find_logits: FindLogits, outputs: Tensor
) -> tuple[numpy.ndarray, Tensor]:
    """Calculate logits and the gradient of their sum.

    find_logits (Callable): Maps the output to logits.
    outputs (Tensor): The output for each copy of the document.
    RETURNS (tuple[numpy.ndarray, Tensor]): The logits, *shape* (n_copies,), and the
        gradient, of the same shape as the outputs.
    """
    logits = find_logits(outputs.requires_grad_())
    (gradient,) = torch.autograd.grad(logits.sum(), outputs)
    return logits.detach().cpu().numpy(), gradient


def disable_training(model: Model) -> None:
    """Disable dropout and parameter gradients, but keep the backward pass.

    model (Model): The model, which is modified in place.
    """
    set_dropout_rate(model, 0.0)
    for node in model.walk():
        if node.name == LOGIT_SUM:
            node.attrs["adds_in_training"] = True
        for shim in node.shims:
            if isinstance(shim, TorchShim):
                node.attrs["dropout_rate"] = None
                if shim.has_module:
                    shim.module.requires_grad_(False)
            elif isinstance(shim, PyTorchShim):
                for module in shim._model.modules():
                    if isinstance(module, nn.RNNBase):
                        module.dropout = 0.0
                    elif isinstance(module, nn.modules.dropout._DropoutNd):
                        module.p = 0.0


def remove_activation(model: Model) -> str:
    """Remove the output activation of a model.

    model (Model): The model, which is modified in place.
    RETURNS (str): The removed activation, "softmax" or "logistic", or "" if none was
        found.
    """
    node = model
    while node.layers:
        node = node.layers[-1]
    if node.name == "softmax" and node.has_param("W"):
        node.replace_callbacks(linear_with_temperature)
        return "softmax"
    is_exclusive = node.attrs.get("exclusive")
    forward = identity if is_exclusive is None else scale_by_temperature
    if node.name in ("softmax", "softmax_activation") or is_exclusive is True:
        node.replace_callbacks(forward)
        return "softmax"
    if node.name in ("logistic", "sigmoid_activation") or is_exclusive is False:
        node.replace_callbacks(forward)
        return "logistic"
    return ""


def scale_by_temperature(
    model: Model, X: Floats2d, is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], Floats2d]]:
    """Return logits divided by the calibrated temperature."""
    temperature = model.attrs["temperature"]
    return X / temperature, lambda dY: dY / temperature


def linear_with_temperature(
    model: Model, X: Floats2d, is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], Floats2d]]:
    """Return the logits of Thinc's `Softmax` instead of probabilities."""
    temperature = model.attrs["softmax_temperature"]
    Y, backprop = linear(model, X, is_train)
    return Y / temperature, lambda dY: backprop(dY / temperature)
