"""Runs that were trained for one purpose, a lab, a sweep or a series of seeds, folded into one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autoencoder.analysis.comparison import weight_of
from autoencoder.config.datasets import DATASETS
from autoencoder.config.run_config import RunConfig
from autoencoder.jobs.lab import NAME, dataset_of, dataset_part
from autoencoder.runs import Membership, Run
from autoencoder.ui.home.entries import Entry
from autoencoder.ui.shared.dataset_titles import known_datasets, titles
from autoencoder.ui.shared.ranking import Rank
from autoencoder.ui.shared.text import name

BY_DEFAULT = re.compile(  # what `sweeps.name_of` makes
    r".+-d[\d-]+(-\d+weights)?(-\d+seeds)?-[0-9a-f]{6}"
)
FEW = 5  # bottlenecks, or weights, that are listed one by one


@dataclass(frozen=True)
class RunSeries:
    """At least two runs of one lab, one sweep or one series of seeds.

    Attributes:
        kind, name: As in the runs' memberships.
        entries: Its runs, those with the smallest test error first.
    """

    kind: str
    name: str
    entries: Sequence[Entry]

    @property
    def place(self) -> str:
        """What it is called in the address."""
        return f"{self.kind}:{self.name}"

    @property
    def title(self) -> str:
        """What it is called on the page."""
        if self.kind == "lab":
            return _lab_title(self.name)
        configs = [each.run.config for each in self.entries if isinstance(each.run, Run)]
        if not configs:
            return f"{self.kind.capitalize()} {self.name}"
        if self.kind == "seeds":
            return f"Seeds of {name(configs[0])}"
        return _sweep_title(self.name, configs)

    @property
    def age(self) -> int:
        """That of its newest run."""
        return min(each.age for each in self.entries)

    @property
    def rank(self) -> Rank:
        """That of its best run."""
        return min(each.rank for each in self.entries)

    @property
    def mse(self) -> float:
        """The smallest test error; infinite where there is none yet."""
        return self.entries[0].mse

    @property
    def size(self) -> int:
        """Bytes of all its runs."""
        return sum(each.size for each in self.entries)

    @property
    def in_order(self) -> Sequence[Entry]:
        """Its runs by bottleneck and seed; those of a lab as they were trained."""
        return sorted(self.entries, key=self._order)

    def _order(self, entry: Entry) -> tuple[float, ...]:
        if self.kind == "lab" or not isinstance(entry.run, Run):
            return (-entry.age,)
        config = entry.run.config
        return (config.latent_dim, weight_of(config), config.seed)

    def role(self, entry: Entry) -> str:
        """The part of one of its runs in a lab; those of other series say it by their names."""
        mine = ("lab", self.name) if self.kind == "lab" else ()
        return next((each.role for each in entry.series if (each.kind, each.name) == mine), "")


def folded(entries: Sequence[Entry]) -> list[Entry | RunSeries]:
    """The cards of the page: single runs, and series of those that belong together.

    A run is in every series it belongs to, and also stands alone if `Entry.is_single` or if there
    is no other run of its series.
    """
    members: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        for each in entry.series:
            members.setdefault((each.kind, each.name), []).append(entry)
    series = [
        RunSeries(kind, title, sorted(group, key=lambda entry: (entry.mse, entry.age)))
        for (kind, title), group in members.items()
        if len(group) > 1
    ]
    inside = {entry.key for each in series for entry in each.entries}
    singles = [entry for entry in entries if entry.is_single or entry.key not in inside]
    return [*singles, *series]


def title_of(membership: Membership) -> str:
    """What a series is called where only one of its runs is at hand."""
    if membership.kind == "lab":
        return _lab_title(membership.name)
    return f"{'seeds of' if membership.kind == 'seeds' else 'sweep'} {membership.name}"


def lab_of(series: RunSeries) -> dict[str, str]:
    """Where the report of a lab's series is: a query of the Labs page; empty if it is no lab."""
    match = NAME.fullmatch(series.name) if series.kind == "lab" else None
    if match is None or match["epochs"]:
        return {}
    infos = known_datasets()
    dataset = dataset_of(match["part"])
    if dataset not in infos or dataset_part(dataset, infos[dataset]) != match["part"]:
        return {}
    query = {"lab": match["lab"], "dataset": titles(infos)[dataset]}
    return {**query, "quick": "true"} if match["quick"] else query


def _lab_title(report: str) -> str:
    """ "E3-mnist-quick" -> "Lab E3 on MNIST, quick"."""
    match = NAME.fullmatch(report)
    if match is None:
        return f"Lab {report}"
    dataset = dataset_of(match["part"]) or match["part"]
    info = DATASETS.get(dataset)
    parts = [f"Lab {match['lab']} on {info.title if info else dataset}"]
    parts += ["quick"] if match["quick"] else []
    parts += [f"epochs {match['epochs']}"] if match["epochs"] else []
    return ", ".join(parts)


def _sweep_title(sweep: str, configs: Sequence[RunConfig]) -> str:
    """What a person called it, else what it varies: "Sweep of digits, conv: d = 2, 4, 8"."""
    if not BY_DEFAULT.fullmatch(sweep):
        return f"Sweep {sweep}"
    weights = {weight_of(config) for config in configs}
    if len(weights) > 1:
        return f"Sweep of {name(max(configs, key=weight_of))}: weight {_listed(weights)}"
    dims = _listed({config.latent_dim for config in configs})
    return f"Sweep of {name(configs[0]).rpartition(', d = ')[0]}: d = {dims}"


def _listed(values: Iterable[float]) -> str:
    """In rising order, one by one if they are few."""
    texts = [f"{value:g}" for value in sorted(values)]
    return ", ".join(texts) if len(texts) <= FEW else f"{texts[0]} to {texts[-1]}"
