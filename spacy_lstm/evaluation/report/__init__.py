"""HTML reports on trained pipelines."""
