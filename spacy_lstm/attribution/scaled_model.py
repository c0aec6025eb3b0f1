"""A copy of a component's model, of which the inputs can be scaled."""

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

# Tokens that are read at once, over all copies of the document.
MAX_TOKENS = 16384

# Names of layers that read documents. What stands in for an input has none of them.
READERS = {
    "charembed",
    "extract_features",
    "extract_ngrams",
    "static_vectors",
    "tok2vec-listener",
}

# From the output of the copies of a document, *shape* (n_copies, n_labels) or
# (n_copies, n_tokens, n_outputs), to the logit of each, *shape* (n_copies,).
FindLogits = Callable[[Tensor], Tensor]


class ScaledModel:
    """Reads one document again and again, with its inputs scaled.

    The model predicts as the component's does, but gives logits where that gives
    probabilities. A shared `tok2vec` is part of it. What the component has is copied,
    and not changed.

    nlp (Language): The pipeline.
    pipe (TrainablePipe): The component.
    doc (Doc): The document, as the component is to read it.
    RAISES (ValueError): If not all inputs of the model can be scaled, or a `tok2vec`
        that it listens to is disabled.
    """

    def __init__(self, nlp: Language, pipe: TrainablePipe, doc: Doc) -> None:
        self.doc = doc
        self.inputs: list[ScaledInput] = []
        stand_ins: dict[int, Any] = {}
        for listener, upstream in listeners_of(pipe, nlp):
            if upstream.name not in nlp.pipe_names:
                message = Errors.L106.format(name=pipe.name, upstream=upstream.name)
                raise ValueError(message)
            stand_ins[id(listener)] = self._copy(upstream.model, stand_ins)
        self.model = self._copy(pipe.model, stand_ins)
        self._check_inputs(pipe.name)
        stop_training(self.model)
        self.output = remove_activation(self.model)

    def _check_inputs(self, name: str) -> None:
        layers = [node.name for node in self.model.walk() if node.name in READERS]
        if layers or not self.inputs:
            reader = ", ".join(dict.fromkeys(layers)) or self.model.name
            raise ValueError(Errors.L091.format(name=name, layer=reader))

    def _copy(self, model: Model, stand_ins: dict[int, Any]) -> Model:
        for layer, scaled in read_inputs(model, self.doc).items():
            self.inputs.append(scaled)
            stand_ins[id(layer)] = scaled.layer
            # Something else may hold a part of it, which then needs no copy.
            stand_ins.update(
                {id(part): part for part in layer.walk() if part is not layer}
            )
        return copy.deepcopy(model, stand_ins)

    def along(self, find_logits: FindLogits) -> Evaluate:
        """Follow a logit along the line from zeros to the inputs.

        find_logits (Callable): From the output to the logit.
        RETURNS (Callable): Finds logits and slopes at given factors.
        """

        def run(factors: numpy.ndarray) -> numpy.ndarray:
            outputs, backprop = self.model.begin_update([self.doc] * len(factors))
            stacked = xp2torch(self.model.ops.xp.stack(list(outputs))).double()
            logits, gradient = differentiate(find_logits, stacked)
            d_outputs = torch2xp(gradient.float(), ops=self.model.ops)
            backprop(list(d_outputs) if isinstance(outputs, list) else d_outputs)
            return logits

        return self.evaluating(run)

    def evaluating(self, run: Callable[[numpy.ndarray], numpy.ndarray]) -> Evaluate:
        """Collect the slopes that a forward and backward pass leaves at the inputs.

        run (Callable): From factors to logits, by way of both passes.
        RETURNS (Callable): Finds logits and slopes at given factors.
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
    """Find logits, and their gradient.

    find_logits (Callable): From the output to the logit.
    outputs (Tensor): That of each copy of the document.
    RETURNS (tuple[numpy.ndarray, Tensor]): The logits, *shape* (n_copies,), and the
        gradient, of the shape of the outputs.
    """
    logits = find_logits(outputs.requires_grad_())
    (gradient,) = torch.autograd.grad(logits.sum(), outputs)
    return logits.detach().cpu().numpy(), gradient


def stop_training(model: Model) -> None:
    """Have a model predict while it keeps what a backward pass needs.

    model (Model): The model, which is changed.
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
    """Take from a model the function that makes probabilities of logits.

    model (Model): The model, which is changed.
    RETURNS (str): "softmax" or "logistic" for the function that was taken away, or ""
        where none was found.
    """
    node = model
    while node.layers:
        node = node.layers[-1]
    if node.name == "softmax" and node.has_param("W"):
        node.replace_callbacks(tempered_linear)
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
    """Give logits divided by the temperature that a model was calibrated to."""
    temperature = model.attrs["temperature"]
    return X / temperature, lambda dY: dY / temperature


def tempered_linear(
    model: Model, X: Floats2d, is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], Floats2d]]:
    """Give the logits of Thinc's `Softmax`, in place of its probabilities."""
    temperature = model.attrs["softmax_temperature"]
    Y, backprop = linear(model, X, is_train)
    return Y / temperature, lambda dY: backprop(dY / temperature)
