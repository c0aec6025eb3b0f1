"""Components for spaCy pipelines."""
