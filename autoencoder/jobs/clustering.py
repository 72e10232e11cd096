"""The process that judges how the classes of a finished run cluster, and keeps the verdict in the
run's folder.
"""

from collections.abc import Callable

from autoencoder.analysis import metrics
from autoencoder.analysis.clustering import measure
from autoencoder.analysis.clustering.per_image import densities, nearest_other
from autoencoder.analysis.clustering.separation import clusters
from autoencoder.analysis.clustering.space import scaled
from autoencoder.analysis.clustering.threads import one_thread
from autoencoder.errors import JobError
from autoencoder.jobs.kinds import CLUSTERING
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.runner import Tell, run_side_task
from autoencoder.runs import Clustering, Run, RunWriter

Say = Callable[[str, float], object]
MEASURED = (
    0.85  # of the work: measuring the verdict takes; the rest goes into each latent by itself
)


def cluster_run(queue: Queue, key: str, say: Say = lambda words, share: None) -> str:
    """Measure, with the run's seed, how the classes of its test images cluster, unless that is
    there.

    Args:
        queue: Where the run is.
        key: The run's.
        say: Hears before each step what comes next, and the share of the work that is done, from 0
            to 1.

    Returns:
        The task's final state.

    Raises:
        UnknownRunError, CorruptRunError, JobError, RunBusyError: As for `run_side_task`.
    """

    def work(run: Run, tell: Tell) -> None:
        def both(words: str, share: float) -> None:
            tell(words, share)
            say(words, share)

        digest = run.weights_sha256
        clustering = measure_clustering(run, both)
        RunWriter(run.folder).clustering(clustering, digest)

    return run_side_task(queue, key, CLUSTERING, work, lambda words: None)


def measure_clustering(run: Run, say: Say) -> Clustering:
    """How the classes of a finished run's test images cluster, worked out on one thread.

    Raises:
        JobError: The run is not finished, or has no latents.
        VerdictError: They cannot be judged, as when there are fewer than 50.
        CorruptRunError: The run does not hold what it should.
    """
    require_finished(run)
    say("reading the codes", 0.0)
    evaluation = run.evaluation()
    latents, images, labels, seed = (
        evaluation.latents,
        evaluation.images,
        evaluation.labels,
        run.config.seed,
    )
    if latents is None:
        raise JobError(f"{run.key} has no latents: train it again")
    spaces = {
        "codes": latents,
        "pixels": images.reshape(len(images), -1),
        "pca": run.pca().encode(metrics.to_unit(images)),
    }
    with one_thread():
        scores = measure(
            spaces, labels, seed=seed, say=lambda words, share: say(words, share * MEASURED)
        )
        points, count = scaled(latents), len(scores.classes)
        say("a cluster for each code", MEASURED)
        found = clusters(points, count, seed % 2**31)
        say("the neighbourhood of each code", (1 + MEASURED) / 2)
        return Clustering(scores, found, densities(points), nearest_other(points, labels))


def require_finished(run: Run) -> None:
    """Raises JobError for a run that is not finished: its latents would be others soon."""
    if run.state != "finished":
        raise JobError(f"{run.key} is {run.state}: only a finished run can be evaluated")
