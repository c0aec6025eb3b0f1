"""Explanations in the terminal."""

from collections.abc import Iterable

from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

from .explanation import Explanation
from .render import MINUS, PLUS, ColoredToken, color_tokens

# Background of tokens with a score of 0. White text is readable on it.
GREY = (70, 70, 70)
WHITE = Color.from_rgb(255, 255, 255)


def show(explanations: Iterable[Explanation]) -> None:
    """Print explanations, in color if the output is a terminal.

    explanations (Iterable[Explanation]): The explanations.
    """
    console = Console(highlight=False)
    for explanation in explanations:
        lines = (
            describe_decision(explanation),
            describe_tokens(explanation),
            describe_sum(explanation),
            Text(),
        )
        for line in lines:
            console.print(line, soft_wrap=not console.is_terminal)


def describe_decision(explanation: Explanation) -> Text:
    line = Text.assemble(f"{explanation.component}: ", (explanation.label, "bold"))
    if explanation.start is not None:
        line.append(f' "{explanation.text}"')
    line.append(
        f", probability {explanation.probability:.4f}, logit {explanation.logit:+.2f}"
    )
    return line


def describe_tokens(explanation: Explanation) -> Text:
    return Text("  ").join(
        Text.assemble(
            (" ".join(token.text.split()) or "_", color(token)),
            (f" {token.number}", "dim"),
        )
        for token in color_tokens(explanation)
    )


def describe_sum(explanation: Explanation) -> Text:
    if explanation.baseline is None:
        return Text("attention weights", style="dim")
    line = (
        f"logit {explanation.baseline:+.2f} for the baseline, "
        f"{explanation.logit:+.2f} for the text; "
        f"the scores add up to {explanation.total:+.2f}"
    )
    error = "" if explanation.adds_up else f" ({explanation.error:+.2f} missing)"
    return Text(line + error, style="dim")


def color(token: ColoredToken) -> Style:
    """Choose the colors of a token.

    token (ColoredToken): The token.
    RETURNS (Style): White text on blue if the token raised the logit, on orange if it
        lowered the logit, and on gray if its score is 0.
    """
    target, share = (PLUS if token.strength > 0 else MINUS), abs(token.strength)
    mixed = [
        round(share * strong + (1 - share) * weak)
        for strong, weak in zip(target, GREY, strict=True)
    ]
    return Style(
        color=WHITE,
        bgcolor=Color.from_rgb(*mixed),
        underline=token.is_decided,
        bold=token.is_decided,
    )
