"""Training: corpora, augmenters, converters, loggers, schedules and callbacks."""
