"""E4. Activations, noise, and the variational autoencoder against the ordinary one.

Kernels are those of a single dense layer with as many rectified units as a small image has pixels,
so that a unit's weights are an image, and a unit may die.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.analysis import sampling
from autoencoder.analysis.clustering.separation import class_distances
from autoencoder.analysis.dimensions import spacing
from autoencoder.labs import drawing
from autoencoder.labs.claims import Claim, higher, lower, similar
from autoencoder.labs.e3 import vanilla
from autoencoder.labs.lab import Lab, Plan, Section
from autoencoder.labs.pictures import Picture, Row, wall
from autoencoder.labs.scale import Options, Scale

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run

VANILLA, RELU, SIGMOID = "no hidden layer", "1,024 ReLU units", "1,024 sigmoid units"
PLAIN, GAUSSIAN, MASKING = "no noise", "Gaussian noise", "input dropout"
ORDINARY, VARIATIONAL = "ordinary autoencoder", "variational autoencoder"
BOTH = (VARIATIONAL, ORDINARY)
HIDDEN, BOTTLENECK = 0, 1  # layers of a network with one hidden layer
UNITS = 64  # of the layer whose kernels are looked at
NOISE: dict[str, Options] = {
    GAUSSIAN: {"noise": "gaussian", "noise_level": 0.3},
    MASKING: {"noise": "masking", "noise_level": 0.3},
}
REACHED = 0.9  # of the way from the first epoch's error to the last one's
GRID = 40  # cells of the hole map along each axis
HOLE = 3.0  # usual spacings to the nearest latent, beyond which a cell is a hole
PAIRS = 64  # of test images, whose midpoints are looked at


def plan(scale: Scale) -> Plan:
    """Three networks for activations, three for noise, two for the variational question."""
    epochs = {"quick": 20, "full": 60} if scale.is_small else {"quick": 10, "full": 15}
    twenty = {"quick": 20 if scale.is_small else 8, "full": 20}
    plan = {VANILLA: scale.each(scale.config("pca", **vanilla(scale), latent_dim=2))}
    wide: Options = {"network": "mlp", "hidden": (1024,), "loss": "mse", "latent_dim": 2}
    for role, activation in ((RELU, "relu"), (SIGMOID, "sigmoid")):
        config = scale.config("balanced", **epochs, **wide, activation=activation)
        plan[role] = scale.each(config)
    kernels: Options = {
        "network": "linear",
        "latent_dim": UNITS,
        "latent_activation": "relu",
        "loss": "mse",
    }
    plan[PLAIN] = scale.each(scale.config("balanced", **epochs, **kernels))
    for role, noise in NOISE.items():
        config = scale.config("balanced", **epochs, **kernels, objective="denoising", **noise)
        plan[role] = scale.each(config)
    plan[ORDINARY] = scale.each(scale.config("balanced", **twenty, latent_dim=2))
    config = scale.config("balanced", **twenty, latent_dim=2, objective="variational")
    plan[VARIATIONAL] = scale.each(config)
    return plan


def activations(trained: "Trained") -> list[Claim]:
    """Hidden units with ReLU against the same with a sigmoid."""
    sparse, living, latents = (
        trained.each((RELU, SIGMOID), partial(_near_zero, layer=layer, living=alive))
        for layer, alive in ((HIDDEN, False), (HIDDEN, True), (BOTTLENECK, False))
    )
    near_zero = "Share near zero (below 1 % of the root mean square)"
    return [
        lower(
            "A network with 1,024 hidden ReLU units reconstructs better than one without a"
            " hidden layer.",
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
            f"{near_zero}; dead units: {_dead_in_words(trained, (RELU, SIGMOID))}",
        ),
        higher(
            "Without the dead units, the hidden activations of ReLU units are also sparser.",
            living[RELU],
            living[SIGMOID],
            f"{near_zero}, over the units that are not dead",
        ),
        higher(
            "The latents are sparser with ReLU units than with sigmoid units.",
            latents[RELU],
            latents[SIGMOID],
            near_zero,
        ),
    ]


def _near_zero(trained: "Trained", run: "Run", *, layer: int, living: bool) -> float:
    """Share of a layer's activations that are near zero; of its living units, if asked; 0 where
    none lives.
    """
    survey = trained.surveys(run)[layer]
    return float(np.nan_to_num(survey.near_zero_living)) if living else survey.near_zero


def _dead_in_words(trained: "Trained", roles: Sequence[str]) -> str:
    """How many hidden units are dead, by role and seed."""
    counts = {role: [str(_dead(trained, run)) for run in trained.runs(role)] for role in roles}
    return "; ".join(f"{role} {', '.join(dead)}" for role, dead in counts.items())


def _dead(trained: "Trained", run: "Run") -> int:
    """Dead units of the first layer."""
    return int(trained.surveys(run)[HIDDEN].dead.sum())


def draw_activations(trained: "Trained") -> Iterator[Row]:
    """Maps and new images with ReLU and with sigmoids, side by side; losses; reconstructions."""
    first = {role: trained.runs(role)[0] for role in (RELU, SIGMOID, VANILLA)}
    files = dict(zip(first, ("relu", "sigmoid", "vanilla"), strict=True))
    pair = (RELU, SIGMOID)
    yield [
        drawing.latent_map(trained, first[role], f"latents-{files[role]}", role) for role in pair
    ]
    histories = {role: trained.runs(role) for role in first}
    yield [
        drawing.latent_map(trained, first[VANILLA], "latents-vanilla", VANILLA.capitalize()),
        drawing.by_epoch(histories, "loss-activations", "Test MSE by epoch"),
    ]
    yield [drawing.new_images(trained, first[role], f"random-{files[role]}", role) for role in pair]
    yield [drawing.originals(trained, first, "reconstructions", "Reconstructions", count=32)]


def noise(trained: "Trained") -> list[Claim]:
    """What noise on the input does to kernels, units, convergence and seconds."""
    rough, dead, fast = (
        trained.each((PLAIN, *NOISE), value) for value in (_roughness, _dead, _epochs_needed)
    )
    epochs = (
        f"Epochs until the test MSE made {REACHED:.0%} of its change from the first to"
        " the last epoch"
    )
    claims = []
    for role in NOISE:
        claims += [
            lower(
                f"Kernels are smoother with {role} than without noise.",
                rough[role],
                rough[PLAIN],
                "Roughness of the kernels (2 if neighbouring weights are independent)",
            ),
            lower(
                f"Fewer units are dead with {role} than without noise.",
                dead[role],
                dead[PLAIN],
                f"Dead units of {UNITS}",
            ),
            lower(
                f"The training converges in fewer epochs with {role} than without noise.",
                fast[role],
                fast[PLAIN],
                epochs,
            ),
            _takes_longer(trained, role, PLAIN),
        ]
    words = "The training converges in more epochs with input dropout than with Gaussian noise."
    return [
        *claims,
        similar(
            "Gaussian noise and input dropout end with a similar loss.",
            trained.sample(GAUSSIAN, _test_loss),
            trained.sample(MASKING, _test_loss),
            "Test loss (squared error between the denoised and the clean image), last epoch",
        ),
        higher(words, fast[MASKING], fast[GAUSSIAN], epochs),
        _takes_longer(trained, MASKING, GAUSSIAN),
    ]


def _takes_longer(trained: "Trained", role: str, other: str) -> Claim:
    """Claims that an epoch costs more; both must have been trained in the same way."""
    statement = f"An epoch takes longer with {role} than with {other}."
    if not _alike(trained, (role, other)):
        measured = (
            "Their trainings used different threads or precision, so their times are not compared."
        )
        return Claim(statement, None, measured)
    samples = trained.each((role, other), _seconds)
    one, two = (replace(samples[each], convergence=None) for each in (role, other))
    return higher(statement, one, two, "Processor seconds per epoch")


def _test_loss(run: "Run") -> float:
    return run.history[-1].test["reconstruction"]


def _roughness(trained: "Trained", run: "Run") -> float:
    from autoencoder.analysis.kernels import kernels

    return kernels(run.config, run.weights())[0].roughness


def _epochs_needed(trained: "Trained", run: "Run") -> float:
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


def _alike(trained: "Trained", roles: Sequence[str]) -> bool:
    """Whether the runs compared were trained in the same way, so that their seconds can be."""
    settings = {
        (run.record.threads, run.record.precision) for each in roles for run in trained.runs(each)
    }
    return len(settings) == 1


def draw_noise(trained: "Trained") -> Iterator[Row]:
    """Losses, and the kernels of all three side by side."""
    roles = (PLAIN, *NOISE)
    histories = {role: trained.runs(role) for role in roles}
    yield [drawing.by_epoch(histories, "loss-noise", "Test MSE by epoch")]
    yield [
        _kernels(trained, trained.runs(role)[0], f"kernels-{file}", role)
        for file, role in zip(("plain", "gaussian", "masking"), roles, strict=True)
    ]


def _kernels(trained: "Trained", run: "Run", name: str, role: str) -> Picture:
    """Every unit's weights as an image, grey for 0, on a scale of its own."""
    from autoencoder.analysis.kernels import kernels

    maps = kernels(run.config, run.weights())[0].maps
    assert maps is not None  # a dense layer at the pixels has some
    largest = np.maximum(np.abs(maps).max(axis=(1, 2, 3), keepdims=True), 1e-12)
    caption = f"The weights of all {len(maps)} units. Each unit has its own scale; grey is 0."
    title = f"Kernels: {role}"
    return wall(name, title, caption, {"": 0.5 + maps / (2 * largest)}, columns=8)


def variational(trained: "Trained") -> list[Claim]:
    """The variational autoencoder against the ordinary one."""
    claims = []
    for words, side in (("training", "train"), ("validation", "test")):
        loss = trained.each(BOTH, partial(_loss, side=side))
        statement = f"The {words} loss of the variational autoencoder is higher."
        what = "Reconstruction part of the loss, last epoch"
        claims.append(higher(statement, loss[VARIATIONAL], loss[ORDINARY], what))
    holes, distances = (trained.each(BOTH, value) for value in (_holes, _distance_to_data))
    return [
        *claims,
        _closer_classes(trained),
        lower(
            "The latents of the variational autoencoder leave fewer holes.",
            holes[VARIATIONAL],
            holes[ORDINARY],
            f"Share of holes among {GRID} by {GRID} cells between the 1st and the 99th"
            f" percentiles of the latents; a hole is farther than {HOLE:.0f} usual spacings"
            " from every latent",
        ),
        lower(
            "Latents drawn from the standard normal distribution decode to images nearer to"
            " real images with the variational autoencoder.",
            distances[VARIATIONAL],
            distances[ORDINARY],
            "Median distance to the nearest training image, MSE per pixel",
        ),
        *_mixing(trained),
    ]


def _mixing(trained: "Trained") -> list[Claim]:
    """Which of the two mixes latents better: what lies halfway between two of them?"""
    real, back = (trained.each(BOTH, value) for value in (_midpoint_distance, _midpoint_return))
    pairs = f"the midpoints of the latents of {PAIRS} pairs of test images"
    return [
        lower(
            "At the midpoint of two latents, the variational autoencoder decodes images"
            " nearer to real images.",
            real[VARIATIONAL],
            real[ORDINARY],
            f"Median distance to the nearest training image, MSE per pixel, for {pairs}",
        ),
        lower(
            "Decoding a midpoint and encoding the result leads nearer to the midpoint with"
            " the variational autoencoder.",
            back[VARIATIONAL],
            back[ORDINARY],
            "Median distance after decoding and encoding, in standard deviations of the"
            f" latents, for {pairs}",
        ),
    ]


def _midpoint_distance(trained: "Trained", run: "Run") -> float:
    return trained.distance_to_data(trained.midpoint_images(run, PAIRS))


def _midpoint_return(trained: "Trained", run: "Run") -> float:
    """How far decoding and encoding moves the midpoints, as a share of the latents' spread."""
    from autoencoder.networks import inference

    moved = inference.come_back(trained.network(run), trained.midpoints(run, PAIRS))
    spread = float(np.sqrt(trained.latents(run).var(axis=0).sum()))
    return float(np.median(moved)) / max(spread, 1e-12)


def _loss(trained: "Trained", run: "Run", *, side: str) -> float:
    losses: dict[str, float] = getattr(run.history[-1], side)
    return losses["reconstruction"]


def _closer_classes(trained: "Trained") -> Claim:
    statement = "The classes are closer together in the latents of the variational autoencoder."
    if why := trained.scale.needs_classes:
        return Claim(statement, None, why)
    gaps = trained.each(BOTH, _class_gap)
    what = "Median distance between two class means, in standard deviations within the classes"
    return lower(statement, gaps[VARIATIONAL], gaps[ORDINARY], what)


def _class_gap(trained: "Trained", run: "Run") -> float:
    latents, labels = (
        trained.latents(run),
        np.unique(trained.data.test.labels, return_inverse=True)[1],
    )
    table = class_distances(latents.astype(np.float64), labels)
    distances = [value for i, row in enumerate(table) for value in row[:i] if value is not None]
    return float(np.median(distances))


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


def draw_variational(trained: "Trained") -> Iterator[Row]:
    """Maps, samples and midpoints of both, side by side; losses."""
    first = {role: trained.runs(role)[0] for role in (ORDINARY, VARIATIONAL)}
    files = dict(zip(first, ("ordinary", "variational"), strict=True))
    yield [
        drawing.latent_map(trained, run, f"latents-{files[role]}", role.capitalize())
        for role, run in first.items()
    ]
    yield [
        drawing.samples(trained, run, f"samples-{files[role]}", role) for role, run in first.items()
    ]
    one, two = (trained.data.test.images[each] for each in trained.pairs(16))
    rows = {"one image": one}
    rows |= {f"midpoint, {role}": trained.midpoint_images(run, 16) for role, run in first.items()}
    rows["another image"] = two
    yield [wall("midpoints", "Midpoints between two images", "The pairs are random.", rows)]
    histories = {role: trained.runs(role) for role in first}
    yield [
        drawing.by_epoch(histories, "loss-variational", "Test MSE by epoch"),
        drawing.originals(trained, first, "reconstructions-variational", "Reconstructions", 32),
    ]


E4 = Lab(
    "E4",
    "Activations, noise, and the variational autoencoder",
    "Is ReLU or sigmoid better for hidden units? How does input noise change the"
    " kernels, the number of epochs needed, and the time per epoch? Does a"
    " variational autoencoder reconstruct worse and generate better new images?",
    "A network without a hidden layer, two networks with 1,024 hidden units, three"
    " networks with and without noise, a variational autoencoder, and an ordinary"
    " autoencoder.",
    plan,
    (
        Section("ReLU or sigmoid?", activations, draw_activations),
        Section("Noise on the input", noise, draw_noise),
        Section("Variational or ordinary?", variational, draw_variational),
    ),
)
