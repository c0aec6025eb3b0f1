"""Shim that connects Thinc layers with PyTorch modules."""

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, cast

import srsly
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from thinc.api import Optimizer, get_torch_default_device, torch2xp, xp2torch
from thinc.shims import Shim
from thinc.types import FloatsXd
from torch import Tensor, nn

from ..errors import Errors
from .skipped_steps import SkippedSteps


class TorchShim(Shim):
    """Holds the PyTorch module of a Thinc layer and trains it with Thinc's optimizer.

    The module is built when its sizes are known: on initialization, or when a saved
    model is loaded.

    build (Callable[..., nn.Module]): Makes the module from its sizes.
    name (str): Name of the layer in error messages.
    """

    _model: nn.Module | None

    def __init__(self, build: Callable[..., nn.Module], name: str) -> None:
        super().__init__(None)
        self.build = build
        self.name = name
        self.skipped_steps = SkippedSteps()
        # Whether each gradient passed to the previous layers was finite.
        self.finite_inputs: list[Tensor] = []
        # For adversarial training: the perturbation of the inputs, whether to keep
        # their gradient, and this gradient.
        self.perturbation: Tensor | None = None
        self.keeps_input_gradient = False
        self.input_gradient: Tensor | None = None

    @property
    def has_module(self) -> bool:
        """RETURNS (bool): Whether the layer has been initialized or loaded."""
        return self._model is not None

    @property
    def module(self) -> nn.Module:
        """RETURNS (nn.Module): The module.

        RAISES (ValueError): If the layer has not been initialized or loaded.
        """
        if self._model is None:
            raise ValueError(Errors.L008.format(name=self.name))
        return self._model

    @property
    def device(self) -> torch.device:
        """RETURNS (torch.device): The device of the weights."""
        for parameter in self.module.parameters():
            return parameter.device
        return get_torch_default_device()

    def make_module(self, **sizes: int) -> nn.Module:
        """Build the module with new weights. Replaces an existing module.

        sizes (int): Arguments of `build`.
        RETURNS (nn.Module): The new module, on Thinc's device.
        """
        module = self.build(**sizes).to(get_torch_default_device())
        self.cfg = dict(sizes)
        self._model = module
        self.weights_changed()
        return module

    def weights_changed(self) -> None:
        """Called after every change of the weights. Does nothing by default."""

    def predict(self, *inputs: Any) -> Tensor:  # type: ignore[override]
        """Run the module without building a graph for the backward pass.

        inputs (Any): Arguments of the module.
        RETURNS (Tensor): Its output.
        """
        with torch.no_grad():
            return self.module(*inputs)

    def begin_update(  # type: ignore[override]
        self, *inputs: Any
    ) -> tuple[Tensor, Callable[[Tensor], None]]:
        """Run the module for training.

        inputs (Any): Arguments of the module.
        RETURNS (tuple[Tensor, Callable]): The output, and a function that takes the
            gradient of the output and adds to the gradients of the weights and of the
            inputs that require one. Non-finite gradients of inputs are set to 0, since
            Thinc's own layers before this one don't check them, and the next update of
            this layer is skipped.
        """
        outputs = self.module(*inputs)

        def backprop(gradient: Tensor) -> None:
            if not outputs.requires_grad:
                return
            outputs.backward(gradient)
            for tensor in inputs:
                if isinstance(tensor, Tensor) and tensor.grad is not None:
                    is_finite = tensor.grad.sum().isfinite()
                    tensor.grad = tensor.grad.where(is_finite, 0.0)
                    self.finite_inputs.append(is_finite)

        return outputs, backprop

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the weights with the accumulated gradients.

        Gradients are clipped by their global norm (Pascanu et al. 2013), so that the
        optimizer doesn't clip them one by one, unless it adds L2 regularization to
        them. They are set to None rather than to 0, because `nlp.rehearse` collects
        them first and applies them later. If their norm or a gradient of the inputs is
        not finite, the step is skipped and weights, moments and averages don't change.

        optimizer (Optimizer): Thinc's optimizer, or a function with its signature.
        RAISES (ValueError): If ten steps in a row were skipped.
        """
        if self._model is None:
            return
        finite_inputs, self.finite_inputs = self.finite_inputs, []
        trained = [
            (name, parameter)
            for name, parameter in self._model.named_parameters()
            if parameter.grad is not None
        ]
        if not trained and not finite_inputs:
            return
        # Layers without weights, such as pooling, only check the gradients of inputs.
        parameters = [parameter for _, parameter in trained]
        largest_norm = getattr(optimizer, "grad_clip", None) or math.inf
        norm = nn.utils.clip_grad_norm_(parameters, float(largest_norm))
        is_finite = all(map(bool, [norm.isfinite(), *finite_inputs]))
        if trained and norm == 0 and is_finite:
            # Skip zero gradients, since momentum would still move the weights.
            for parameter in parameters:
                parameter.grad = None
            return
        if not is_finite:
            self.module.zero_grad()
        if not self.skipped_steps.record_step(self.name, is_finite):
            return
        for name, parameter in trained:
            weights = cast(FloatsXd, torch2xp(parameter.data))
            gradient = cast(
                FloatsXd, torch2xp(cast(Tensor, parameter.grad).contiguous())
            )
            parameter.grad = None
            updated, _ = optimizer((self.id, name), weights, gradient)
            # Thinc's optimizers change weights in place.
            if updated is not weights:
                parameter.data.copy_(xp2torch(updated, device=parameter.device))
        self.weights_changed()

    @contextmanager
    def use_params(self, params: dict[Any, FloatsXd]) -> Iterator[None]:
        """Replace weights within a context, e.g. by the optimizer's averages.

        params (dict): Arrays by shim ID and name of the weight.
        """
        originals: list[tuple[nn.Parameter, Tensor]] = []
        if self._model is not None:
            for name, parameter in self._model.named_parameters():
                if (self.id, name) in params:
                    originals.append((parameter, parameter.data))
                    parameter.data = xp2torch(
                        params[self.id, name], device=parameter.device
                    )
        self.weights_changed()
        try:
            yield
        finally:
            for parameter, data in originals:
                parameter.data = data
            self.weights_changed()

    def copy(self) -> "TorchShim":
        """Copy the shim.

        The copy has its own ID, since optimizers store moments and averages by ID.

        RETURNS (TorchShim): A shim that shares no state with this one.
        """
        copied = type(self)(self.build, self.name)
        copied.cfg = dict(self.cfg)
        copied._model = copy.deepcopy(self._model)
        return copied

    def to_device(self, device_type: str, device_id: int) -> None:
        """Move the weights.

        device_type (str): "cpu" or "gpu".
        device_id (int): ID of the GPU.
        """
        if self._model is not None:
            is_gpu = device_type == "gpu"
            self._model.to(f"cuda:{device_id}" if is_gpu else device_type)
            self.weights_changed()

    def to_bytes(self) -> bytes:
        """Serialize sizes and weights.

        RETURNS (bytes): The sizes, the weights as safetensors, and a checksum of both.
        """
        weights = self._model.state_dict() if self._model is not None else {}
        state = {name: weight.contiguous() for name, weight in weights.items()}
        saved = save(state)
        return srsly.msgpack_dumps(
            {
                "sizes": self.cfg,
                "weights": saved,
                "sha256": checksum(self.cfg, saved),
            }
        )

    def from_bytes(self, bytes_data: bytes) -> "TorchShim":
        """Load sizes and weights. If that fails, the shim doesn't change.

        bytes_data (bytes): The return value of `to_bytes`.
        RETURNS (TorchShim): The shim itself.
        RAISES (ValueError): If the bytes are damaged or belong to another network.
        """
        try:
            message = srsly.msgpack_loads(bytes_data)
            sizes, weights = message["sizes"], message["weights"]
            if message["sha256"] != checksum(sizes, weights):
                raise ValueError("they are not those that were saved")
            if any(not isinstance(size, int) for size in sizes.values()):
                raise ValueError(f"their sizes are {sizes}")
            module = self.build(**sizes) if sizes else nn.Module()
            state = load(weights)
            for weight_name, weight in state.items():
                if not weight.isfinite().all():
                    raise ValueError(f"{weight_name} contains NaN or infinity")
            module.load_state_dict(state)
            module.to(get_torch_default_device())
        except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as e:
            reason = str(e).rstrip(". ")
            raise ValueError(Errors.L009.format(name=self.name, reason=reason)) from e
        self.cfg = sizes
        self._model = module if sizes else None
        self.weights_changed()
        return self


def checksum(sizes: dict[str, int], weights: bytes) -> str:
    """Compute the checksum of sizes and weights.

    sizes (dict[str, int]): Arguments of `TorchShim.build`.
    weights (bytes): The weights as safetensors.
    RETURNS (str): The SHA-256 digest in hexadecimal.
    """
    return sha256(srsly.msgpack_dumps(sizes) + weights).hexdigest()
