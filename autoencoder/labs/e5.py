"""E5. A stacked convolutional denoiser, and the variational autoencoder as a generative model, with
and without its KL term.

Three convolutions halve an image of 8 by 8 pixels to a single one, and one of 28 by 28 to 3 by 3.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from autoencoder import figures
from autoencoder.analysis import metrics, sampling
from autoencoder.analysis.clustering import pixel_space
from autoencoder.analysis.clustering.result import largest
from autoencoder.analysis.clustering.separation import class_distances
from autoencoder.formatting import short_number
from autoencoder.labs import drawing
from autoencoder.labs.claims import Claim, above, every, higher, lower
from autoencoder.labs.lab import Lab, Plan, Section
from autoencoder.labs.pictures import Picture, Row, figure, wall
from autoencoder.labs.scale import Options, Scale

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run

DENOISER, CLEAN = "denoiser", "the same without noise"
WITH_KL, WITHOUT_KL = "variational", "variational without KL"
CHANNELS = (16, 32, 64)
NOISE: Options = {"noise": "gaussian", "noise_level": 0.3}
FIRST = 5_000  # test images whose latents are drawn and compared
SHOWN = 16  # images on the wall of the denoiser
PERMUTATIONS = 999  # of the classes, which tell what correlation is chance
LEVEL = 0.05
MANIFOLD = 20  # images along each axis of the plane


def plan(scale: Scale) -> Plan:
    """A denoiser and its like without noise; a variational autoencoder with beta 1 and with beta
    0.
    """
    epochs = {"quick": 20, "full": 60} if scale.is_small else {"quick": 10, "full": 15}
    stacked: Options = {"channels": CHANNELS, "latent_dim": 16 if scale.is_small else 32}
    flat: Options = {"objective": "variational", "latent_dim": 2}
    return {
        DENOISER: scale.each(
            scale.config("balanced", **epochs, **stacked, objective="denoising", **NOISE)
        ),
        CLEAN: scale.each(scale.config("balanced", **epochs, **stacked)),
        WITH_KL: scale.each(scale.config("balanced", **epochs, **flat)),
        WITHOUT_KL: scale.each(scale.config("balanced", **epochs, **flat, beta=0.0)),
    }


def denoising(trained: "Trained") -> list[Claim]:
    """Noisy, denoised, clean."""
    what = "MSE to the clean test images"
    noisy = trained.sample(
        DENOISER, lambda run: _error(trained, _noisy(trained, run.config.seed)), "noisy images"
    )
    noisy = replace(noisy, convergence=None)
    removed, other = (
        trained.sample(
            role,
            lambda run: _error(trained, _seen(trained, run, _noisy(trained, run.config.seed))),
            f"through {name}",
        )
        for role, name in ((DENOISER, "the denoiser"), (CLEAN, "the network trained without noise"))
    )
    words = "The denoiser reconstructs clean images worse than the network trained without noise."
    return [
        lower(
            "The reconstructions by the denoiser are nearer to the clean images than the"
            " noisy images are.",
            removed,
            noisy,
            what,
        ),
        lower(
            "The denoiser removes noise better than the same network trained without noise.",
            removed,
            other,
            what,
        ),
        higher(words, trained.test(DENOISER), trained.test(CLEAN), "Test MSE without noise"),
    ]


def _noisy(trained: "Trained", seed: int) -> np.ndarray:
    from autoencoder.networks import inference

    return inference.corrupted(trained.data.test.images, NOISE["noise"], NOISE["noise_level"], seed)


def _seen(trained: "Trained", run: "Run", images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) in [0, 1] through the network."""
    from autoencoder.analysis import inspection

    return inspection.reconstruct(trained.network(run), images).clip(0, 1)


def _error(trained: "Trained", images: np.ndarray) -> float:
    return float(metrics.squared_errors(metrics.to_unit(trained.data.test.images), images).mean())


def kl_term(trained: "Trained") -> list[Claim]:
    """What happens without the KL term."""
    divergence, distances = (
        trained.each((WITH_KL, WITHOUT_KL), value) for value in (_divergence, _distance_to_data)
    )
    words = (
        "Without the KL term, samples of the standard normal distribution are farther"
        " from real images."
    )
    return [
        lower(
            "Without the KL term, the reconstruction is better.",
            trained.test(WITHOUT_KL),
            trained.test(WITH_KL),
            "Test MSE",
        ),
        higher(
            "Without the KL term, the posteriors are farther from the standard normal"
            " distribution.",
            divergence[WITHOUT_KL],
            divergence[WITH_KL],
            "KL from the posterior to the prior, nats",
        ),
        higher(
            words,
            distances[WITHOUT_KL],
            distances[WITH_KL],
            "Median distance to the nearest training image, MSE per pixel",
        ),
    ]


def _divergence(trained: "Trained", run: "Run") -> float:
    from autoencoder.networks import inference

    return float(inference.kl_by_dimension(trained.network(run), trained.data.test.images).sum())


def _distance_to_data(trained: "Trained", run: "Run") -> float:
    return trained.distance_to_data(trained.prior_images(run))


def similar_is_close(trained: "Trained") -> list[Claim]:
    """Are classes whose latents are close those whose images are alike?"""
    shown = _of_large_classes(trained)
    images, labels = trained.data.test.images[shown], trained.data.test.labels[shown]
    pixels = _distances(pixel_space(images), labels)
    by_seed = [
        agreement(_distances(trained.latents(run)[shown], labels), pixels)
        for run in trained.runs(WITH_KL)
    ]
    each = ", ".join(f"{short_number(rho)} (p = {short_number(p)})" for rho, p in by_seed)
    claim = every(
        "Close clusters are similar classes: classes that are close in the latents are"
        " also close in the pixels.",
        [rho > 0 and p <= LEVEL for rho, p in by_seed],
        "Rank correlation between the class distances in the latents and in the pixels,"
        f" for the first {len(images):,} test images, by seed: {each}. The p-values"
        f" come from {PERMUTATIONS} random permutations of the classes (Mantel 1967);"
        f" the level is {LEVEL}.",
        {"correlation": [rho for rho, _ in by_seed], "p": [p for _, p in by_seed]},
        trained.convergence(WITH_KL),
    )
    return [claim]


def _of_large_classes(trained: "Trained") -> np.ndarray:
    """Indices of the first test images, those of the 50 classes with the most of them."""
    labels = trained.data.test.labels[:FIRST]
    classes, counts = np.unique(labels, return_counts=True)
    return np.flatnonzero(np.isin(labels, classes[largest(counts.tolist())]))


def _distances(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Between class means, (C, C)."""
    table = class_distances(points.astype(np.float64), np.unique(labels, return_inverse=True)[1])
    return np.array([[np.nan if value is None else value for value in row] for row in table])


def agreement(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Spearman's correlation of two distance matrices (C, C) above the diagonal, and the share of
    permutations of the classes that reach it by chance: Mantel 1967. The correlation is 0 where
    either matrix has no order.
    """
    from scipy.stats import rankdata

    above, random = np.triu_indices(len(one), 1), np.random.default_rng(0)
    # the ranks of a permuted matrix are the permuted ranks: they are found once
    table = np.zeros(one.shape)
    table[above] = rankdata(np.nan_to_num(one[above], nan=np.inf))
    table += table.T
    ranks = rankdata(np.nan_to_num(other[above], nan=np.inf))

    def correlation(order: np.ndarray) -> float:
        mine = table[np.ix_(order, order)][above]
        return float(np.corrcoef(mine, ranks)[0, 1]) if mine.std() and ranks.std() else 0.0

    rho = correlation(np.arange(len(one)))
    reached = sum(correlation(random.permutation(len(one))) >= rho for _ in range(PERMUTATIONS))
    return rho, (1 + reached) / (1 + PERMUTATIONS)


def features(trained: "Trained") -> list[Claim]:
    """Latents as features, and for clustering, against raw pixels."""
    claims = []
    for statement, metric, words in (
        (
            ("A linear classifier is more accurate on the latents of the denoiser than on pixels."),
            "linear_probe",
            "Linear probe",
        ),
        (
            ("k-means finds the classes better in the latents of the denoiser than in pixels."),
            "kmeans_ari",
            "Adjusted Rand index",
        ),
    ):
        pixels = trained.pixel_separation(DENOISER, metric)
        claims.append(above(statement, trained.separation(DENOISER, metric), pixels, words))
    return claims


def draw_denoising(trained: "Trained") -> Iterator[Row]:
    """Noisy, denoised, clean."""
    yield [_denoised(trained, trained.runs(DENOISER)[0])]


def draw_kl(trained: "Trained") -> Iterator[Row]:
    """Latents and samples with the KL term and without it, side by side."""
    files = {WITH_KL: "kl", WITHOUT_KL: "no-kl"}
    labels = trained.data.test.labels[:FIRST]
    first = {role: trained.runs(role)[0] for role in files}
    yield [
        figure(
            f"latents-{files[role]}",
            f"Latents: {role}",
            f"The first {len(labels):,} test images.",
            figures.latent_scatter(trained.latents(run)[:FIRST], labels, run.class_names),
        )
        for role, run in first.items()
    ]
    yield [
        drawing.samples(trained, run, f"samples-{files[role]}", role) for role, run in first.items()
    ]


def draw_similar(trained: "Trained") -> Iterator[Row]:
    """Distances between the classes, and the plane between them."""
    run, shown = trained.runs(WITH_KL)[0], _of_large_classes(trained)
    labels = trained.data.test.labels[shown]
    names = [run.class_names[index] for index in np.unique(labels)]
    table = _distances(trained.latents(run)[shown], labels)
    caption = (
        "Distance between the class means in the latents, in standard deviations within"
        " the classes along the line between the two means."
    )
    drawn = figures.class_matrix(table, names, "Standard<br>deviations")
    yield [
        figure("distances", "Which classes are close?", caption, drawn),
        _manifold(trained, run),
    ]


def draw_features(trained: "Trained") -> Iterator[Row]:
    """The denoiser's latents beside the pixels."""
    run = trained.runs(DENOISER)[0]
    yield [
        drawing.latent_map(trained, run, "latents-denoiser", "Latents of the denoiser"),
        drawing.pixel_map(trained, run, "pixels", "Pixels"),
    ]


def _denoised(trained: "Trained", run: "Run") -> Picture:
    noisy = _noisy(trained, run.config.seed)[:SHOWN]
    rows = {
        "noisy": noisy,
        "denoised": _seen(trained, run, noisy),
        "clean": metrics.to_unit(trained.data.test.images[:SHOWN]),
    }
    caption = f"The first {len(noisy)} test images."
    return wall("denoised", "Noisy, denoised, clean", caption, rows)


def _manifold(trained: "Trained", run: "Run") -> Picture:
    """The latent plane, scanned at regular intervals."""
    from autoencoder.networks import inference

    latents = trained.latents(run)
    level, upright = (
        sampling.spaced(latents[:, axis], MANIFOLD, spacing="linear", reach=0.95) for axis in (0, 1)
    )
    images = inference.decode(
        trained.network(run), sampling.grid(level, upright).astype(np.float32)
    ).clip(0, 1)
    ends = [f"{short_number(each[0])} to {short_number(each[-1])}" for each in (level, upright)]
    caption = (
        f"Images decoded in equal steps over the latent plane: z0 from {ends[0]} (left"
        f" to right), z1 from {ends[1]} (bottom to top)."
    )
    return wall("manifold", "The manifold", caption, {"": images}, columns=MANIFOLD)


E5 = Lab(
    "E5",
    "Denoiser and generative model",
    "Does a stacked convolutional denoiser remove noise? What does the KL term do for a variational"
    " autoencoder? Are close clusters similar classes? Are latents better features than pixels?",
    "A denoiser with three convolutions, the same network without noise, and a"
    " variational autoencoder with and without its KL term.",
    plan,
    (
        Section("Denoising", denoising, draw_denoising),
        Section("The KL term", kl_term, draw_kl),
        Section(
            "Are close clusters similar classes?",
            similar_is_close,
            draw_similar,
            needs_classes=True,
        ),
        Section("Latents as features", features, draw_features, needs_classes=True),
    ),
)
