"""Adversarial perturbations of word vectors (Miyato et al. 2017)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .pooling import segment_sum


def adversarial_perturbation(
    gradient: Tensor, lengths: Sequence[int], size: float
) -> Tensor:
    """Find the perturbation that increases the loss of each document fastest.

    It points in the direction of the document's gradient (Miyato et al. 2017, equation
    6) and is scaled to a root mean square of `size`.

    gradient (Tensor): Gradient of the loss with respect to the vectors.
        *Shape:* (n_tokens, width)
    lengths (Sequence[int]): Number of tokens of each document.
    size (float): Root mean square of the perturbation of each document.
    RETURNS (Tensor): *Shape:* (n_tokens, width)
    """
    counts = torch.as_tensor(lengths, dtype=torch.long, device=gradient.device)
    squares = segment_sum(gradient.square().mean(dim=1, keepdim=True), counts)
    norms = (squares / counts.clamp(min=1).unsqueeze(1)).sqrt()
    scales = torch.where(norms > 0, size / norms, 0.0)
    return gradient * scales.repeat_interleave(counts, dim=0)
