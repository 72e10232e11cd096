"""Which cards the Runs page shows, and in which order: what was searched for, filtered, sorted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autoencoder.runs import Run
from autoencoder.ui.home.entries import Entry
from autoencoder.ui.home.series import RunSeries, folded

Card = Entry | RunSeries
FEWEST = 4  # letters of a word that is looked for in keys too, which hold any two or three
SORTS: Mapping[str, tuple[str, Callable[[Card], tuple[float | str, ...]]]] = {
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
    sort: str = "newest"
    datasets: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    bottlenecks: tuple[int, ...] = ()
    kind: str = "all"

    @property
    def is_narrow(self) -> bool:
        """Whether something is searched for or filtered."""
        filters = (self.search.strip(), self.datasets, self.networks, self.bottlenecks)
        return any(filters) or self.kind != "all"

    def matches(self, entry: Entry) -> bool:
        """Whether the run is to be seen; a damaged one has no options to filter by."""
        return self._is_named(entry) and self._has_options(entry)

    def shows(self, card: Card) -> bool:
        """Whether a card is of the kind that is to be seen."""
        is_single = isinstance(card, Entry) and card.is_single
        return self.kind == "all" or is_single == (self.kind == "single")

    def _is_named(self, entry: Entry) -> bool:
        series = [each.name for each in entry.series]
        text = " ".join([entry.label.title, entry.name, *series]).casefold()
        words = self.search.casefold().split()
        return all(word in text or (len(word) >= FEWEST and word in entry.key) for word in words)

    def _has_options(self, entry: Entry) -> bool:
        if not isinstance(entry.run, Run):
            return not (self.datasets or self.networks or self.bottlenecks)
        config = entry.run.config
        wanted = (
            (config.dataset, self.datasets),
            (config.network, self.networks),
            (config.latent_dim, self.bottlenecks),
        )
        return all(value in values for value, values in wanted if values)


def cards(entries: Sequence[Entry], view: View) -> list[Card]:
    """The cards of the runs that `view` is of, in its order, pinned ones first."""
    found = folded([entry for entry in entries if view.matches(entry)])
    by_value = sorted(filter(view.shows, found), key=SORTS[view.sort][1])
    return sorted(by_value, key=lambda card: not is_pinned(card))


def is_pinned(card: Card) -> bool:
    """Whether a card stands before the others."""
    return isinstance(card, Entry) and card.label.pinned


def runs_of(card: Card) -> Sequence[Entry]:
    """The runs that a card stands for."""
    return [card] if isinstance(card, Entry) else card.entries
