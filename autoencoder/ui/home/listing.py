"""Which cards the Runs page shows, and in which order: what was searched for, filtered, sorted."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autoencoder.runs import Run
from autoencoder.ui.home.entries import Entry
from autoencoder.ui.home.series import RunSeries, folded

Card = Entry | RunSeries
FEWEST = 4  # letters of a word that is looked for in keys too, which hold any two or three
SORTS: Mapping[str, tuple[str, Callable[[Card], tuple[float | str, ...]]]] = {
    "best": ("Best map", lambda card: (*card.rank, card.age)),
    "newest": ("Newest", lambda card: (card.age,)),
    "error": ("Test error", lambda card: (card.mse, card.age)),
    "name": ("Name", lambda card: (card.title.casefold(), card.age)),
    "size": ("Disk use", lambda card: (-card.size, card.age)),
}
KINDS = {"all": "All", "series": "Labs and sweeps", "single": "Single"}


@dataclass(frozen=True)
class View:
    """What a visitor wants to see; an empty tuple does not filter.

    Attributes:
        search: Words, all of which must occur in title, name or key.
        sort: One of SORTS.
        datasets, networks, bottlenecks: Values of these options.
        kind: One of KINDS.
    """

    search: str = ""
    sort: str = "best"
    datasets: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    bottlenecks: tuple[int, ...] = ()
    kind: str = "all"

    @property
    def is_narrow(self) -> bool:
        """Whether something is searched for or filtered."""
        filters = (self.search.strip(), self.datasets, self.networks, self.bottlenecks)
        return any(filters) or self.kind != "all"

    def shows(self, card: Card) -> bool:
        """Whether a card is of the kind that is to be seen."""
        is_single = isinstance(card, Entry) and card.is_single
        return self.kind == "all" or is_single == (self.kind == "single")

    def has_options(self, entry: Entry) -> bool:
        """Whether the run has the options that are filtered by; a damaged one has none."""
        if not isinstance(entry.run, Run):
            return not (self.datasets or self.networks or self.bottlenecks)
        config = entry.run.config
        wanted = (
            (config.dataset, self.datasets),
            (config.network, self.networks),
            (config.latent_dim, self.bottlenecks),
        )
        return all(value in values for value, values in wanted if values)


def matching(entries: Sequence[Entry], view: View) -> list[Entry]:
    """The runs with the options and the words of `view`.

    The words count together, as they were typed, if any run has them so; else each for itself.
    """
    filtered = [entry for entry in entries if view.has_options(entry)]
    search = " ".join(view.search.casefold().split())
    together = [entry for entry in filtered if _has(entry, search)]
    each = [entry for entry in filtered if all(_has(entry, word) for word in search.split())]
    return together or each


def _has(entry: Entry, words: str) -> bool:
    """Whether title, name, key or series have the words; a number only as a whole number: "seed 1"
    is not in "seed 10".
    """
    series = [each.name for each in entry.series]
    key = [entry.key] if len(words) >= FEWEST else []
    text = " ".join([entry.label.title, entry.name, *series, *key]).casefold()
    before, after = (r"(?<![\d.])" * words[:1].isdigit(), r"(?!\.?\d)" * words[-1:].isdigit())
    return re.search(before + re.escape(words) + after, text) is not None


def cards(entries: Sequence[Entry], view: View, started: str = "") -> list[Card]:
    """The cards of the runs that `view` is of, in its order, pinned ones first; by rank, what is
    under way and the run of the key `started` come next.
    """
    found = folded(matching(entries, view))
    by_value = sorted(filter(view.shows, found), key=SORTS[view.sort][1])
    if view.sort == "best":
        by_value.sort(key=lambda card: not _is_under_way(card, started))
    return sorted(by_value, key=lambda card: not is_pinned(card))


def _is_under_way(card: Card, started: str) -> bool:
    """Whether one of its runs waits or is trained, or is the one that the visitor has started."""
    runs = [entry.run for entry in runs_of(card)]
    return any(run.key == started or (isinstance(run, Run) and run.is_live) for run in runs)


def is_pinned(card: Card) -> bool:
    """Whether a card stands before the others."""
    return isinstance(card, Entry) and card.label.pinned


def runs_of(card: Card) -> Sequence[Entry]:
    """The runs that a card stands for."""
    return [card] if isinstance(card, Entry) else card.entries
