"""Floating-point precision of recurrent layers."""

import platform

import torch

PRECISIONS = ("fp32", "bf16", "auto")
# Compute capability of Ampere.
CUDA_WITH_BF16 = (8, 0)


def has_bf16(device: torch.device) -> bool:
    """Check whether a device supports bf16 in hardware.

    device (torch.device): A CPU or GPU.
    RETURNS (bool): Whether it supports bf16.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= CUDA_WITH_BF16
    if device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return False
    # Private functions, which some versions of torch lack.
    if platform.machine() in ("x86_64", "AMD64"):
        supports_bf16 = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    else:
        supports_bf16 = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return supports_bf16 is not None and supports_bf16()


def dtype_of(precision: str, device: torch.device) -> torch.dtype | None:
    """Get the dtype for a batch.

    precision (str): "fp32", "bf16", or "auto" for bf16 if the device supports it.
    device (torch.device): Device of the batch.
    RETURNS (torch.dtype | None): The dtype; None for that of the weights.
    """
    is_auto = precision == "auto" and has_bf16(device)
    return torch.bfloat16 if precision == "bf16" or is_auto else None
