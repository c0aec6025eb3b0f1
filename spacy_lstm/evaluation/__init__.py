"""How well a pipeline does: reports, cross-validation, curves and calibration."""
