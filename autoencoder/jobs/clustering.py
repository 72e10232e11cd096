"""The job that measures how the classes of a finished run cluster, and keeps the scores in the
run's folder.
"""

from autoencoder.analysis.clustering import FEWEST, measure
from autoencoder.analysis.clustering.per_image import densities, nearest_other
from autoencoder.analysis.clustering.separation import clusters
from autoencoder.analysis.clustering.space import pixel_space, scaled
from autoencoder.analysis.threads import one_thread
from autoencoder.errors import JobError
from autoencoder.jobs.job import JobKind, RunningJob, require_weights
from autoencoder.progress import ProgressCallback, ignore, part_of
from autoencoder.runs import CLUSTERS_WITHOUT_CLASSES, Clustering, Run, RunWriter

CLUSTERING = "clustering"  # the task's name
MEASURED = 0.85  # of the work are the scores; the rest is what belongs to each latent by itself


def cluster(job: RunningJob) -> None:
    """Measure, with the run's seed, how the classes of its test images cluster.

    Raises as `measure_clustering`.
    """
    run = job.run
    # Before the weights: if they change in between, the scores are measured again.
    digest = run.weights_sha256
    RunWriter(run.folder).clustering(measure_clustering(run, job.notify), digest)


def measure_clustering(run: Run, notify: ProgressCallback = ignore) -> Clustering:
    """How the classes of a finished run's test images cluster, worked out on one thread.

    Raises:
        JobError: The run is not finished, or has no latents.
        ClusteringError: They cannot be measured, as when there are fewer than 50.
        CorruptRunError: The run does not hold what it should.
    """
    require_finished(run)
    notify("reading the latents", 0.0)
    evaluation = run.evaluation()
    latents, images, labels = evaluation.latents, evaluation.images, evaluation.labels
    seed = run.config.seed
    if latents is None:
        raise JobError(f"{run.key} has no latents: train it again")
    spaces = {
        "latents": latents,
        "pixels": pixel_space(images),
        "pca": run.pca().encode(images),
    }
    with one_thread():
        scores = measure(spaces, labels, seed=seed, notify=part_of(notify, 0.0, MEASURED))
        points, classes = scaled(latents), len(scores.classes)
        count = classes if classes > 1 else CLUSTERS_WITHOUT_CLASSES
        notify("a cluster for each latent", MEASURED)
        members = clusters(points, count, seed % 2**31)
        notify("the neighbourhood of each latent", (1 + MEASURED) / 2)
        return Clustering(scores, members, densities(points), nearest_other(points, labels))


def too_few(count: int) -> str:
    """Why the clustering of a run with so many test images cannot be measured; empty if it can."""
    if count >= FEWEST:
        return ""
    return f"clusters take at least {FEWEST} test images to measure; this run has {count}"


def require_finished(run: Run) -> None:
    """Raises JobError for a run that is not finished: its latents would be others soon."""
    if run.state != "finished":
        raise JobError(f"{run.key} is {run.state}: only a finished run can be evaluated")


JOB = JobKind(
    title="clustering",
    matches=lambda name: name == CLUSTERING,
    is_done=lambda task: Run.read(task.folder).has_clustering(),
    work=cluster,
    check=require_weights,
)
