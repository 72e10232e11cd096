"""Numbers for the browser: one string of bytes, for components take raw bytes only as the whole of
their data.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def packed(header: Mapping[str, Any], arrays: Sequence[np.ndarray | bytes]) -> bytes:
    """Length of the header (uint32, little endian), the header as JSON, the arrays without padding:
    `opened` in packing.js.
    """
    text = json.dumps(header).encode()
    parts = (
        array if isinstance(array, bytes) else np.ascontiguousarray(array).tobytes()
        for array in arrays
    )
    return b"".join([len(text).to_bytes(4, "little"), text, *parts])
