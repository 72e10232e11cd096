"""E3. What do more hidden units change, and what does a larger bottleneck? The loss is squared
error throughout.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.analysis.distance_to_data import typical_distance
from autoencoder.labs import drawing
from autoencoder.labs.claims import Claim, Sample, above, lower
from autoencoder.labs.lab import Lab, Plan, Section
from autoencoder.labs.pictures import Row
from autoencoder.labs.scale import Options, Scale

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run

LINEAR, WIDE, WIDE10 = (
    "no hidden layer, bottleneck 2",
    "1,024 hidden units, bottleneck 2",
    "1,024 hidden units, bottleneck 10",
)
HIDDEN = 1024
PAIRS = 30  # of test images, between which is interpolated
MEASURED = 500  # training images, the distances between which are the yardstick


def vanilla(scale: Scale) -> "Options":
    """What trains one dense layer down and one up, with a sigmoid, to its end."""
    long = {"quick": 100, "full": 100} if scale.is_small else {"quick": 40, "full": 15}
    return {**long, "network": "linear", "output_activation": "sigmoid"}


def plan(scale: Scale) -> Plan:
    """No hidden layer; 1,024 hidden units; the same with a bottleneck of 10."""
    epochs = {"quick": 20, "full": 60} if scale.is_small else {"quick": 10, "full": 15}
    wide: Options = {"network": "mlp", "hidden": (HIDDEN,), "activation": "relu", "loss": "mse"}
    return {
        LINEAR: scale.each(scale.config("pca", **vanilla(scale), latent_dim=2)),
        WIDE: scale.each(scale.config("balanced", **epochs, **wide, latent_dim=2)),
        WIDE10: scale.each(scale.config("balanced", **epochs, **wide, latent_dim=10)),
    }


def hidden_units(trained: "Trained") -> list[Claim]:
    """No hidden layer against 1,024 hidden units, both with a bottleneck of 2."""
    return [
        lower(
            "A network with 1,024 hidden units reconstructs better than one without a"
            " hidden layer.",
            trained.test(WIDE),
            trained.test(LINEAR),
            "Test MSE",
        ),
        _separate(
            trained,
            "The classes separate better with 1,024 hidden units than without a hidden layer.",
            WIDE,
            LINEAR,
        ),
    ]


def _separate(trained: "Trained", statement: str, better: str, worse: str) -> Claim:
    """Claims that the classes separate better in the latents of one role than in another's."""
    if why := trained.scale.needs_classes:
        return Claim(statement, None, why)
    accuracies = trained.separation(better), trained.separation(worse)
    return above(statement, *accuracies, "10-NN accuracy")


def draw_hidden_units(trained: "Trained") -> Iterator[Row]:
    """Both maps side by side, and how the errors fell."""
    yield [
        drawing.latent_map(trained, trained.runs(role)[0], f"latents-{file}", role.capitalize())
        for file, role in (("linear", LINEAR), ("wide", WIDE))
    ]
    histories = {role: trained.runs(role) for role in (LINEAR, WIDE, WIDE10)}
    yield [drawing.by_epoch(histories, "loss", "Test MSE by epoch")]


def dimensions(trained: "Trained") -> list[Claim]:
    """A bottleneck of 2 against one of 10, with the same hidden units."""
    return [
        lower(
            "A bottleneck of 10 reconstructs better than one of 2.",
            trained.test(WIDE10),
            trained.test(WIDE),
            "Test MSE",
        ),
        _separate(
            trained,
            "The classes separate better with a bottleneck of 10 than with one of 2.",
            WIDE10,
            WIDE,
        ),
    ]


def draw_dimensions(trained: "Trained") -> Iterator[Row]:
    """The same images through all three."""
    first = {role: trained.runs(role)[0] for role in (LINEAR, WIDE, WIDE10)}
    yield [drawing.originals(trained, first, "reconstructions", "Reconstructions")]


def random_latents(trained: "Trained") -> list[Claim]:
    """Are images that random latents decode to as near to real ones as real ones are to each
    other?
    """
    usual = typical_distance(trained.data.train.images, MEASURED)
    yardstick = Sample("training images to each other", [usual] * len(trained.scale.seeds))
    samples = trained.each((WIDE, WIDE10), _distance_to_data)
    what = "Median distance to the nearest training image, MSE per pixel"
    claims = [
        lower(
            f"With a bottleneck of {d}, random latents decode to images that are nearer to"
            " real images than real images are to each other.",
            samples[role],
            yardstick,
            what,
        )
        for d, role in ((2, WIDE), (10, WIDE10))
    ]
    statement = (
        "Random latents decode to images nearer to real images with a bottleneck of 2"
        " than with one of 10."
    )
    return [*claims, lower(statement, samples[WIDE], samples[WIDE10], what)]


def _distance_to_data(trained: "Trained", run: "Run") -> float:
    return trained.distance_to_data(trained.random_images(run))


def draw_random(trained: "Trained") -> Iterator[Row]:
    """New images from both, side by side."""
    yield [
        drawing.new_images(trained, trained.runs(role)[0], f"random-{file}", role)
        for file, role in (("wide", WIDE), ("wide10", WIDE10))
    ]


def same_pair(trained: "Trained") -> list[Claim]:
    """The same pairs of images, and the ways between them through bottlenecks of 2 and of 10."""
    one, two = trained.pairs(PAIRS)

    def along(run: "Run") -> float:
        distances = [
            trained.frames_to_real(trained.latent_path(run, a, b), a, b)
            for a, b in zip(one, two, strict=True)
        ]
        return float(np.mean(distances))

    samples = {role: trained.sample(role, along) for role in (WIDE, WIDE10)}
    statement = (
        "On the path between the same two images, the frames are nearer to real images"
        " with a bottleneck of 10 than with one of 2."
    )
    what = (
        f"Mean distance from a frame to the nearest training image over {len(one)}"
        " pairs, MSE per pixel"
    )
    return [lower(statement, samples[WIDE10], samples[WIDE], what)]


def draw_pair(trained: "Trained") -> Iterator[Row]:
    """The ways between one pair, through each network."""
    one, two = (int(each[0]) for each in trained.pairs(1))
    ways = {
        role: trained.latent_path(trained.runs(role)[0], one, two)
        for role in (LINEAR, WIDE, WIDE10)
    }
    yield [drawing.paths_wall(trained, ways, (one, two), "paths", "The same pair")]


E3 = Lab(
    "E3",
    "More hidden units, a larger bottleneck",
    "What do 1,024 hidden units change for a bottleneck of 2? What does a"
    " bottleneck of 10 change? Do random latents decode to images that look real?",
    "A network without a hidden layer, and networks with 1,024 hidden units and"
    " bottlenecks of 2 and 10, with the squared error as loss.",
    plan,
    (
        Section("1,024 hidden units", hidden_units, draw_hidden_units),
        Section("A bottleneck of 10", dimensions, draw_dimensions),
        Section("Random latents", random_latents, draw_random),
        Section("The same pair of images", same_pair, draw_pair),
    ),
)
