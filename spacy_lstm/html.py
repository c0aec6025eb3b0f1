"""Jinja environment of the HTML templates."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def make_environment() -> Environment:
    """RETURNS (Environment): The environment of the templates, with autoescape."""
    return Environment(
        loader=PackageLoader("spacy_lstm"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
