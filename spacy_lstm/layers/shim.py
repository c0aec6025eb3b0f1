"""The place where Thinc and torch meet."""

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
    """Holds the torch module of a Thinc layer and trains it with Thinc's optimizer.

    The module is built when its sizes are known: at initialization, or from the sizes
    that were saved beside its weights.

    build (Callable[..., nn.Module]): Makes the module from its sizes.
    name (str): Name of the layer in error messages.
    """

    _model: nn.Module | None

    def __init__(self, build: Callable[..., nn.Module], name: str) -> None:
        super().__init__(None)
        self.build = build
        self.name = name
        self.skipped_steps = SkippedSteps()
        # Of each gradient that went on to the layers before, whether it was finite.
        self.finite_inputs: list[Tensor] = []
        # For adversarial training: what is added to the inputs of training, whether
        # their gradient is kept, and this gradient.
        self.perturbation: Tensor | None = None
        self.keeps_input_gradient = False
        self.input_gradient: Tensor | None = None

    @property
    def has_module(self) -> bool:
        """RETURNS (bool): Whether the layer was initialized or loaded."""
        return self._model is not None

    @property
    def module(self) -> nn.Module:
        """RETURNS (nn.Module): The module.

        RAISES (ValueError): If the layer was neither initialized nor loaded.
        """
        if self._model is None:
            raise ValueError(Errors.L008.format(name=self.name))
        return self._model

    @property
    def device(self) -> torch.device:
        """RETURNS (torch.device): Where the weights are."""
        for parameter in self.module.parameters():
            return parameter.device
        return get_torch_default_device()

    def make_module(self, **sizes: int) -> nn.Module:
        """Build the module with new weights, in place of one that was there.

        sizes (int): Arguments of the function that builds it.
        RETURNS (nn.Module): The new module, on Thinc's device.
        """
        module = self.build(**sizes).to(get_torch_default_device())
        self.cfg = dict(sizes)
        self._model = module
        self.weights_changed()
        return module

    def weights_changed(self) -> None:
        """Called after every change of the weights."""

    def predict(self, *inputs: Any) -> Tensor:  # type: ignore[override]
        """Run the module without keeping what a backward pass needs.

        inputs (Any): Arguments of the module.
        RETURNS (Tensor): What the module returns.
        """
        with torch.no_grad():
            return self.module(*inputs)

    def begin_update(  # type: ignore[override]
        self, *inputs: Any
    ) -> tuple[Tensor, Callable[[Tensor], None]]:
        """Run the module for training.

        inputs (Any): Arguments of the module.
        RETURNS (tuple[Tensor, Callable]): What the module returns, and a function
            that takes the gradient of that, and adds to the gradients of the weights
            and of those inputs that require one. A gradient of an input that is not
            finite is set to zero, since the weights before it may be Thinc's own, and
            the next step of this layer is skipped.
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
        """Give each weight and its gradient to the optimizer.

        Gradients are clipped together, by their global norm (Pascanu et al. 2013); an
        optimizer whose L2 is weight decay then finds nothing to clip in any of them.
        They are let go of rather than set to zero: `nlp.rehearse` collects them first
        and applies them later. Where their norm or a gradient of the inputs was not
        finite, that is all: weights, moments and averages stay as they are.

        optimizer (Optimizer): Thinc's optimizer, or a function called like it.
        RAISES (ValueError): If ten steps in a row were skipped in this way.
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
        # There may be none, as in pooling; then only the gradient of inputs counts.
        parameters = [parameter for _, parameter in trained]
        largest_norm = getattr(optimizer, "grad_clip", None) or math.inf
        norm = nn.utils.clip_grad_norm_(parameters, float(largest_norm))
        is_finite = all(map(bool, [norm.isfinite(), *finite_inputs]))
        if trained and norm == 0 and is_finite:
            # There was nothing to learn: momentum would go on moving weights.
            for parameter in parameters:
                parameter.grad = None
            return
        if not is_finite:
            self.module.zero_grad()
        if not self.skipped_steps.admit(self.name, is_finite):
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
        """Set weights for the time of a block, as for the optimizer's averages.

        params (dict): Arrays by shim id and name of the weight.
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
        """Copy the layer, with an id of its own.

        An optimizer keeps its moments and averages by id, and has to tell the
        original from the copy.

        RETURNS (TorchShim): A shim that shares nothing with this one.
        """
        copied = type(self)(self.build, self.name)
        copied.cfg = dict(self.cfg)
        copied._model = copy.deepcopy(self._model)
        return copied

    def to_device(self, device_type: str, device_id: int) -> None:
        """Move the weights.

        device_type (str): "cpu" or "gpu".
        device_id (int): Number of the GPU.
        """
        if self._model is not None:
            is_gpu = device_type == "gpu"
            self._model.to(f"cuda:{device_id}" if is_gpu else device_type)
            self.weights_changed()

    def to_bytes(self) -> bytes:
        """Serialize sizes and weights.

        RETURNS (bytes): The sizes, the weights as safetensors, and a checksum of those.
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
        """Load sizes and weights; the layer is left as it was where that fails.

        bytes_data (bytes): What `to_bytes` returned.
        RETURNS (TorchShim): The shim itself.
        RAISES (ValueError): If they are damaged or belong to another network.
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
    """Make sure of sizes and weights.

    sizes (dict[str, int]): Arguments of the function that builds the module.
    weights (bytes): The weights as safetensors.
    RETURNS (str): Their SHA-256.
    """
    return sha256(srsly.msgpack_dumps(sizes) + weights).hexdigest()
