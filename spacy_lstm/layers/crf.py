"""A layer with a linear-chain CRF over the emissions of a batch of documents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from .doc_views import DocViews, flatten
from .shim import TorchShim


def crf(scheme: str, nO: int | None = None) -> Model[list[Floats2d], list[Floats2d]]:
    """Make a layer that holds a CRF and returns emissions unchanged.

    scheme (str): "biluo" or "bio".
    nO (int | None): Number of tags, if known beforehand.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The layer.
    """
    shim = TorchShim(partial(make_crf, scheme=scheme), "crf")
    return Model("crf", forward, init=init, dims={"nO": nO}, shims=[shim])


def make_crf(nO: int, *, scheme: str) -> CRF:
    return CRF(nO, scheme)


def init(model: Model, X: Sequence[Floats2d] | None = None, Y: Any = None) -> None:
    if X:
        model.set_dim("nO", X[0].shape[1])
    if model.has_dim("nO"):
        cast(TorchShim, model.shims[0]).make_module(nO=model.get_dim("nO"))


def forward(
    model: Model, Xs: list[Floats2d], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Floats2d]]]:
    return Xs, lambda dYs: dYs


@dataclass(frozen=True)
class Lattice:
    """All paths of tags through the documents of a batch.

    crf (CRF): Scores the transitions.
    emissions (Tensor): *Shape:* (n_tokens, n_tags)
    lengths (list[int]): Number of tokens of each document.
    mask (Tensor | None): Whether a token may have a tag, None for all tags.
        *Shape:* (n_tokens, n_tags)
    """

    crf: CRF
    emissions: Tensor
    lengths: list[int]
    mask: Tensor | None = None

    @classmethod
    def make(
        cls, model: Model, Xs: Sequence[Floats2d], mask: numpy.ndarray | None = None
    ) -> "Lattice":
        """Prepare the tensors of a batch.

        model (Model): The layer.
        Xs (Sequence[Floats2d]): Emissions. *Shape* for each document: (n_tokens,
            n_tags)
        mask (numpy.ndarray | None): Whether a token may have a tag, None for all tags.
            *Shape:* (n_tokens, n_tags)
        RETURNS (Lattice): The paths.
        """
        shim = cast(TorchShim, model.shims[0])
        return cls(
            cast(CRF, shim.module),
            xp2torch(flatten(model, Xs), device=shim.device),
            [len(X) for X in Xs],
            None if mask is None else torch.from_numpy(mask).to(shim.device),
        )

    def loss(self, incorrect: Sequence[Entity] = ()) -> tuple[float, list[Floats2d]]:
        """Compute the negative log-likelihood of the paths in the mask, and gradients.

        The gradients of the transitions are kept for `finish_update`. Documents without
        a valid path have no loss.

        incorrect (Sequence[tuple[int, int, int]]): First token and end in the flat
            batch, and label, of each entity that is annotated as incorrect.
        RETURNS (tuple[float, list[Floats2d]]): The sum over the documents, and the
            gradient of the emissions.
        """
        emissions, mask = self.emissions.requires_grad_(), cast(Tensor, self.mask)
        likelihood = self.crf(emissions, self.lengths, mask, incorrect)
        return self._backprop(-likelihood[~likelihood.isneginf()].sum())

    def cross_entropy(self, teacher: "Lattice") -> tuple[float, list[Floats2d]]:
        """Compute the cross-entropy with the paths of a teacher, and gradients.

        The gradients of the transitions are kept for `finish_update`.

        teacher (Lattice): The paths of the same documents by another CRF.
        RETURNS (tuple[float, list[Floats2d]]): The sum over the documents, and the
            gradient of the emissions.
        """
        expected = teacher.crf.expectations(teacher.emissions, teacher.lengths)
        emissions = self.emissions.requires_grad_()
        return self._backprop(self.crf.cross_entropy(emissions, self.lengths, expected))

    def _backprop(self, loss: Tensor) -> tuple[float, list[Floats2d]]:
        loss.backward()  # type: ignore[no-untyped-call]
        gradient = torch2xp(cast(Tensor, self.emissions.grad))
        return loss.item(), DocViews(gradient, self.lengths)

    def decode(self, n_best: int = 1) -> list[numpy.ndarray]:
        """Find the best paths through each document.

        n_best (int): Number of paths.
        RETURNS (list[numpy.ndarray]): The tags of each document, best path first, with
            fewer paths if fewer are valid. *Shape* for each document: (n_paths,
            n_tokens)
        """
        with torch.no_grad():
            tags, scores = self.crf.best_paths(
                self.emissions, self.lengths, n_best, self.mask
            )
        n_valid = scores.isfinite().sum(0).tolist()
        by_doc = tags.cpu().split(self.lengths, 1)
        return [paths[:n].numpy() for paths, n in zip(by_doc, n_valid, strict=True)]

    def marginals(
        self, spans: Sequence[Entity], temperature: float = 1.0
    ) -> numpy.ndarray:
        """Compute the marginal probability of each of several entities.

        spans (Sequence[tuple[int, int, int]]): First token and end in the flat batch,
            and label, of each entity.
        temperature (float): Divides all scores.
        RETURNS (numpy.ndarray): *Shape:* (n_spans,)
        """
        with torch.no_grad():
            probabilities = self.crf.span_probabilities(
                self.emissions, self.lengths, spans, self.mask, temperature
            )
        return probabilities.cpu().numpy()

    def fit_temperature(self) -> float:
        """RETURNS (float): The temperature with the largest likelihood of the mask."""
        mask = cast(Tensor, self.mask)
        return fit_temperature(self.crf, self.emissions, self.lengths, mask)
