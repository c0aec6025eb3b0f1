"""Explanations of decisions."""

import math
from dataclasses import dataclass

# Relative error of the sum of scores, and absolute error due to single precision.
TOLERANCE = 0.01
PRECISION = 1e-4


@dataclass(frozen=True)
class Explanation:
    """The score of each token for one decision of a component.

    component (str): Name of the component.
    label (str): The label that was predicted or asked for.
    tokens (list[str]): The tokens of the text.
    whitespace (list[str]): The whitespace after each token.
    scores (list[float]): One score per token. With "gradients", the contribution to the
        logit, negative if the token lowered it. With "attention", the attention weight;
        weights add up to 1.
    method (str): "gradients" or "attention".
    logit (float): The logit log(p / (1 - p)) of the label's probability p.
    baseline (float | None): The logit for zero embeddings; None with "attention".
    start (int | None): Index of the first labelled token, or None for the whole text.
    end (int | None): Index after the last labelled token, or None for the whole text.
    n_steps (int): Number of points between baseline and text at which gradients were
        calculated.
    """

    component: str
    label: str
    tokens: list[str]
    whitespace: list[str]
    scores: list[float]
    method: str
    logit: float
    baseline: float | None = None
    start: int | None = None
    end: int | None = None
    n_steps: int = 0

    @property
    def text(self) -> str:
        """RETURNS (str): The labelled text: the whole text, an entity or a token."""
        pairs = zip(self.tokens, self.whitespace, strict=True)
        parts = [token + space for token, space in pairs]
        return "".join(parts[self.start : self.end]).strip()

    @property
    def probability(self) -> float:
        """RETURNS (float): The probability of the label."""
        return 1 / (1 + math.exp(-self.logit)) if self.logit > -700 else 0.0

    @property
    def total(self) -> float:
        """RETURNS (float): The sum of the scores."""
        return math.fsum(self.scores)

    @property
    def difference(self) -> float | None:
        """RETURNS (float | None): The expected sum of the scores with "gradients": the
        difference between the logits of text and baseline.
        """
        return None if self.baseline is None else self.logit - self.baseline

    @property
    def error(self) -> float | None:
        """RETURNS (float | None): The difference minus the sum of the scores."""
        return None if self.difference is None else self.difference - self.total

    @property
    def adds_up(self) -> bool:
        """RETURNS (bool): Whether the error is within 1% of the difference, or within
        the limits of single precision.
        """
        if self.difference is None or self.error is None:
            return True
        return abs(self.error) <= max(TOLERANCE * abs(self.difference), PRECISION)
