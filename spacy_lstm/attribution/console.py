"""Explanations in a terminal."""

from collections.abc import Iterable

from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

from .explanation import Explanation
from .render import MINUS, PLUS, ColoredToken, color_tokens

# What weak tokens fade into, on which white can be read.
GREY = (70, 70, 70)
WHITE = Color.from_rgb(255, 255, 255)


def show(explanations: Iterable[Explanation]) -> None:
    """Print explanations, in color where the output is a terminal.

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
        return Text("weights of attention", style="dim")
    line = (
        f"logit {explanation.baseline:+.2f} without any word, "
        f"{explanation.logit:+.2f} with all of them; "
        f"the numbers add up to {explanation.total:+.2f}"
    )
    reserve = "" if explanation.adds_up else f", {explanation.error:+.2f} is lacking"
    return Text(line + reserve, style="dim")


def color(token: ColoredToken) -> Style:
    """Choose the colors of a token.

    token (ColoredToken): The token.
    RETURNS (Style): White on blue for what raised the logit, on orange for what lowered
        it, and on grey for what did neither.
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
