"""Evaluation: reports, cross-validation, training curves and calibration."""
