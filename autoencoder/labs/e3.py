"""E3. What do more hidden units buy, and what do more dimensions?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.analysis.distance_to_data import typical_distance
from autoencoder.formatting import short_number
from autoencoder.labs import drawing
from autoencoder.labs.claims import Claim, Sample, above, lower
from autoencoder.labs.lab import Lab, Plan
from autoencoder.labs.pictures import Picture, wall
from autoencoder.labs.scale import Options, Scale

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run

LINEAR, WIDE, WIDE10 = (
    "no hidden layer, 2 numbers",
    "1,024 hidden units, 2 numbers",
    "1,024 hidden units, 10 numbers",
)
HIDDEN = 1024
PAIRS = 30  # of test images, between which is interpolated
MEASURED = 500  # training images, the distances between which are the yardstick


def plan(scale: Scale) -> Plan:
    """No hidden layer; 1,024 hidden units; the same with 10 numbers."""
    epochs = {"quick": 20, "full": 60} if scale.is_small else {"quick": 5, "full": 15}
    wide: Options = {"network": "mlp", "hidden": (HIDDEN,), "activation": "relu"}
    return {
        LINEAR: scale.each(scale.config("balanced", **epochs, network="linear", latent_dim=2)),
        WIDE: scale.each(scale.config("balanced", **epochs, **wide, latent_dim=2)),
        WIDE10: scale.each(
            scale.config(
                "balanced",
                **epochs,
                network="mlp",
                hidden=(HIDDEN,),
                activation="relu",
                latent_dim=10,
            )
        ),
    }


def hidden_units(trained: "Trained") -> list[Claim]:
    """No hidden layer against 1,024 hidden units, both with 2 numbers."""
    return [
        lower(
            "1,024 hidden units reconstruct better than none.",
            trained.test(WIDE),
            trained.test(LINEAR),
            "Test MSE",
        ),
        above(
            "The classes separate better with 1,024 hidden units than with none.",
            trained.separated(WIDE),
            trained.separated(LINEAR),
            "10-NN accuracy",
        ),
    ]


def dimensions(trained: "Trained") -> list[Claim]:
    """2 numbers against 10, with the same hidden units."""
    return [
        lower(
            "10 numbers reconstruct better than 2.",
            trained.test(WIDE10),
            trained.test(WIDE),
            "Test MSE",
        ),
        above(
            "The classes separate better in 10 numbers than in 2.",
            trained.separated(WIDE10),
            trained.separated(WIDE),
            "10-NN accuracy",
        ),
    ]


def random_latents(trained: "Trained") -> list[Claim]:
    """Are images that random latents decode to as near to real ones as real ones are to each
    other?
    """
    usual = typical_distance(trained.data.train.images, MEASURED)
    yardstick = Sample("training images to each other", [usual] * len(trained.scale.seeds))
    found = trained.each((WIDE, WIDE10), _distance_to_data)
    what = "Median distance to the nearest training image, MSE per pixel"
    claims = [
        lower(
            f"With {role} random latents decode to images nearer to real ones than those are to"
            " each other.",
            sample,
            yardstick,
            what,
        )
        for role, sample in found.items()
    ]
    statement = (
        "Random latents of 2 numbers decode to images nearer to real ones than those of 10 numbers."
    )
    return [*claims, lower(statement, found[WIDE], found[WIDE10], what)]


def _distance_to_data(trained: "Trained", run: "Run") -> float:
    return trained.distance_to_data(trained.random_images(run))


def same_pair(trained: "Trained") -> list[Claim]:
    """The same pairs of images, and the ways between them through 2 and through 10 numbers."""
    one, two = trained.pairs(PAIRS)

    def along(run: "Run") -> float:
        distances = [
            trained.frames_to_real(trained.latent_path(run, a, b), a, b)
            for a, b in zip(one, two, strict=True)
        ]
        return float(np.mean(distances))

    found = {role: trained.sample(role, along) for role in (WIDE, WIDE10)}
    statement = (
        "On the way between the same two images the frames lie nearer to real images through 10"
        " numbers than through 2."
    )
    return [
        lower(
            statement,
            found[WIDE10],
            found[WIDE],
            f"Mean distance of a frame over {len(one)} pairs, MSE per pixel",
        )
    ]


def draw(trained: "Trained") -> Iterator[Picture]:
    """Maps, reconstructions, random latents, one pair."""
    first = {role: trained.runs(role)[0] for role in (LINEAR, WIDE, WIDE10)}
    for file, (role, run) in zip(("linear", "wide", "wide10"), first.items(), strict=True):
        yield drawing.latent_map(trained, run, f"latents-{file}", role.capitalize())
    yield drawing.by_epoch(
        {role: trained.runs(role) for role in first}, "loss", "Test MSE by epoch"
    )
    yield drawing.originals(
        trained, first, "reconstructions", "The first 64 test images and their reconstructions"
    )
    for file, role in (("wide", WIDE), ("wide10", WIDE10)):
        run = first[role]
        distance = short_number(_distance_to_data(trained, run))
        caption = (
            f"Random latents decoded, run {run.key}, seed {run.config.seed}; median distance to a"
            f" real image {distance}."
        )
        yield wall(f"random-{file}", f"New images: {role}", caption, [trained.random_images(run)])
    one, two = (int(each[0]) for each in trained.pairs(1))
    ways = {role: trained.latent_path(run, one, two) for role, run in first.items()}
    yield drawing.paths_wall(
        ways, "paths", "The same pair", f"Between test images {one} and {two}."
    )


E3 = Lab(
    "E3",
    "More hidden units, more dimensions",
    "What do 1,024 hidden units change about a bottleneck of 2, and what do 10 numbers instead of"
    " 2? Do random latents decode to images?",
    "A network without hidden layer, and one with 1,024 hidden units with 2 and with 10 numbers.",
    (0.4, 0.5, 2, 15),
    plan,
    (hidden_units, dimensions, random_latents, same_pair),
    (draw,),
)
