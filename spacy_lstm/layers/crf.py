"""A linear-chain CRF over the emissions of a batch of documents."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import numpy
import torch
from thinc.api import Model, torch2xp, xp2torch
from thinc.types import Floats2d
from torch import Tensor

from ..modules.crf.crf import CRF
from ..modules.crf.tag_scheme import Entity
from ..modules.crf.temperature import fit_temperature
from .shim import TorchShim
from .torch_layer import flatten, split

Emissions = Sequence[Floats2d]


def crf(scheme: str, nO: int | None = None) -> Model[list[Floats2d], list[Floats2d]]:
    """Make a layer that holds a CRF, and gives emissions on as they are.

    What the chain makes of them is found by the functions of this file.

    scheme (str): "biluo" or "bio".
    nO (int | None): Number of tags, where it is known beforehand.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The layer.
    """
    shim = TorchShim(partial(make_crf, scheme=scheme), "crf")
    return Model("crf", forward, init=init, dims={"nO": nO}, shims=[shim])


def make_crf(nO: int, *, scheme: str) -> CRF:
    return CRF(nO, scheme)


def init(model: Model, X: Emissions | None = None, Y: Any = None) -> None:
    if X:
        model.set_dim("nO", X[0].shape[1])
    if model.has_dim("nO"):
        cast(TorchShim, model.shims[0]).make_module(nO=model.get_dim("nO"))


def forward(
    model: Model, Xs: list[Floats2d], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Floats2d]]]:
    return Xs, lambda dYs: dYs


def learn(
    model: Model, Xs: Emissions, known: numpy.ndarray, wrong: Sequence[Entity]
) -> tuple[float, list[Floats2d]]:
    """Find the negative log-likelihood of a batch, and its gradients.

    Those of the chain's own scores are kept for `finish_update`. A document of which
    nothing valid is known counts for nothing.

    model (Model): The layer.
    Xs (Sequence[Floats2d]): Emissions. *Shape* for each document: (n_tokens, n_tags)
    known (numpy.ndarray): Whether a token may have a tag, as far as is known.
        *Shape:* (n_tokens, n_tags)
    wrong (Sequence[tuple[int, int, int]]): First token and end in the flat batch, and
        label, of each entity that is known to be wrong.
    RETURNS (tuple[float, list[Floats2d]]): The sum over the documents, and the gradient
        of the emissions.
    """
    chain, emissions, lengths = prepare(model, Xs)
    allowed = to_tensor(known, emissions.device)
    likelihood = chain(emissions.requires_grad_(), lengths, allowed, wrong)
    return backprop(
        model, -likelihood[~likelihood.isneginf()].sum(), emissions, lengths
    )


def rehearse(
    model: Model, Xs: Emissions, teacher: Model, teacher_Xs: Emissions
) -> tuple[float, list[Floats2d]]:
    """Find how far the paths of a batch are from those of a teacher, and the gradients.

    Those of the chain's own scores are kept for `finish_update`.

    model (Model): The layer.
    Xs (Sequence[Floats2d]): Emissions. *Shape* for each document: (n_tokens, n_tags)
    teacher (Model): The layer as it was, with the same tags.
    teacher_Xs (Sequence[Floats2d]): The teacher's emissions. *Shape* as of the others.
    RETURNS (tuple[float, list[Floats2d]]): The cross-entropy, summed over the
        documents, and the gradient of the emissions.
    """
    old_chain, old_emissions, _ = prepare(teacher, teacher_Xs)
    chain, emissions, lengths = prepare(model, Xs)
    expected = old_chain.expectations(old_emissions, lengths)
    loss = chain.cross_entropy(emissions.requires_grad_(), lengths, expected)
    return backprop(model, loss, emissions, lengths)


def backprop(
    model: Model, loss: Tensor, emissions: Tensor, lengths: list[int]
) -> tuple[float, list[Floats2d]]:
    loss.backward()  # type: ignore[no-untyped-call]
    gradient = cast(Floats2d, torch2xp(cast(Tensor, emissions.grad), ops=model.ops))
    return loss.item(), split(gradient, lengths)


def prepare(model: Model, Xs: Emissions) -> tuple[CRF, Tensor, list[int]]:
    shim = cast(TorchShim, model.shims[0])
    emissions = xp2torch(flatten(model, Xs), device=shim.device)
    return cast(CRF, shim.module), emissions, [len(X) for X in Xs]


def decode(
    model: Model, Xs: Emissions, n_best: int = 1, allowed: numpy.ndarray | None = None
) -> list[numpy.ndarray]:
    """Find the best paths through each document.

    model (Model): The layer.
    Xs (Sequence[Floats2d]): Emissions. *Shape* for each document: (n_tokens, n_tags)
    n_best (int): How many paths.
    allowed (numpy.ndarray | None): Whether a token may have a tag; None for all.
        *Shape:* (n_tokens, n_tags)
    RETURNS (list[numpy.ndarray]): The tags of each document, the best path first; there
        are fewer where a document has fewer valid ones. *Shape* for each document:
        (n_paths, n_tokens)
    """
    chain, emissions, lengths = prepare(model, Xs)
    mask = None if allowed is None else to_tensor(allowed, emissions.device)
    with torch.no_grad():
        tags, scores = chain.best_paths(emissions, lengths, n_best, mask)
    n_valid = scores.isfinite().sum(0).tolist()
    by_document = tags.cpu().split(lengths, 1)
    return [paths[:n].numpy() for paths, n in zip(by_document, n_valid, strict=True)]


def span_probabilities(
    model: Model,
    Xs: Emissions,
    spans: Sequence[Entity],
    allowed: numpy.ndarray | None = None,
    temperature: float = 1.0,
) -> numpy.ndarray:
    """Find the probability of each of several entities, over all paths.

    model (Model): The layer.
    Xs (Sequence[Floats2d]): Emissions. *Shape* for each document: (n_tokens, n_tags)
    spans (Sequence[tuple[int, int, int]]): First token and end in the flat batch, and
        label, of each entity.
    allowed (numpy.ndarray | None): Whether a token may have a tag; None for all.
        *Shape:* (n_tokens, n_tags)
    temperature (float): What all scores are divided by.
    RETURNS (numpy.ndarray): *Shape:* (n_spans,)
    """
    chain, emissions, lengths = prepare(model, Xs)
    mask = None if allowed is None else to_tensor(allowed, emissions.device)
    with torch.no_grad():
        probabilities = chain.span_probabilities(
            emissions, lengths, spans, mask, temperature
        )
    return probabilities.cpu().numpy()


def calibrate(model: Model, Xs: Emissions, known: numpy.ndarray) -> float:
    """Find the temperature at which what is known of a batch is most likely.

    model (Model): The layer; it is not changed.
    Xs (Sequence[Floats2d]): Emissions. *Shape* for each document: (n_tokens, n_tags)
    known (numpy.ndarray): Whether a token may have a tag, as far as is known.
        *Shape:* (n_tokens, n_tags)
    RETURNS (float): The temperature.
    """
    chain, emissions, lengths = prepare(model, Xs)
    allowed = to_tensor(known, emissions.device)
    return fit_temperature(chain, emissions, lengths, allowed)


def to_tensor(values: numpy.ndarray, device: torch.device) -> Tensor:
    return torch.from_numpy(values).to(device)
