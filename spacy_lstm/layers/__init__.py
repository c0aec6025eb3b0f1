"""Thinc layers made of torch modules."""
