"""Numbers about a trained run: no drawing, no files."""
