"""What an explanation says."""

import math
from dataclasses import dataclass

# Share of the difference that the scores may lack, and what single precision may.
RESERVE = 0.01
PRECISION = 1e-4


@dataclass(frozen=True)
class Explanation:
    """How much each token did for one decision of a component.

    component (str): Name of the component.
    label (str): The label that was decided for, or that was asked about.
    tokens (list[str]): The tokens of the text.
    whitespace (list[str]): What stands after each token.
    scores (list[float]): One number a token. By "gradients", how much it added to the
        logit, or took from it if negative; by "attention", its weight, of which the sum
        is 1.
    method (str): "gradients" or "attention".
    logit (float): Logarithm of the odds of the label's probability p, log(p / (1 - p)).
    baseline (float | None): The logit where every embedding is zero; None for
        "attention".
    start (int | None): First token of what got the label, or None for the whole text.
    end (int | None): The token after the last one of it, or None for the whole text.
    n_steps (int): Number of points between baseline and text at which the gradient was
        taken.
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
        """RETURNS (str): What got the label: the text, an entity or a token."""
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
        """RETURNS (float | None): What the scores of "gradients" should add up to: the
        logit less that of the baseline.
        """
        return None if self.baseline is None else self.logit - self.baseline

    @property
    def error(self) -> float | None:
        """RETURNS (float | None): How much of the difference the scores lack."""
        return None if self.difference is None else self.difference - self.total

    @property
    def adds_up(self) -> bool:
        """RETURNS (bool): Whether the error is within 1 % of the difference, or within
        what single precision can tell.
        """
        if self.difference is None or self.error is None:
            return True
        return abs(self.error) <= max(RESERVE * abs(self.difference), PRECISION)
