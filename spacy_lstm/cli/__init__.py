"""Commands under `spacy lstm`."""
