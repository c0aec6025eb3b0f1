"""The `spacy lstm` commands."""
