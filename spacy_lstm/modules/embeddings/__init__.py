"""Vectors of words, of their characters and of n-grams."""
