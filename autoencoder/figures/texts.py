"""Texts in figures."""

MOST_LETTERS = 40


def literal(text: str) -> str:
    """A text as Plotly prints it literally, cut to 40 letters: it reads a little HTML."""
    return text[:MOST_LETTERS].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
