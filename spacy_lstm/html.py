"""Pages of HTML, from templates of the package."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def make_environment() -> Environment:
    """RETURNS (Environment): Finds templates, and escapes whatever is put in them."""
    return Environment(
        loader=PackageLoader("spacy_lstm"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
