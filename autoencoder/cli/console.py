"""A training on a terminal: a bar there, plain lines elsewhere, and what it came to."""

from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from autoencoder import system
from autoencoder.analysis.clustering import SPACES
from autoencoder.config.metrics import CLUSTERING_METRICS, RECONSTRUCTION_METRICS, Metric
from autoencoder.config.run_config import RunConfig
from autoencoder.runs import Run
from autoencoder.training.progress import Progress

TITLES = {"latents": "latents", "pixels": "pixels", "pca": "PCA"}  # of the spaces, in tables


class Report:
    """Progress on a terminal as a bar, elsewhere as a line per epoch; remembers what the closing
    summary needs.
    """

    def __init__(self, stream: TextIO) -> None:
        self.first: Progress | None = None
        self.last: Progress | None = None
        self._bar = None
        if stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=1.0,
                file=stream,
                bar_format="{percentage:3.0f}%|{bar}| {desc} [{elapsed}<{remaining}]",
            )

    def __enter__(self) -> "Report":
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """Tell how far the training is."""
        self.first, self.last = self.first or progress, progress
        loss = progress.test.get("mse", progress.train["mse"])
        words = (
            f"epoch {progress.epoch}/{progress.epochs}  {'test' if progress.test else 'train'} MSE"
            f" {loss:.5f}"
        )
        if self._bar is not None:
            self._bar.set_description_str(f"{words}  {progress.images_per_second:,.0f} images/s")
            self._bar.update(progress.done - self._bar.n)
        elif progress.epoch_done:
            print(f"{words}  {progress.images_per_second:,.0f} images/s", flush=True)


def summary(run: Run, report: Report) -> str:
    """A finished run in one line: how good, how fast, how large."""
    mse = run.metrics["mse"]
    words = (
        f"test MSE {mse['run']:.5f} (PCA with the same bottleneck {mse['pca']:.5f},"
        f" {run.metrics['samples']:,} images)"
    )
    if report.last is not None and report.last.cpu_seconds:
        rate = report.last.images / report.last.cpu_seconds
        words += (
            f"; {rate:,.0f} images per CPU second, {system.peak_memory() / 1e9:.2f} GB of memory at"
            " most"
        )
    return words


def evaluation_lines(config: RunConfig, table: Mapping[str, Any]) -> Iterator[str]:
    """The lines that show what `jobs.evaluation.summed_up` says of a run."""
    yield f"{config.key}: {table['split']} split, {table['samples']:,} images, seed {table['seed']}"
    for name, metric in RECONSTRUCTION_METRICS.items():
        if values := table.get(name):  # runs of an earlier version have fewer
            run, pca = (f"{values[model]:{metric.digits}}" for model in ("run", "pca"))
            yield f"  {name:8} run {run:10} PCA {pca}"
    if dead := {name: count for name, count in table.get("dead_units", {}).items() if count}:
        yield "  dead units: " + ", ".join(f"{count:,} in {name}" for name, count in dead.items())
    if any(table[name] for name in CLUSTERING_METRICS):
        yield "".join([f"  {'':16}", *(f"{TITLES[space]:16}" for space in SPACES)]).rstrip()
        for name, metric in CLUSTERING_METRICS.items():
            cells = (f"{_measured(table[name][space], metric):16}" for space in SPACES)
            yield "".join([f"  {name:16}", *cells]).rstrip()
    yield from table["sentences"]
    if "nn_error_full" in table:
        yield _against_all(config, table["nn_error_full"])


def _measured(value: Mapping[str, float] | None, metric: Metric) -> str:
    if value is None:
        return "not defined"
    return f"{value['mean']:{metric.digits}} ± {value['spread']:{metric.digits}}"


def _against_all(config: RunConfig, errors: Mapping[str, Any]) -> str:
    """The 1-NN errors, beside the published one where it was measured on the same images."""
    words = (
        f"1-NN error of {errors['test']:,} test images against all {errors['train']:,} training"
        f" images: latents {errors['latents']:.2%}, PCA {errors['pca']:.2%}"
    )
    info, published = config.info, config.info.published_nn_errors
    same = (errors["train"], errors["test"]) == (info.train, info.test)
    if not same or config.latent_dim not in published:
        return words
    return (
        f"{words}; published, quoted from memory: {published[config.latent_dim]:.2%} (autoencoder,"
        " van der Maaten 2009)"
    )
