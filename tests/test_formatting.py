"""Numbers, sizes and durations as people read them, in Python and in the browser."""

import numpy as np
import pytest

from autoencoder import formatting
from tests.support.node import in_node
from tests.support.places import PACKAGE

DIGITS = (PACKAGE / "export" / "browser" / "numbers.js", "digits")
NUMBERS = {
    0.037364: "0.0374",
    20.4: "20.4",
    100: "100",
    999.4: "999",
    999.7: "1,000",
    1_240.4: "1,240",
    -0.5: "-0.500",
    0: "0",
    0.00012: "0.000120",
    0.000099996: "0.000100",
    3.9e-8: "3.90e-08",
    1.5e-120: "1.50e-120",
}


@pytest.mark.parametrize(("value", "shown"), NUMBERS.items())
def test_numbers_have_three_significant_digits(value: float, shown: str) -> None:
    """Whatever the size, three digits tell it."""
    assert formatting.number(value) == shown


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_a_dash(value: float) -> None:
    """There is nothing to tell of it."""
    assert formatting.number(value) == formatting.short_number(value) == "-"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(3.8e-15, "0"), (-2e-14, "0"), (0.0, "0"), (3.9e-8, "3.90e-08"), (0.5, "0.500")],
)
def test_an_error_that_is_rounding_is_zero(value: float, shown: str) -> None:
    """What float32 cannot tell from 0 is 0; an error that it can tell keeps its digits."""
    assert formatting.error_number(value) == shown


def test_the_browser_writes_numbers_in_the_same_way() -> None:
    """JavaScript's `digits` agrees with `number` over thirty orders of magnitude and both signs."""
    random = np.random.default_rng(0)
    sizes = 10.0 ** random.uniform(-16, 14, 500) * random.choice([-1, 1], 500)
    values = [*NUMBERS, *sizes.tolist()]

    written = in_node("console.log(JSON.stringify(values.map(digits)))", DIGITS, values=values)

    assert written == [formatting.number(value) for value in values]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.05, "0.05"),
        (12.0, "12"),
        (0.96712, "0.967"),
        (100.0, "100"),
        (0.0000707, "0.0000707"),
        (-0.0, "0"),
        (1_240.4, "1,240"),
    ],
)
def test_short_numbers_have_no_zeros_at_the_end_and_no_exponent(value: float, shown: str) -> None:
    """Three digits at most, for text that is read aloud."""
    assert formatting.short_number(value) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(64, "64 B"), (3_100, "3.1 kB"), (2_500_000, "2.5 MB")]
)
def test_bytes_have_units(count: int, shown: str) -> None:
    """The unit is the largest that leaves at least one whole."""
    assert formatting.byte_size(count) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (200, "3 min 20 s"),
        (7_500, "2 h 5 min"),
        (float("inf"), "unknown"),
    ],
)
def test_durations_are_in_human_units(value: float, shown: str) -> None:
    """Seconds, minutes and hours, as people say them."""
    assert formatting.duration(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.4, "half a minute"), (0.8, "1 minute"), (1.4, "1 minute"), (9, "9 minutes")],
)
def test_minutes_are_said_in_words(value: float, shown: str) -> None:
    """About how long something takes is said in whole minutes, or half a one."""
    assert formatting.rough_duration(value) == shown
