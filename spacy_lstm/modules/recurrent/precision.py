"""The number format that recurrent layers compute in."""

import platform

import torch

PRECISIONS = ("fp32", "bf16", "auto")


def has_bf16(device: torch.device) -> bool:
    """Say whether a device multiplies bf16 numbers, rather than emulating that.

    device (torch.device): A processor or GPU.
    RETURNS (bool): Whether it does.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return False
    if platform.machine() in ("x86_64", "AMD64"):
        return torch.cpu._is_avx512_bf16_supported()
    return torch.ops.mkldnn._is_mkldnn_bf16_supported()


def dtype_of(precision: str, device: torch.device) -> torch.dtype | None:
    """Choose the number format of a batch.

    precision (str): "fp32", "bf16", or "auto" for bf16 where the device has it.
    device (torch.device): Where the batch is.
    RETURNS (torch.dtype | None): The format, or None for the one of the weights.
    """
    is_auto = precision == "auto" and has_bf16(device)
    return torch.bfloat16 if precision == "bf16" or is_auto else None
