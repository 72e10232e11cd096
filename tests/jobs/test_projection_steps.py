"""The job that lays points out step by step: what it leaves while it goes on, and in the end."""

import numpy as np
import pytest

from autoencoder.analysis.projections import umap_steps
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.settings import Settings
from autoencoder.errors import ProjectionError
from autoencoder.jobs import Queue
from autoencoder.runs import RunStore
from tests.support.configs import TINY
from tests.support.queues import do

STEPS = ProjectionSettings("umap", points=100)


def test_steps_are_there_while_the_job_goes_on(settings: Settings, store: RunStore) -> None:
    """Whoever looks meanwhile finds the steps so far; in the end all are kept, as they were
    computed, up to the precision of 16 bits.
    """
    run, seen = store.get(TINY.key), []

    def look(words: str, fraction: float | None = None) -> None:
        seen.append(run.steps(STEPS))

    assert do(Queue(settings), TINY, STEPS.steps_name, look) == "finished"

    early = [steps for steps in seen if steps is not None]
    assert early and not any(steps.is_complete for steps in early)
    kept, latents = run.steps(STEPS, complete=True), run.evaluation().latents
    assert kept is not None and latents is not None
    computed = list(umap_steps(latents[:100], STEPS))
    assert kept.epochs.tolist() == [step.epoch for step in computed]
    np.testing.assert_allclose(kept.points[-1], computed[-1].points, atol=0.02)
    np.testing.assert_allclose(kept.losses, [step.loss for step in computed])


def test_a_name_of_steps_is_read_back() -> None:
    """It is the projection's own, but for its first word."""
    assert STEPS.steps_name == "steps-umap-n15-d2-s0-p100"
    assert ProjectionSettings.parse_steps(STEPS.steps_name) == STEPS


@pytest.mark.parametrize(
    "name",
    ["steps-tsne-n15-d2-s0", "steps-umap-n15-d3-s0", "projection-umap-n15-d2-s0", "steps", ""],
)
def test_what_cannot_be_watched_is_refused(name: str) -> None:
    """Another method, three dimensions, or the projection itself are no steps."""
    with pytest.raises(ProjectionError):
        ProjectionSettings.parse_steps(name)
