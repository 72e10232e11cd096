"""A training on a terminal: a bar there, plain lines elsewhere, and what it came to."""

from typing import TextIO

from autoencoder import system
from autoencoder.progress import Progress
from autoencoder.runs import Run


class Report:
    """Progress on a terminal as a bar, elsewhere as a line per epoch; remembers what the closing summary needs."""

    def __init__(self, stream: TextIO) -> None:
        self.first: Progress | None = None
        self.last: Progress | None = None
        self._bar = None
        if stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=1.0, file=stream, bar_format="{percentage:3.0f}%|{bar}| {desc} [{elapsed}<{remaining}]")

    def __enter__(self) -> "Report":
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """Tell how far the training is."""
        self.first, self.last = self.first or progress, progress
        loss = progress.test.get("mse", progress.train["mse"])
        words = f"epoch {progress.epoch}/{progress.epochs}  {'test' if progress.test else 'train'} MSE {loss:.5f}"
        if self._bar is not None:
            self._bar.set_description_str(f"{words}  {progress.images_per_second:,.0f} images/s")
            self._bar.update(progress.done - self._bar.n)
        elif progress.epoch_done:
            print(f"{words}  {progress.images_per_second:,.0f} images/s", flush=True)


def summary(run: Run, report: Report) -> str:
    """A finished run in one line: how good, how fast, how large."""
    mse = run.metrics["mse"]
    words = f"test MSE {mse['run']:.5f} (PCA at the same size {mse['pca']:.5f}, {run.metrics['samples']:,} images)"
    if report.last is not None and report.last.cpu_seconds:
        rate = report.last.images / report.last.cpu_seconds
        words += f"; {rate:,.0f} images per CPU second, {system.peak_memory() / 1e9:.2f} GB of memory at most"
    return words
