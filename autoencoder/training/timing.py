"""Timing: what a calibration measured on this machine, and how long a whole run will take. No
torch.
"""

import hashlib
import json
import platform
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Literal

from msgspec import Meta

from autoencoder import system
from autoencoder.config.run_config import RunConfig
from autoencoder.validation import NotNegative, Seconds, one_of

FORMAT: Literal[2] = 2  # of the file; a file of another format is not read
LAYOUTS = ("contiguous", "channels_last")
PRECISIONS = ("float32", "bfloat16")
INTERPRETER = 0.4  # seconds until Python runs the first line of ours
# The options that a step's time depends on; the others only say how many steps there are.
SHAPING = (
    "dataset",
    "network",
    "objective",
    "latent_dim",
    "channels",
    "hidden",
    "activation",
    "batch_norm",
    "dropout",
    "latent_activation",
    "output_activation",
    "noise",
    "loss",
    "optimizer",
    "batch_size",
)


@dataclass(frozen=True)
class ComputeSettings:
    """How a training computes.

    Attributes:
        threads: Of the CPU.
        precision: One of PRECISIONS; bfloat16 is autocast.
        layout: One of LAYOUTS, of weights and images in memory.
    """

    threads: int = 1
    precision: str = "float32"
    layout: str = "channels_last"


@dataclass(frozen=True)
class Timing:
    """What was measured for one shape of network; all in seconds.

    Attributes:
        threads, precision, layout: The fastest compute settings; the rest was measured with them.
        start: From the process's start to its first step.
        step: One training step, the median of those measured.
        spread: Difference between the quartiles of the measured steps, relative to `step`.
        test: All test images once.
        save: One epoch's snapshot and checkpoint.
        measure: Everything after the last epoch.
        imports: The part of `measure` that a process spends once, however many runs it trains.
        float32: One training step in float32 with the default threads; 0 if that was not tried.
        pair: Comparing one image with one other, where nearest neighbours are found; 0 if the
            objective needs none.
    """

    threads: Annotated[int, Meta(ge=1, le=1024)]
    precision: Annotated[str, one_of(PRECISIONS)]
    layout: Annotated[str, one_of(LAYOUTS)]
    start: Seconds
    step: Seconds
    spread: NotNegative
    test: Seconds
    save: Seconds
    measure: Seconds
    imports: Seconds = 0.0
    float32: Seconds = 0.0
    pair: Seconds = 0.0
    format: Literal[2] = field(default=FORMAT, kw_only=True, repr=False)

    @property
    def compute(self) -> ComputeSettings:
        """How to compute."""
        return ComputeSettings(self.threads, self.precision, self.layout)

    def predict(self, config: RunConfig, needs_graph: bool = False) -> float:
        """Seconds from the start to the end of the run; `needs_graph` if the nearest neighbours of
        its images have to be found first.
        """
        graph = self.graph(config) if needs_graph else 0.0
        return self.start + graph + config.epochs * self.epoch(config) + self.measure

    def graph(self, config: RunConfig) -> float:
        """Seconds of finding the nearest neighbours of the training and of the test images; the
        points that they are found among, which take about a tenth of it, are not counted.
        """
        return self.pair * (images_of(config) ** 2 + config.info.evaluated**2)

    def epoch(self, config: RunConfig) -> float:
        """Seconds of one epoch."""
        batches = max(1, round(images_of(config) / config.batch_size))
        return batches * self.step + self.test + self.save

    def in_a_row(self, config: RunConfig) -> float:
        """Seconds of the run in float32, in a process that has trained others before: as in a
        lab.
        """
        slower = replace(self, step=self.float32 or self.step)
        return config.epochs * slower.epoch(config) + max(0.0, self.measure - self.imports)

    @property
    def once(self) -> float:
        """Seconds that such a process spends once, beside what `in_a_row` says of each run."""
        return self.start + self.imports

    def margin(self, config: RunConfig, needs_graph: bool = False) -> float:
        """Seconds by which the prediction may err: the steps' spread, and a tenth for other work
        on the machine.
        """
        return (0.1 + min(self.spread, 0.4)) * self.predict(config, needs_graph)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def images_of(config: RunConfig) -> float:
    """About how many training images are used: classes are nearly equally large."""
    kept = len(config.classes) / len(config.info.class_names) if config.classes else 1
    return config.train_size or config.info.train * kept


def fingerprint(config: RunConfig) -> str:
    """A file name for a timing: it depends on the machine and on the options that a step's time
    depends on.
    """
    shaping = {name: getattr(config, name) for name in SHAPING} | {"augment": config.augment > 0}
    machine = [platform.node(), platform.machine(), system.cores()]
    if config.added is not None:
        shaping["shape"] = config.shape  # another data set may get the name
    text = json.dumps({"format": FORMAT, "machine": machine, **shaping}, sort_keys=True)
    return "timing-" + hashlib.sha256(text.encode()).hexdigest()[:12]
