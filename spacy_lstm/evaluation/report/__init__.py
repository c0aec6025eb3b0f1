"""A report on a trained pipeline, as a page of HTML."""
