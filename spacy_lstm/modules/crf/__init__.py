"""Linear-chain conditional random fields over tags of entities."""
