"""Frozen components."""

from spacy.language import Language


def find_frozen(nlp: Language) -> list[str]:
    """RETURNS (list[str]): Names of the frozen components in the config."""
    return nlp.config.interpolate()["training"].get("frozen_components", [])
