"""E2. Is a linear autoencoder PCA, and is the latent space a better place to go straight than the
pixels are?

Frames are judged by their distance to the nearest training image. The ends of a path are left out
of those, and the ways are compared in their middle half: the pixel blend begins and ends at real
images, which says nothing about the way between them.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.analysis import paths
from autoencoder.analysis.clustering import Measure, differs
from autoencoder.analysis.comparison import angles
from autoencoder.figures.comparison import Curve, curves
from autoencoder.formatting import short_number
from autoencoder.labs import drawing
from autoencoder.labs.claims import Claim, above, every, falling
from autoencoder.labs.lab import Lab, Plan
from autoencoder.labs.pictures import Picture, figure, film
from autoencoder.labs.scale import Scale

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run

DIMS = (2, 4, 8, 16)
MOST_EXCESS = 0.01  # of PCA's error, up to which a linear autoencoder's is the same
MOST_TURNED = 5.0  # degrees, up to which its subspace is
PAIRS = 50  # of test images, between which is interpolated


def plan(scale: Scale) -> Plan:
    """A linear and a nonlinear autoencoder with each bottleneck."""
    small = scale.is_small
    found: Plan = {}
    for d in DIMS:
        linear = scale.config(
            "pca", quick=200 if small else 150, full=200 if small else 30, latent_dim=d
        )
        found[f"linear, {d} numbers"] = scale.each(linear)
    for d in DIMS:
        mlp = scale.config(
            "balanced",
            quick=20 if small else 5,
            full=60 if small else 15,
            network="mlp",
            latent_dim=d,
        )
        found[f"nonlinear, {d} numbers"] = scale.each(mlp)
    return found


def is_pca(trained: "Trained") -> list[Claim]:
    """Without activations it is PCA: by error and by principal angles."""
    claims = []
    for d in DIMS:
        runs = trained.runs(f"linear, {d} numbers")
        excess = [run.metrics["mse"]["run"] / run.metrics["mse"]["pca"] - 1 for run in runs]
        turned = [float(angles(_columns(run), run.pca().components.T).max()) for run in runs]
        met = [
            abs(e) <= MOST_EXCESS and a <= MOST_TURNED for e, a in zip(excess, turned, strict=True)
        ]
        measured = (
            f"Test MSE against PCA's, by seed: {', '.join(f'{e:+.2%}' for e in excess)}; largest"
            f" principal angle: {', '.join(f'{a:.1f}°' for a in turned)}. The same means within"
            f" {MOST_EXCESS:.0%} and {MOST_TURNED:.0f}°."
        )
        statement = (
            f"Without activations an autoencoder of {d} numbers becomes PCA: the same error, the"
            " same subspace."
        )
        claims.append(every(statement, met, measured, {"excess": excess, "degrees": turned}))
    return claims


def _columns(run: "Run") -> np.ndarray:
    """The decoder's only matrix (P, D)."""
    weights = run.weights()
    return next(
        array for name, array in weights.items() if name.startswith("decoder.") and array.ndim == 2
    )


def smaller_is_worse(trained: "Trained") -> list[Claim]:
    """The curve of error against bottleneck."""
    return [
        falling(
            f"The smaller the bottleneck of a {kind} autoencoder, the worse its reconstruction.",
            [trained.test(f"{kind}, {d} numbers", name=f"d = {d}") for d in DIMS],
            "Test MSE",
        )
        for kind in ("linear", "nonlinear")
    ]


def separation(trained: "Trained") -> list[Claim]:
    """Do the classes separate better in the latents than in the pixels?"""
    claims = []
    for d in (DIMS[0], DIMS[-1]):
        role = f"nonlinear, {d} numbers"
        for metric, words in (("knn_10", "10-NN accuracy"), ("silhouette", "silhouette")):
            pixels = ("pixels", trained.separation(role, metric, "pixels"))
            statement = (
                f"The classes separate better in {d} numbers than in pixels, by their {words}."
            )
            claims.append(
                above(
                    statement,
                    trained.separated(role, metric, f"{d} numbers"),
                    pixels,
                    words[:1].upper() + words[1:],
                )
            )
    return claims


def interpolation(trained: "Trained") -> list[Claim]:
    """Is the straight way through the latents nearer to real images than the cross-fade?"""
    claims, role = [], f"nonlinear, {DIMS[-1]} numbers"
    blend = _distances(trained, trained.pixel_blend)
    by_seed = [_distances(trained, partial(trained.latent_path, run)) for run in trained.runs(role)]
    latent = np.mean(by_seed, axis=0)  # (pairs, frames)
    middle = latent.shape[1] // 2
    for words, columns in (
        ("the middle half of the frames lies", paths.middle(2, latent.shape[1])),
        ("the middle frame lies", slice(middle, middle + 1)),
    ):
        path, fade = latent[:, columns].mean(axis=1), blend[:, columns].mean(axis=1)
        claims.append(
            _nearer(
                f"On the latent path {words} nearer to real images than in the pixel blend.",
                path,
                fade,
            )
        )
    return claims


def _nearer(statement: str, path: np.ndarray, blend: np.ndarray) -> Claim:
    """Claims that the distances (pairs,) of the path are smaller, each pair against itself."""
    change = path - blend
    mean, error = float(change.mean()), float(change.std(ddof=1) / len(change) ** 0.5)
    real = differs(Measure(mean, error), Measure(0.0, 0.0))
    measured = (
        f"Mean distance to the nearest training image, MSE per pixel, over {len(change)} pairs of"
        f" test images: latent path {short_number(float(path.mean()))}, pixel blend"
        f" {short_number(float(blend.mean()))}; the difference of {short_number(mean)} has a"
        f" standard error of {short_number(error)} ({'outside' if real else 'inside'} the spread)."
    )
    numbers = {
        "latent path": float(path.mean()),
        "pixel blend": float(blend.mean()),
        "difference": [mean, error],
    }
    return Claim(statement, mean < 0 if real else None, measured, numbers)


def _distances(trained: "Trained", way: Callable[[int, int], np.ndarray]) -> np.ndarray:
    """Distance of each frame of a way between each pair of test images to its nearest training
    image (pairs, frames).
    """
    one, two = trained.pairs(PAIRS)
    return np.array(
        [trained.frames_to_real(way(a, b), a, b) for a, b in zip(one, two, strict=True)]
    )


def draw(trained: "Trained") -> Iterator[Picture]:
    """The curve, both maps, reconstructions, both ways between two images."""
    means = {
        kind: [float(np.mean(trained.test(f"{kind}, {d} numbers").values)) for d in DIMS]
        for kind in ("linear", "nonlinear")
    }
    means["PCA"] = [float(np.mean(trained.pca(f"linear, {d} numbers").values)) for d in DIMS]
    drawn = curves(
        [Curve(name, DIMS, row) for name, row in means.items()], x_title="Numbers in a latent"
    )
    caption = f"Test MSE by bottleneck, mean over {len(trained.scale.seeds)} seeds."
    yield figure("curve", "The smaller, the worse?", caption, drawn)
    linear, wide = (
        trained.runs(f"linear, {DIMS[-1]} numbers")[0],
        trained.runs(f"nonlinear, {DIMS[-1]} numbers")[0],
    )
    yield drawing.pixel_map(trained, wide, "pixels", "Images in pixels")
    yield drawing.latent_map(trained, wide, "latents", f"Images in {DIMS[-1]} numbers")
    runs = {f"linear, {DIMS[-1]} numbers": linear, f"nonlinear, {DIMS[-1]} numbers": wide}
    yield drawing.originals(trained, runs, "reconstructions", "Test images and reconstructions")
    one, two = (int(each[0]) for each in trained.pairs(1))
    ways = {
        "latent path": trained.latent_path(wide, one, two),
        "pixel blend": trained.pixel_blend(one, two),
    }
    about = f"Between test images {one} and {two}, run {wide.key}."
    yield drawing.paths_wall(ways, "paths", "Latent path and pixel blend", about)
    for name, frames in ways.items():
        yield film(name.replace(" ", "-"), name.capitalize(), about, frames)


E2 = Lab(
    "E2",
    "Linear, PCA, and straight lines",
    "Is an autoencoder without activations PCA? Does a smaller bottleneck always cost? And is the"
    " straight way between two images better in the latent space than in the pixels?",
    f"A linear and a nonlinear dense network with bottlenecks {', '.join(map(str, DIMS))}.",
    (1, 1.5, 10, 60),
    plan,
    (is_pca, smaller_is_worse, separation, interpolation),
    (draw,),
)
