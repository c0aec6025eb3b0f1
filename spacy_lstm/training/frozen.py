"""Components that are not trained."""

from spacy.language import Language


def find_frozen(nlp: Language) -> list[str]:
    """RETURNS (list[str]): Names of the components that the config freezes."""
    return nlp.config.interpolate()["training"].get("frozen_components", [])
