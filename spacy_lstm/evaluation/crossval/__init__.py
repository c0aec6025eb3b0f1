"""Cross-validation of training configs."""
