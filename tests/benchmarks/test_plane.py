"""How maps of two latent values are judged, and what counts as a goal that is met."""

import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.plane import Goals, MapScores, row, scores


def test_scores_are_scikit_learns() -> None:
    """Error of the nearest and accuracy of the ten nearest, each point left out in its turn."""
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=150)
    latents = rng.normal(size=(150, 2)) + 1.2 * labels[:, None]
    expected = [
        cross_val_score(KNeighborsClassifier(count), latents, labels, cv=LeaveOneOut()).mean()
        for count in (1, 10)
    ]

    error, accuracy = scores(latents, labels)
    assert error == pytest.approx(100 * (1 - expected[0]))
    assert accuracy == pytest.approx(expected[1])


@pytest.mark.parametrize(
    ("reached", "words"),
    [
        (MapScores(4.0, 0.97, 25.0, 100.0), "| met |"),
        (MapScores(4.6, 0.97, 25.0, 100.0), "missed: error at most 4.5"),
        (MapScores(4.0, 0.96, 27.0, 100.0), "missed: sse at most 26, accuracy at least 0.967"),
    ],
)
def test_a_missed_goal_is_said(reached: MapScores, words: str) -> None:
    """A row says which of its goals the median does not reach."""
    goals = Goals(error=4.5, sse=26.0, seconds=1_200, accuracy=0.967)
    worse = MapScores(99.0, 0.0, 99.0, 9_999.0)

    assert words in row("map", [reached], goals)
    assert words in row("map", [reached, reached, worse], goals)
