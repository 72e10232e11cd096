"""Numbers for the browser: one string of bytes, for components take raw bytes only as the whole of
their data.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

PACKAGE = Path(__file__).parents[2]


def packed(header: Mapping[str, Any], arrays: Sequence[np.ndarray | bytes]) -> bytes:
    """Length of the header (uint32, little endian), the header as JSON, the arrays without padding:
    `opened` in common.js.
    """
    text = json.dumps(header).encode()
    parts = (
        array if isinstance(array, bytes) else np.ascontiguousarray(array).tobytes()
        for array in arrays
    )
    return b"".join([len(text).to_bytes(4, "little"), text, *parts])


def script(*names: str) -> str:
    """Files of the package as one, by their paths below it, such as "export/browser/decoder.js"."""
    return "\n".join((PACKAGE / name).read_text(encoding="utf-8") for name in names)
