"""Thinc layers, most of them around PyTorch modules."""
