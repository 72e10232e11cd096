"""Images as arrays: data sets, uploads, what is shown of them, and how they become files."""
