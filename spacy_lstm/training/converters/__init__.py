"""Annotated texts in other formats, as documents."""
