"""How slow work says how far it is: one kind of callback for the whole package."""

from typing import Protocol


class ProgressCallback(Protocol):
    """Called before each step of slow work; by custom a parameter of this type is named `notify`.

    It is only told: it returns nothing, and it cannot stop the work.
    """

    def __call__(self, words: str, fraction: float | None = None, /) -> object:
        """Take note of what comes next.

        Args:
            words: The next step, such as "reading the training images".
            fraction: How much of the whole work is done, from 0 to 1; None where that is unknown.
        """


def ignore(words: str, fraction: float | None = None) -> None:
    """The callback of callers who do not want to know."""


def print_words(words: str, fraction: float | None = None) -> None:
    """The callback of a terminal or a notebook: a line for each step."""
    print(words, flush=True)  # noqa: T201 - for callers who are at a terminal


def part_of(notify: ProgressCallback, start: float, end: float) -> ProgressCallback:
    """A callback for one part of the work, which takes the whole from `start` to `end`.

    The part's own fractions run from 0 to 1; where one is unknown the whole is told `start`.
    """

    def notify_whole(words: str, fraction: float | None = None) -> None:
        notify(words, start + (end - start) * (fraction or 0.0))

    return notify_whole
