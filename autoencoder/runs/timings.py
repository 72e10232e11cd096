"""The store of timings: one file per machine and shape of network, beside the runs."""

from pathlib import Path
from typing import Any

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError, RunError
from autoencoder.runs import files
from autoencoder.runs.state import Task
from autoencoder.training.timing import Timing, fingerprint
from autoencoder.validation import JsonObject

FOLDER = ".calibration"  # under the models folder


class TimingStore:
    """The timings under one models folder, which need not exist."""

    def __init__(self, models: Path) -> None:
        self.folder = models / FOLDER

    def get(self, config: RunConfig) -> Timing | None:
        """The timing for the shape of `config` on this machine; None if none can be read."""
        try:
            return files.read_json(self.folder / f"{fingerprint(config)}.json", Timing)
        except (OSError, ValueError):
            return None

    def put(self, config: RunConfig, timing: Timing) -> None:
        """Write the timing. Raises RunError if the models folder cannot be written."""
        self._write(f"{fingerprint(config)}.json", timing.to_dict())

    def task(self, config: RunConfig) -> Task:
        """The task that measures it."""
        return Task(self.folder, fingerprint(config))

    def ask(self, config: RunConfig) -> Task:
        """Write what is to be measured beside the task's files, and return the task.

        Raises RunError if the models folder cannot be written.
        """
        self._write(f"{fingerprint(config)}.config.json", config.to_dict())
        return self.task(config)

    def _write(self, name: str, data: dict[str, Any]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            files.write_json(self.folder / name, data)
        except OSError as error:
            raise RunError(
                f"cannot write to the models folder {self.folder.parent}: {error.strerror}"
            ) from error

    def config_of(self, task: Task) -> RunConfig | None:
        """The config that a task has to measure; None if it cannot be read."""
        try:
            return RunConfig.from_dict(
                files.read_json(
                    self.folder / f"{task.name}.config.json", JsonObject, files.MAX_CONFIG
                )
            )
        except (OSError, ValueError, ConfigError):
            return None
