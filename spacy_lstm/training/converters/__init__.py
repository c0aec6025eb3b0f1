"""Converters from other formats to documents."""
