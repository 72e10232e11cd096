"""E4. Activations, noise, and the variational autoencoder against the vanilla one.

Kernels are those of a single dense layer with as many rectified units as a small image has pixels,
so that a unit's weights are an image, and a unit may die.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.analysis import sampling
from autoencoder.analysis.clustering.separation import class_distances
from autoencoder.analysis.dimensions import spacing
from autoencoder.labs import drawing
from autoencoder.labs.claims import Claim, higher, lower
from autoencoder.labs.lab import Lab, Plan
from autoencoder.labs.pictures import Picture, wall
from autoencoder.labs.scale import Options, Scale

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run

VANILLA, RELU, SIGMOID = "vanilla", "1,024 ReLU units", "1,024 sigmoid units"
PLAIN, GAUSSIAN, MASKING = "no noise", "Gaussian noise", "input dropout"
ORDINARY, VARIATIONAL = "ordinary autoencoder", "variational autoencoder"
BOTH = (VARIATIONAL, ORDINARY)
UNITS = 64  # of the layer whose kernels are looked at
NOISE: dict[str, Options] = {
    GAUSSIAN: {"noise": "gaussian", "noise_level": 0.3},
    MASKING: {"noise": "masking", "noise_level": 0.3},
}
REACHED = 0.9  # of the way from the first epoch's error to the last one's
GRID = 40  # cells of the hole map along each axis
HOLE = 3.0  # usual spacings to the nearest latent, beyond which a cell is a hole


def plan(scale: Scale) -> Plan:
    """Three networks for activations, three for noise, two for the variational question."""
    epochs = {"quick": 20, "full": 60} if scale.is_small else {"quick": 5, "full": 15}
    twenty = {"quick": 20 if scale.is_small else 8, "full": 20}
    found = {
        VANILLA: scale.each(scale.config("balanced", **epochs, network="linear", latent_dim=2))
    }
    for role, activation in ((RELU, "relu"), (SIGMOID, "sigmoid")):
        config = scale.config(
            "balanced", **epochs, network="mlp", hidden=(1024,), activation=activation, latent_dim=2
        )
        found[role] = scale.each(config)
    kernels: Options = {
        "network": "linear",
        "latent_dim": UNITS,
        "latent_activation": "relu",
        "loss": "mse",
    }
    found[PLAIN] = scale.each(scale.config("balanced", **epochs, **kernels))
    for role, noise in NOISE.items():
        found[role] = scale.each(
            scale.config("balanced", **epochs, **kernels, objective="denoising", **noise)
        )
    found[ORDINARY] = scale.each(scale.config("balanced", **twenty, latent_dim=2))
    found[VARIATIONAL] = scale.each(
        scale.config("balanced", **twenty, latent_dim=2, objective="variational")
    )
    return found


def activations(trained: "Trained") -> list[Claim]:
    """Hidden units with ReLU against the same with a sigmoid."""
    sparse = trained.each((RELU, SIGMOID), _sparsity)
    return [
        lower(
            "1,024 hidden ReLU units reconstruct better than none.",
            trained.test(RELU),
            trained.test(VANILLA),
            "Test MSE",
        ),
        lower(
            "ReLU units reconstruct better than sigmoid units.",
            trained.test(RELU),
            trained.test(SIGMOID),
            "Test MSE",
        ),
        higher(
            "The hidden activations of ReLU units are sparser than those of sigmoid units.",
            sparse[RELU],
            sparse[SIGMOID],
            "Share of activations near zero (below 1 % of the root mean square)",
        ),
    ]


def _sparsity(trained: "Trained", run: "Run") -> float:
    """Of the first hidden layer."""
    from autoencoder.analysis import inspection

    return inspection.survey(trained.network(run), trained.data.test.images)[0].near_zero


def noise(trained: "Trained") -> list[Claim]:
    """What noise on the input does to kernels, units, convergence and seconds."""
    claims = []
    rough, dead, fast, cost = (
        trained.each((PLAIN, *NOISE), value)
        for value in (_roughness, _dead, _convergence, _seconds)
    )
    for role in NOISE:
        claims += [
            lower(
                f"Kernels are smoother with {role} than without.",
                rough[role],
                rough[PLAIN],
                "Roughness of the kernels (2 if neighbouring weights are independent)",
            ),
            lower(
                f"Fewer units are dead with {role} than without.",
                dead[role],
                dead[PLAIN],
                f"Dead units of {UNITS}",
            ),
            lower(
                f"The training converges in fewer epochs with {role} than without.",
                fast[role],
                fast[PLAIN],
                f"Epochs to {REACHED:.0%} of the way from the first epoch's test MSE to the last"
                " one's",
            ),
        ]
        if _alike(trained, role):
            words = f"An epoch takes longer with {role} than without."
            claims.append(higher(words, cost[role], cost[PLAIN], "Processor seconds per epoch"))
        else:
            measured = (
                "The runs were not trained with the same threads and precision, so that seconds say"
                " nothing."
            )
            claims.append(Claim(f"An epoch takes longer with {role} than without.", None, measured))
    return claims


def _roughness(trained: "Trained", run: "Run") -> float:
    from autoencoder.analysis import inspection

    return inspection.kernels(trained.network(run), run.config.shape)[0].roughness


def _dead(trained: "Trained", run: "Run") -> int:
    from autoencoder.analysis import inspection

    return int(inspection.survey(trained.network(run), trained.data.test.images)[0].dead.sum())


def _convergence(trained: "Trained", run: "Run") -> float:
    """Epochs, between two of them by interpolation, after which the test MSE has gone most of its
    way.
    """
    errors = np.array([progress.test["mse"] for progress in run.history])
    target = errors[0] - REACHED * (errors[0] - errors[-1])
    after = int(np.argmax(errors <= target))
    if after == 0:
        return 1.0
    step = errors[after - 1] - errors[after]
    return float(after + (errors[after - 1] - target) / step)


def _seconds(trained: "Trained", run: "Run") -> float:
    last = run.history[-1]
    return last.cpu_seconds / last.epoch


def _alike(trained: "Trained", role: str) -> bool:
    """Whether the runs compared were trained in the same way, so that their seconds can be."""
    ways = {
        (run.record.threads, run.record.precision)
        for each in (role, PLAIN)
        for run in trained.runs(each)
    }
    return len(ways) == 1


def variational(trained: "Trained") -> list[Claim]:
    """The variational autoencoder against the ordinary one."""
    claims = []
    for words, side in (("training", "train"), ("validation", "test")):
        loss = trained.each(BOTH, partial(_loss, side=side))
        statement = f"The {words} loss of the variational autoencoder is higher."
        claims.append(
            higher(
                statement,
                loss[VARIATIONAL],
                loss[ORDINARY],
                "Reconstruction part of the loss, last epoch",
            )
        )
    apart, holes, strange = (
        trained.each(BOTH, value) for value in (_class_gap, _holes, _distance_to_data)
    )
    return [
        *claims,
        lower(
            "The classes lie closer together in the variational latents.",
            apart[VARIATIONAL],
            apart[ORDINARY],
            "Median distance of two class means, in standard deviations within classes",
        ),
        lower(
            "The variational latents leave fewer holes.",
            holes[VARIATIONAL],
            holes[ORDINARY],
            f"Share of {GRID} by {GRID} cells between the latents' 1st and 99th percentiles farther"
            f" than {HOLE:.0f} usual spacings from any latent",
        ),
        lower(
            "Latents drawn from the standard normal distribution decode to images nearer to real"
            " ones.",
            strange[VARIATIONAL],
            strange[ORDINARY],
            "Median distance to the nearest training image, MSE per pixel",
        ),
    ]


def _loss(trained: "Trained", run: "Run", *, side: str) -> float:
    losses: dict[str, float] = getattr(run.history[-1], side)
    return losses["reconstruction"]


def _class_gap(trained: "Trained", run: "Run") -> float:
    latents, labels = (
        trained.latents(run),
        np.unique(trained.data.test.labels, return_inverse=True)[1],
    )
    table = class_distances(latents.astype(np.float64), labels)
    found = [value for i, row in enumerate(table) for value in row[:i] if value is not None]
    return float(np.median(found))


def _holes(trained: "Trained", run: "Run") -> float:
    """Share of cells that are far from any latent, each dimension in units of its spread."""
    latents = trained.latents(run).astype(np.float64)
    latents = latents / np.maximum(latents.std(axis=0), 1e-12)
    ends = np.quantile(latents, (0.01, 0.99), axis=0)
    cells = sampling.grid(*(np.linspace(low, high, GRID) for low, high in ends.T))
    nearest = [np.square(latents - cell).sum(axis=1).min() for cell in cells]
    return float(np.mean(np.sqrt(nearest) > HOLE * spacing(latents)))


def _distance_to_data(trained: "Trained", run: "Run") -> float:
    return trained.distance_to_data(trained.prior_images(run))


def draw(trained: "Trained") -> Iterator[Picture]:
    """Maps, losses, reconstructions, kernels, samples."""
    first = {
        role: trained.runs(role)[0] for role in (VANILLA, RELU, SIGMOID, ORDINARY, VARIATIONAL)
    }
    for file, role in (("relu", RELU), ("sigmoid", SIGMOID)):
        run = first[role]
        caption = (
            "Random latents decoded, each number normal with the latents' mean and spread; run"
            f" {run.key}."
        )
        yield wall(f"random-{file}", f"Samples: {role}", caption, [trained.random_images(run)])
    for file, (role, run) in zip(
        ("vanilla", "relu", "sigmoid", "ordinary", "variational"), first.items(), strict=True
    ):
        yield drawing.latent_map(trained, run, f"latents-{file}", f"Latents: {role}")
    yield drawing.by_epoch(
        {role: trained.runs(role) for role in (VANILLA, RELU, SIGMOID)},
        "loss-activations",
        "Activations",
    )
    yield drawing.by_epoch(
        {role: trained.runs(role) for role in (PLAIN, *NOISE)}, "loss-noise", "Noise"
    )
    yield drawing.by_epoch(
        {role: trained.runs(role) for role in (ORDINARY, VARIATIONAL)},
        "loss-variational",
        "Variational",
    )
    yield drawing.originals(trained, first, "reconstructions", "Test images and reconstructions")
    for file, role in zip(("plain", "gaussian", "masking"), (PLAIN, *NOISE), strict=True):
        yield _kernels(trained, trained.runs(role)[0], f"kernels-{file}", role)
    for file, role in (("ordinary", ORDINARY), ("variational", VARIATIONAL)):
        run = first[role]
        caption = (
            f"Latents from the standard normal distribution, decoded; run {run.key}, seed"
            f" {run.config.seed}."
        )
        yield wall(f"samples-{file}", f"Samples: {role}", caption, [trained.prior_images(run)])


def _kernels(trained: "Trained", run: "Run", name: str, role: str) -> Picture:
    """Every unit's weights as an image, grey for 0, on a scale of its own."""
    from autoencoder.analysis import inspection

    maps = inspection.kernels(trained.network(run), run.config.shape)[0].maps
    assert maps is not None  # a dense layer at the pixels has some
    largest = np.maximum(np.abs(maps).max(axis=(1, 2, 3), keepdims=True), 1e-12)
    caption = (
        f"Weights of all {len(maps)} units, each on a scale of its own, grey is 0; run {run.key},"
        f" seed {run.config.seed}."
    )
    return wall(name, f"Kernels: {role}", caption, [0.5 + maps / (2 * largest)])


E4 = Lab(
    "E4",
    "Activations, noise, and the variational autoencoder",
    "Do hidden units want ReLU or a sigmoid? What does noise on the input do to kernels, to the"
    " speed of learning and to seconds? Is a variational autoencoder worse at reconstructing and"
    " better at inventing?",
    "A vanilla network, two with 1,024 hidden units, three with and without noise, and a"
    " variational one beside its like.",
    (0.6, 0.8, 9, 90),
    plan,
    (activations, noise, variational),
    (draw,),
)
