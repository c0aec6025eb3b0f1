"""LSTM and GRU layers for batches of sequences of different lengths."""
