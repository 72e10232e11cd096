"""Numbers, sizes and durations as people read them: on pages, in reports, on the command line."""

from math import isfinite

import numpy as np

ROUNDING = 1e-12  # the square of what float32 rounds off a pixel, with some room


def number(value: float) -> str:
    """Three significant digits: 0.0374, 20.4, 1,240, 3.90e-08; "-" for what is no finite number.

    export/browser/numbers.js writes numbers in the same way.
    """
    if not isfinite(value):
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")


def short_number(value: float) -> str:
    """Three significant digits at most, no zeros at the end and no exponent: 0.05, 12, 0.0000707,
    1,240; "-" for what is no finite number.
    """
    if not isfinite(value):
        return "-"
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    return np.format_float_positional(value + 0.0, precision=3, fractional=False, trim="-")


def error_number(value: float) -> str:
    """A mean squared error of pixels in [0, 1], as `number`; what is 0 but for the rounding of
    float32 is "0".
    """
    return "0" if abs(value) < ROUNDING else number(value)


def byte_size(count: int) -> str:
    """Bytes: 64 B, 3.1 kB, 2.5 MB, 1.2 GB."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count} B"


def duration(seconds: float) -> str:
    """8 s, 3 min 20 s, 2 h 5 min; "unknown" for infinity."""
    if seconds == float("inf"):
        return "unknown"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"


def rough_duration(minutes: float) -> str:
    """About how long: half a minute, 1 minute, 4 minutes."""
    whole = max(1, round(minutes))
    if minutes <= 0.6:
        return "half a minute"
    return "1 minute" if whole == 1 else f"{whole} minutes"
