"""Recurrent modules in torch alone: they know neither spaCy nor Thinc."""
