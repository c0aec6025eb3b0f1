"""Linear-chain conditional random fields over entity tags."""
