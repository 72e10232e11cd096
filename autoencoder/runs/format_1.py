"""Run folders of format 1: what their files are called, and their clustering scores under today's
names.

Nothing is written into such a folder any more; config/format_1.py reads its config.
"""

import json
from typing import Any

from autoencoder.validation import JsonObject, decode

CLUSTERING = "verdict.npz"  # today clustering.npz
SPACES = {"codes": "latents"}  # then -> now


def scores(text: bytes) -> bytes:
    """The JSON in a verdict.npz as that in a clustering.npz. Raises ValueError if it is no JSON
    object.
    """
    stored = decode(text, JsonObject)
    measured = stored.get("verdict")
    if isinstance(measured, dict):
        measured = {name: _renamed(part) for name, part in measured.items()}
    return json.dumps({"scores": measured, "errors": _renamed(stored.get("errors"))}).encode()


def _renamed(part: Any) -> Any:
    """A table by space, or a list of spaces, with today's names; anything else as it is."""
    if isinstance(part, dict):
        return {SPACES.get(space, space): values for space, values in part.items()}
    if isinstance(part, list):
        return [SPACES.get(each, each) if isinstance(each, str) else each for each in part]
    return part
