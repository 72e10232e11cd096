"""E1. How small may the bottleneck be?

The trade-off is found by a small sweep: the bottleneck at which the curve of test error levels off.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.analysis.clustering import sentences
from autoencoder.analysis.comparison import knee
from autoencoder.figures.comparison import Curve, curves
from autoencoder.formatting import short_number
from autoencoder.labs import drawing
from autoencoder.labs.claims import Claim, Sample, every, higher, lower
from autoencoder.labs.lab import Lab, Plan, Section
from autoencoder.labs.pictures import Row, figure
from autoencoder.labs.scale import Scale

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run

DIMS = (2, 4, 8, 16, 32)
REFERENCE = 16  # bottleneck of the reference networks, besides 2
NEARLY = 1.1  # times the smallest error, where the curve has no knee
CLUSTERED = 0.5  # of the way from chance to 1, as the scores' "separate in part"


def role(d: int) -> str:
    """The convolutional network with a bottleneck of d."""
    return f"bottleneck {d}"


def plan(scale: Scale) -> Plan:
    """A convolutional network with each bottleneck, and the two reference networks with 2 and
    16.
    """
    epochs = {"quick": 15, "full": 60} if scale.is_small else {"quick": 10, "full": 10}
    plan = {role(d): scale.each(scale.config("balanced", **epochs, latent_dim=d)) for d in DIMS}
    more = {"quick": 20, "full": 60} if scale.is_small else {"quick": 20, "full": 20}
    for preset in ("simple", "deeper"):
        for d in (2, REFERENCE):
            config = scale.config(preset, **more, latent_dim=d)
            plan[f"{preset}, {role(d)}"] = scale.each(config)
    return plan


def errors(trained: "Trained") -> list[float]:
    """Mean test MSE over seeds, by bottleneck."""
    return [float(np.mean(trained.test(role(d)).values)) for d in DIMS]


def chosen(trained: "Trained") -> int:
    """The trade-off: the knee above 2, or the smallest bottleneck that is nearly as good as the
    best.
    """
    means = errors(trained)
    index = knee(DIMS, means)
    if index is None or DIMS[index] <= 2:
        return next(
            d
            for d, error in zip(DIMS, means, strict=True)
            if d > 2 and error <= NEARLY * min(means[1:])
        )
    return DIMS[index]


def how_small(trained: "Trained") -> list[Claim]:
    """The curve of error against bottleneck, and how well both bottlenecks reconstruct images that
    no training saw.
    """
    d = chosen(trained)
    small, large = trained.test(role(2)), trained.test(role(d))
    claims = [
        _levels_off(trained),
        lower(
            f"A bottleneck of {d} reconstructs test images better than one of 2.",
            large,
            small,
            "Test MSE",
        ),
    ]
    for size, sample in ((2, small), (d, large)):
        words = f"A network with a bottleneck of {size} reconstructs test images better than PCA."
        claims.append(lower(words, sample, trained.pca(role(size)), "Test MSE"))
    return claims


def _levels_off(trained: "Trained") -> Claim:
    """Whether there is a trade-off to be found, and where."""
    samples = [trained.test(role(d)) for d in DIMS]
    by_seed = [knee(DIMS, row) for row in zip(*(each.values for each in samples), strict=True)]
    knees = [None if index is None else DIMS[index] for index in by_seed]
    curve = ", ".join(
        f"{d}: {short_number(error)}" for d, error in zip(DIMS, errors(trained), strict=True)
    )
    d = chosen(trained)
    reason = f"it is the knee of the curve (by seed: {', '.join(map(str, knees))})"
    if knee(DIMS, errors(trained)) is None:
        reason = (
            f"the curve has no knee, and {d} is the smallest bottleneck with an error within"
            f" {NEARLY - 1:.0%} of the lowest"
        )
    return every(
        "The curve of the test error levels off: above some bottleneck larger than 2, a"
        " larger bottleneck reduces the error only a little.",
        [each is not None and each > 2 for each in knees],
        f"Test MSE by bottleneck: {curve}. Chosen: {d}, because {reason}.",
        {"dims": list(DIMS), "mse": errors(trained), "chosen": d, "knees": knees},
        *(sample.convergence for sample in samples),
    )


def draw_how_small(trained: "Trained") -> Iterator[Row]:
    """The curve, and the same images through both."""
    pca = [float(np.mean(trained.pca(role(d)).values)) for d in DIMS]
    drawn = curves(
        [Curve("Autoencoder", DIMS, errors(trained)), Curve("PCA", DIMS, pca)],
        x_title="Bottleneck",
    )
    caption = "Test MSE by bottleneck, mean over the seeds."
    yield [figure("curve", "How small may the bottleneck be?", caption, drawn)]
    runs = {role(d): trained.runs(role(d))[0] for d in (2, chosen(trained))}
    yield [drawing.originals(trained, runs, "reconstructions", "Reconstructions")]


def clustering(trained: "Trained") -> list[Claim]:
    """Are there meaningful clusters, and how do the two representations compare?"""
    d = chosen(trained)
    claims = [_clusters(trained, size) for size in (2, d)]
    two, more = (trained.sample(role(size), lambda run: _accuracy(trained, run)) for size in (2, d))
    words = f"The classes cluster better with a bottleneck of {d} than with one of 2."
    return [*claims, higher(words, more, two, "10-NN accuracy")]


def _clusters(trained: "Trained", d: int) -> Claim:
    runs = trained.runs(role(d))
    all_scores = [trained.scores(run) for run in runs]
    chance = all_scores[0].chance
    sample = trained.sample(role(d), lambda run: _accuracy(trained, run))
    halfway = Sample("halfway from chance to all", [chance + CLUSTERED * (1 - chance)] * len(runs))
    words = f"With a bottleneck of {d} the classes cluster in the latents."
    claim = higher(words, sample, halfway, "10-NN accuracy")
    details = " ".join(sentences(all_scores[0], runs[0].class_names))
    measured = f"{claim.measured} With seed {runs[0].config.seed}: {details}"
    return replace(claim, measured=measured)


def _accuracy(trained: "Trained", run: "Run") -> float:
    measure = trained.scores(run).metrics["knn_10"]["latents"]
    return measure.mean if measure else 0.0


def draw_clustering(trained: "Trained") -> Iterator[Row]:
    """The latents of both, side by side."""
    yield [
        drawing.latent_map(trained, trained.runs(role(d))[0], f"latents-{d}", role(d).capitalize())
        for d in (2, chosen(trained))
    ]


def references(trained: "Trained") -> list[Claim]:
    """The two reference networks against each other and against the convolutional one."""
    claims = []
    for d in (2, REFERENCE):
        simple, deeper = (trained.test(f"{kind}, {role(d)}") for kind in ("simple", "deeper"))
        conv = trained.test(role(d), name=f"convolutional, {role(d)}")
        for better, worse, words in (
            (deeper, simple, "the deeper network reconstructs better than the simple one"),
            (conv, deeper, "the convolutional network reconstructs better than the deeper one"),
        ):
            statement = f"With a bottleneck of {d} {words}."
            claims.append(lower(statement, better, worse, "Test MSE"))
    return claims


def draw_references(trained: "Trained") -> Iterator[Row]:
    """The same images through both reference networks."""
    runs = {kind: trained.runs(f"{kind}, {role(REFERENCE)}")[0] for kind in ("simple", "deeper")}
    title = f"The reference networks, {role(REFERENCE)}"
    yield [drawing.originals(trained, runs, "references", title)]


E1 = Lab(
    "E1",
    "How small may the bottleneck be?",
    "You can plot the latents of a bottleneck of 2, but a larger bottleneck"
    " reconstructs better. Which bottleneck is a good trade-off? Do the classes"
    " cluster in the latents of these two bottlenecks?",
    f"A convolutional network with bottlenecks {', '.join(map(str, DIMS))}, and two dense reference"
    " networks.",
    plan,
    (
        Section("How small may the bottleneck be?", how_small, draw_how_small),
        Section("Do the classes cluster?", clustering, draw_clustering, needs_classes=True),
        Section("Two reference networks", references, draw_references),
    ),
)
