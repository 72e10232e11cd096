"""JSON from anywhere: what is decoded, and what is refused."""

from dataclasses import dataclass
from typing import Annotated

import pytest

from autoencoder.validation import (
    Count,
    Exact,
    Finite,
    JsonObject,
    PositiveCount,
    Share,
    decode,
    one_of,
)


@dataclass
class Loose:
    """Keys that it does not know are ignored."""

    epoch: PositiveCount
    loss: Finite = 0.0


class Strict(Exact, frozen=True):
    """Keys that it does not know are refused."""

    share: Share
    color: Annotated[str, one_of(["red", "b.ue"])] = "red"
    images: Count = 0


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ('{"epoch": 1, "loss": 2, "later": [1]}', Loose, Loose(1, 2.0)),
        ('{"share": 1, "color": "b.ue"}', Strict, Strict(1.0, "b.ue")),
        (b'{"a": [1, null]}', JsonObject, {"a": [1, None]}),
    ],
)
def test_sound_json_is_an_object_of_the_class(text, kind, value):
    """Whole numbers stand for floats, missing keys for their defaults."""
    assert decode(text, kind) == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"epoch": 0}', Loose),
        ('{"epoch": 1.0}', Loose),
        ('{"epoch": true}', Loose),
        ('{"epoch": "1"}', Loose),
        ('{"epoch": 1, "loss": NaN}', Loose),
        ('{"epoch": 1, "loss": -Infinity}', Loose),
        ('{"epoch": 1, "loss": 1e301}', Loose),
        ('{"epoch": 1, "loss": 1' + "0" * 400 + "}", Loose),
        ('{"epoch": 1' + "0" * 5_000 + "}", Loose),
        ("{}", Loose),
        ("[]", Loose),
        ("", Loose),
        ('{"epoch": 1} {}', Loose),
        ('{"share": 1.1}', Strict),
        ('{"share": 1, "later": 1}', Strict),
        ('{"share": 1, "color": "redder"}', Strict),
        ('{"share": 1, "color": "blue"}', Strict),
        ('{"share": 1, "color": "red\\n"}', Strict),
        ('{"share": 1, "images": -1}', Strict),
        ("[" * 100_000, JsonObject),
        ('{"epoch": 1, "later": ' + "[" * 100_000 + "]" * 100_000 + "}", Loose),
        (b'{"a": "\xff"}', JsonObject),
    ],
    ids=lambda value: str(value)[:40],
)
def test_anything_else_is_a_value_error_in_one_line(text, kind):
    """Wrong types, numbers out of range, unknown and missing keys, and what is not JSON."""
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        decode(text, kind)
    assert len(str(refused.value)) < 200
