"""LSTM and GRU over batches of sequences of any lengths."""
