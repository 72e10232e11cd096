"""E1. How small may the bottleneck be?

The trade-off is found by a small sweep: the bottleneck at which the curve of test error levels off.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.analysis.clustering import sentences
from autoencoder.analysis.comparison import knee
from autoencoder.figures.comparison import Curve, curves
from autoencoder.formatting import short_number
from autoencoder.labs import drawing
from autoencoder.labs.claims import Claim, Sample, every, higher, lower
from autoencoder.labs.lab import Lab, Plan
from autoencoder.labs.pictures import Picture, figure
from autoencoder.labs.scale import Scale

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run

DIMS = (2, 4, 8, 16, 32)
REFERENCE = 16  # bottleneck of the reference networks, besides 2
NEARLY = 1.1  # times the smallest error, where the curve has no knee
CLUSTERED = 0.5  # of the way from chance to 1, as the verdict's "separate in part"


def plan(scale: Scale) -> Plan:
    """A convolutional network with each bottleneck, and the two reference networks with 2 and
    16.
    """
    epochs = {"quick": 15, "full": 60} if scale.is_small else {"quick": 6, "full": 10}
    found = {
        f"{d} numbers": scale.each(scale.config("balanced", **epochs, latent_dim=d)) for d in DIMS
    }
    for preset in ("simple", "deeper"):
        for d in (2, REFERENCE):
            found[f"{preset}, {d} numbers"] = scale.each(
                scale.config(preset, **epochs, latent_dim=d)
            )
    return found


def errors(trained: "Trained") -> list[float]:
    """Mean test MSE over seeds, by bottleneck."""
    return [float(np.mean(trained.test(f"{d} numbers").values)) for d in DIMS]


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


def levels_off(trained: "Trained") -> Claim:
    """Whether there is a trade-off to be found, and where."""
    by_seed = [
        knee(DIMS, row)
        for row in zip(*(trained.test(f"{d} numbers").values for d in DIMS), strict=True)
    ]
    found = [None if index is None else DIMS[index] for index in by_seed]
    curve = ", ".join(
        f"{d}: {short_number(error)}" for d, error in zip(DIMS, errors(trained), strict=True)
    )
    d = chosen(trained)
    reason = f"it is the knee of the curve, knees by seed {', '.join(map(str, found))}"
    if knee(DIMS, errors(trained)) is None:
        reason = (
            f"the curve has no knee, and {d} is the smallest within {NEARLY - 1:.0%} of the best"
        )
    return every(
        "Past some bottleneck above 2 more numbers buy little: the curve of test error levels off.",
        [each is not None and each > 2 for each in found],
        f"Test MSE by bottleneck: {curve}. Chosen: {d}, since {reason}.",
        {"dims": list(DIMS), "mse": errors(trained), "chosen": d, "knees": found},
    )


def reconstruction(trained: "Trained") -> list[Claim]:
    """How well both reconstruct images that no training saw."""
    d = chosen(trained)
    small, large = trained.test("2 numbers"), trained.test(f"{d} numbers")
    claims = [
        lower(
            f"With {d} numbers independent test images are reconstructed better than with 2.",
            large,
            small,
            "Test MSE",
        )
    ]
    for sample, role in ((small, "2 numbers"), (large, f"{d} numbers")):
        words = f"With {role} the network reconstructs test images better than PCA with as many."
        claims.append(lower(words, sample, trained.pca(role), "Test MSE"))
    return claims


def clustering(trained: "Trained") -> list[Claim]:
    """Are there meaningful clusters, and how do the two representations compare?"""
    d, claims = chosen(trained), []
    for role in ("2 numbers", f"{d} numbers"):
        runs = trained.runs(role)
        all_scores = [trained.scores(run) for run in runs]
        chance = all_scores[0].chance
        sample = trained.sample(role, lambda run: _accuracy(trained, run))
        threshold = Sample(
            "halfway from chance to all", [chance + CLUSTERED * (1 - chance)] * len(runs)
        )
        claim = higher(
            f"The classes cluster in the latents of {role}.", sample, threshold, "10-NN accuracy"
        )
        told = f"With seed {runs[0].config.seed}: " + " ".join(
            sentences(all_scores[0], runs[0].class_names)
        )
        claims.append(
            Claim(claim.statement, claim.holds, f"{claim.measured} {told}", claim.numbers)
        )
    two, more = (
        trained.sample(role, lambda run: _accuracy(trained, run))
        for role in ("2 numbers", f"{d} numbers")
    )
    return [
        *claims,
        higher(
            f"The classes cluster better in {d} numbers than in 2.", more, two, "10-NN accuracy"
        ),
    ]


def _accuracy(trained: "Trained", run: "Run") -> float:
    found = trained.scores(run).metrics["knn_10"]["latents"]
    return found.mean if found else 0.0


def references(trained: "Trained") -> list[Claim]:
    """The two reference networks against each other and against the convolutional one."""
    claims = []
    for d in (2, REFERENCE):
        simple, deeper, conv = (
            trained.test(f"{kind}{d} numbers") for kind in ("simple, ", "deeper, ", "")
        )
        conv = Sample(f"convolutional, {d} numbers", conv.values)
        claims.append(
            lower(
                f"With {d} numbers the deeper network is better than the simple one.",
                deeper,
                simple,
                "Test MSE",
            )
        )
        claims.append(
            lower(
                f"With {d} numbers the convolutional network is better than the deeper one.",
                conv,
                deeper,
                "Test MSE",
            )
        )
    return claims


def draw(trained: "Trained") -> Iterator[Picture]:
    """The curve, both maps, reconstructions."""
    d = chosen(trained)
    pca = [float(np.mean(trained.pca(f"{each} numbers").values)) for each in DIMS]
    drawn = curves(
        [Curve("Autoencoder", DIMS, errors(trained)), Curve("PCA", DIMS, pca)],
        x_title="Numbers in a latent",
    )
    caption = (
        f"Test MSE by bottleneck, mean over {len(trained.scale.seeds)} seeds; PCA with as many"
        " numbers beside it."
    )
    yield figure("curve", "How small may the bottleneck be?", caption, drawn)
    two = trained.runs("2 numbers")[0]
    yield drawing.latent_map(trained, two, "latents-2", "Latents of 2 numbers")
    yield drawing.latent_map(
        trained, trained.runs(f"{d} numbers")[0], f"latents-{d}", f"Latents of {d} numbers"
    )
    runs = {role: trained.runs(role)[0] for role in ("2 numbers", f"{d} numbers")}
    yield drawing.originals(trained, runs, "reconstructions", "Test images and reconstructions")
    runs = {kind: trained.runs(f"{kind}, {REFERENCE} numbers")[0] for kind in ("simple", "deeper")}
    yield drawing.originals(
        trained, runs, "references", f"The reference networks, {REFERENCE} numbers"
    )


E1 = Lab(
    "E1",
    "How small may the bottleneck be?",
    "A bottleneck of 2 can be looked at; a larger one reconstructs better. Which is a good"
    " trade-off, and do the classes cluster in either?",
    f"A convolutional network with bottlenecks {', '.join(map(str, DIMS))}, and two dense reference"
    " networks.",
    (0.6, 2, 6, 120),
    plan,
    (levels_off, reconstruction, clustering, references),
    (draw,),
)
