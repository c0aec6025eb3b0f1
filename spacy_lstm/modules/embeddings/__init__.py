"""Embeddings of words, their characters and their n-grams."""
