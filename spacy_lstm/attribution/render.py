"""Explanations as HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from spacy.util import is_in_jupyter

from ..errors import Errors
from ..html import make_environment
from .explanation import Explanation

PLUS, MINUS = (38, 118, 196), (214, 96, 31)
# Text is hard to read on stronger colors.
MAX_OPACITY = 0.65
MIN_UNDERLINED = 0.1
N_STRONGEST = 10
TITLE = "Token attributions"


@dataclass(frozen=True)
class ColoredToken:
    """A token with its color.

    text (str): The text of the token.
    whitespace (str): The whitespace after the token.
    strength (float): The score, scaled so that the largest absolute score is 1.
    number (str): The formatted score.
    is_decided (bool): Whether the token is part of the labelled span.
    """

    text: str
    whitespace: str
    strength: float
    number: str
    is_decided: bool

    @property
    def color(self) -> str:
        """RETURNS (str): The CSS background color."""
        return to_css(self.strength)

    @property
    def classes(self) -> str:
        """RETURNS (str): The CSS classes."""
        names = ["lstm-minus"] * (self.strength <= -MIN_UNDERLINED) + [
            "lstm-decided"
        ] * self.is_decided
        return " ".join(names)

    @property
    def bar(self) -> str:
        """RETURNS (str): The CSS style of a bar that starts in the middle."""
        red, green, blue = PLUS if self.strength > 0 else MINUS
        width = 50 * abs(self.strength)
        start = 50 if self.strength > 0 else 50 - width
        place = f"margin-left: {start:.1f}%; width: {width:.1f}%"
        return f"background: rgb({red} {green} {blue}); {place}"


def render(
    explanations: Explanation | Iterable[Explanation],
    *,
    page: bool = False,
    jupyter: bool | None = None,
) -> str | None:
    """Render explanations as HTML, similar to `displacy.render`.

    explanations (Explanation | Iterable[Explanation]): The result of `explain`.
    page (bool): Whether to return a complete, self-contained page with a menu of
        decisions. By default, an HTML fragment with all explanations is returned.
    jupyter (bool | None): Whether to display the HTML in a notebook; None to detect it.
    RETURNS (str | None): The HTML, with all text escaped, or None in a notebook.
    RAISES (ValueError): If the argument is not an explanation.
    """
    shown: list[Any] = [explanations]
    if isinstance(explanations, Iterable):
        shown = list(explanations)
    for explanation in shown:
        if not isinstance(explanation, Explanation):
            message = Errors.L101.format(
                name="render",
                argument="explanations",
                value=explanation,
                expected="the result of `explain`",
            )
            raise ValueError(message)
    html = make_html(shown, page)
    if jupyter or (jupyter is None and is_in_jupyter()):
        from IPython.display import HTML, display  # type: ignore[import-not-found]

        display(HTML(f'<span class="tex2jax_ignore">{html}</span>'))
        return None
    return html


def make_html(explanations: Sequence[Explanation], page: bool) -> str:
    environment = make_environment()
    environment.filters.update(tokens=color_tokens, strongest=find_strongest)
    template = environment.get_template("explain.html")
    figures = template.render(explanations=explanations, n_strongest=N_STRONGEST)
    if not page:
        return figures
    by_component: dict[str, list[tuple[int, Explanation]]] = {}
    for number, explanation in enumerate(explanations):
        by_component.setdefault(explanation.component, []).append((number, explanation))
    return environment.get_template("explain_page.html").render(
        title=TITLE,
        components=by_component,
        methods={explanation.method for explanation in explanations},
        plus=to_css(1),
        minus=to_css(-1),
        figures=Markup(figures),  # noqa: S704  # the escaped text of the other template
    )


def color_tokens(explanation: Explanation) -> list[ColoredToken]:
    """Scale and format the scores of all tokens.

    explanation (Explanation): The explanation.
    RETURNS (list[ColoredToken]): The tokens.
    """
    largest = max(map(abs, explanation.scores)) or 1.0
    start, end = explanation.start, explanation.end
    return [
        ColoredToken(
            text,
            whitespace,
            score / largest,
            format_score(score, explanation.method),
            start is not None and end is not None and start <= i < end,
        )
        for i, (text, whitespace, score) in enumerate(
            zip(
                explanation.tokens,
                explanation.whitespace,
                explanation.scores,
                strict=True,
            )
        )
    ]


def find_strongest(explanation: Explanation) -> list[ColoredToken]:
    """List the tokens with the largest absolute scores.

    explanation (Explanation): The explanation.
    RETURNS (list[ColoredToken]): The tokens, in descending order.
    """
    tokens = color_tokens(explanation)
    tokens.sort(key=lambda token: abs(token.strength), reverse=True)
    return tokens[:N_STRONGEST]


def format_score(score: float, method: str) -> str:
    """Format the score of a token.

    score (float): The score.
    method (str): The method of the explanation.
    RETURNS (str): The score with its sign, or the attention weight.
    """
    if method == "attention":
        return f"{score:.3f}"
    return f"{round(score, 2) + 0.0:+.2f}"  # avoid -0.00


def to_css(strength: float) -> str:
    """Choose a color.

    strength (float): The scaled score, from -1 to 1.
    RETURNS (str): The CSS color.
    """
    red, green, blue = PLUS if strength > 0 else MINUS
    return f"rgb({red} {green} {blue} / {MAX_OPACITY * abs(strength):.3f})"
