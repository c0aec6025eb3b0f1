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
# Beyond it, text on the color would be hard to read.
MOST_OPAQUE = 0.65
LEAST_UNDERLINED = 0.1
N_STRONGEST = 10
TITLE = "Which tokens made the model say so"


@dataclass(frozen=True)
class ColoredToken:
    """A token as it is shown.

    text (str): Its text.
    whitespace (str): What stands after it.
    strength (float): What it did for the decision, from -1 to 1, where one token has
        the strength 1 or -1.
    number (str): The same in figures.
    is_decided (bool): Whether it is part of what got the label.
    """

    text: str
    whitespace: str
    strength: float
    number: str
    is_decided: bool

    @property
    def color(self) -> str:
        """RETURNS (str): The background, in the language of CSS."""
        return to_css(self.strength)

    @property
    def classes(self) -> str:
        """RETURNS (str): Names of classes of CSS."""
        names = ["lstm-minus"] * (self.strength <= -LEAST_UNDERLINED) + [
            "lstm-decided"
        ] * self.is_decided
        return " ".join(names)

    @property
    def bar(self) -> str:
        """RETURNS (str): Color, place and width of a bar that begins in the middle."""
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
    """Show explanations as displaCy shows documents.

    explanations (Explanation | Iterable[Explanation]): What `explain` returned.
    page (bool): Whether to make a whole page, on which a decision can be chosen, that
        needs no other file; else a part of a page, that shows all of them.
    jupyter (bool | None): Whether to show them in a notebook; None to find out.
    RETURNS (str | None): HTML, in which all text is escaped; None in a notebook.
    RAISES (ValueError): If they are something else.
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
                expected="what `explain` returned",
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
    """Choose how each token is shown.

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
    """List the tokens that count most.

    explanation (Explanation): The explanation.
    RETURNS (list[ColoredToken]): The tokens, the strongest one first.
    """
    tokens = color_tokens(explanation)
    tokens.sort(key=lambda token: abs(token.strength), reverse=True)
    return tokens[:N_STRONGEST]


def format_score(score: float, method: str) -> str:
    """Write a token's number.

    score (float): The number.
    method (str): What it was found by.
    RETURNS (str): The number with its sign, but for weights of attention.
    """
    if method == "attention":
        return f"{score:.3f}"
    return f"{round(score, 2) + 0.0:+.2f}"  # no zero with a minus


def to_css(strength: float) -> str:
    """Choose a color.

    strength (float): From -1 to 1.
    RETURNS (str): The color in the language of CSS.
    """
    red, green, blue = PLUS if strength > 0 else MINUS
    return f"rgb({red} {green} {blue} / {MOST_OPAQUE * abs(strength):.3f})"
