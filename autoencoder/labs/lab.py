"""What a lab is: a question, the runs that answer it, and the claims that are made of them.

All of it is data and functions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoencoder.config.run_config import RunConfig
from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import Row
from autoencoder.labs.scale import Scale

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained

Plan = dict[str, list[RunConfig]]  # role -> a config for each seed


@dataclass(frozen=True)
class Section:
    """One question of a lab: what is measured for it, and what is seen beside it.

    Attributes:
        title: In a few words.
        measure: Gives its claims.
        draw: Gives its pictures, those of a row side by side.
        needs_classes: Whether it asks something of classes.
    """

    title: str
    measure: Callable[["Trained"], list[Claim]]
    draw: Callable[["Trained"], Iterator[Row]]
    needs_classes: bool = False


@dataclass(frozen=True)
class Lab:
    """One exercise.

    Attributes:
        name: E1 to E5.
        title, question: In words.
        trains: What is trained, in a sentence.
        plan: The runs, by role.
        sections: Its questions, in order.
    """

    name: str
    title: str
    question: str
    trains: str
    plan: Callable[[Scale], Plan]
    sections: Sequence[Section]

    def report_name(self, scale: Scale) -> str:
        """What its report is called, such as "E1-digits-quick"."""
        return f"{self.name}-{scale.name}"


def planned(plan: Mapping[str, Sequence[RunConfig]]) -> list[tuple[str, RunConfig]]:
    """Every run of a plan once, with its first role, in order."""
    found: dict[str, tuple[str, RunConfig]] = {}
    for role, configs in plan.items():
        for config in configs:
            found.setdefault(config.key, (role, config))
    return list(found.values())
