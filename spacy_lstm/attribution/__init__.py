"""Which tokens a prediction depends on: integrated gradients and attention."""
