"""Attribution of predictions to tokens: integrated gradients and attention."""
