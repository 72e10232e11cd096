"""E2. Is a linear autoencoder PCA, and is the straight way between two images better in the latent
space than in the pixels? The loss is squared error throughout.

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
from autoencoder.analysis.comparison import Convergence, angles
from autoencoder.figures.comparison import Curve, curves
from autoencoder.formatting import short_number
from autoencoder.labs import drawing
from autoencoder.labs.claims import Claim, above, decided, every, falling
from autoencoder.labs.lab import Lab, Plan, Section
from autoencoder.labs.pictures import Row, figure, film, wall
from autoencoder.labs.scale import Scale

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run

DIMS = (2, 4, 8, 16)
MOST_EXCESS = 0.01  # of PCA's error, up to which a linear autoencoder's is the same
MOST_TURNED = 5.0  # degrees, up to which its subspace is
PAIRS = 50  # of test images, between which is interpolated
SHOWN = 16  # images


def linear(d: int) -> str:
    """The network without activations, with a bottleneck of d."""
    return f"linear, bottleneck {d}"


def nonlinear(d: int) -> str:
    """The network with a hidden layer and activations, with a bottleneck of d."""
    return f"nonlinear, bottleneck {d}"


def plan(scale: Scale) -> Plan:
    """A linear and a nonlinear autoencoder with each bottleneck, both by squared error."""
    small = scale.is_small
    long = {"quick": 200, "full": 200} if small else {"quick": 150, "full": 30}
    epochs = {"quick": 20, "full": 60} if small else {"quick": 10, "full": 15}
    plan = {linear(d): scale.each(scale.config("pca", **long, latent_dim=d)) for d in DIMS}
    for d in DIMS:
        mlp = scale.config("balanced", **epochs, network="mlp", loss="mse", latent_dim=d)
        plan[nonlinear(d)] = scale.each(mlp)
    return plan


def is_pca(trained: "Trained") -> list[Claim]:
    """Without activations it is PCA: by error and by principal angles."""
    claims = []
    for d in DIMS:
        runs = trained.runs(linear(d))
        excess = [run.metrics["mse"]["run"] / run.metrics["mse"]["pca"] - 1 for run in runs]
        turned = [float(angles(_columns(run), run.pca().components.T).max()) for run in runs]
        met = [
            abs(e) <= MOST_EXCESS and a <= MOST_TURNED for e, a in zip(excess, turned, strict=True)
        ]
        measured = (
            f"Test MSE relative to PCA, by seed: {', '.join(f'{e:+.2%}' for e in excess)};"
            f" largest principal angle: {', '.join(f'{a:.1f}°' for a in turned)}. Up to"
            f" {MOST_EXCESS:.0%} and {MOST_TURNED:.0f}° count as the same."
        )
        statement = (
            f"An autoencoder without activations and with a bottleneck of {d} becomes PCA:"
            " it has the same error and the same subspace."
        )
        numbers = {"excess": excess, "degrees": turned}
        claims.append(every(statement, met, measured, numbers, trained.convergence(linear(d))))
    return claims


def _columns(run: "Run") -> np.ndarray:
    """The decoder's only matrix (P, D)."""
    weights = run.weights()
    return next(
        array for name, array in weights.items() if name.startswith("decoder.") and array.ndim == 2
    )


def draw_pca(trained: "Trained") -> Iterator[Row]:
    """The same images through the linear network and through PCA."""
    run = trained.runs(linear(DIMS[-1]))[0]
    images = trained.data.test.images[:SHOWN]
    rows = {
        "original": images,
        "linear": trained.reconstructions(run)[:SHOWN],
        "PCA": trained.pca_reconstructions(run, images),
    }
    caption = f"The first {len(images)} test images, bottleneck {DIMS[-1]}."
    yield [wall("pca", "Linear autoencoder and PCA", caption, rows)]


def smaller_is_worse(trained: "Trained") -> list[Claim]:
    """The curve of error against bottleneck."""
    return [
        falling(
            f"The smaller the bottleneck of a {kind} autoencoder, the worse it reconstructs.",
            [trained.test(role(d), name=f"d = {d}") for d in DIMS],
            "Test MSE",
        )
        for kind, role in (("linear", linear), ("nonlinear", nonlinear))
    ]


def draw_curve(trained: "Trained") -> Iterator[Row]:
    """Error against bottleneck, and the same images through both networks."""
    means = {
        "linear": [trained.test(linear(d)).values for d in DIMS],
        "nonlinear": [trained.test(nonlinear(d)).values for d in DIMS],
        "PCA": [trained.pca(linear(d)).values for d in DIMS],
    }
    shown = [Curve(name, DIMS, [float(np.mean(v)) for v in row]) for name, row in means.items()]
    caption = "Test MSE by bottleneck, mean over the seeds."
    drawn = curves(shown, x_title="Bottleneck")
    yield [figure("curve", "Test MSE by bottleneck", caption, drawn)]
    runs = {role: trained.runs(role)[0] for role in (linear(DIMS[-1]), nonlinear(DIMS[-1]))}
    yield [drawing.originals(trained, runs, "reconstructions", "Reconstructions")]


def separation(trained: "Trained") -> list[Claim]:
    """Do the classes separate better in the latents than in the pixels?"""
    claims = []
    for d in (DIMS[0], DIMS[-1]):
        for metric, words in (("knn_10", "10-NN accuracy"), ("silhouette", "silhouette")):
            statement = (
                f"The classes separate better in the latents of a bottleneck of {d} than in"
                f" pixels, by {words}."
            )
            latents = trained.separation(nonlinear(d), metric, f"bottleneck {d}")
            pixels = trained.pixel_separation(nonlinear(d), metric)
            claims.append(above(statement, latents, pixels, words[:1].upper() + words[1:]))
    return claims


def draw_spaces(trained: "Trained") -> Iterator[Row]:
    """Pixels and latents, side by side."""
    run = trained.runs(nonlinear(DIMS[-1]))[0]
    title = f"Latents of a bottleneck of {DIMS[-1]}"
    yield [
        drawing.pixel_map(trained, run, "pixels", "Pixels"),
        drawing.latent_map(trained, run, "latents", title),
    ]


def interpolation(trained: "Trained") -> list[Claim]:
    """Is the straight way through the latents nearer to real images than the cross-fade?"""
    claims, role = [], nonlinear(DIMS[-1])
    blend = _distances(trained, trained.pixel_blend)
    by_seed = [_distances(trained, partial(trained.latent_path, run)) for run in trained.runs(role)]
    latent = np.mean(by_seed, axis=0)  # (pairs, frames)
    middle = latent.shape[1] // 2
    for words, columns in (
        ("the middle half of the frames is", paths.middle(2, latent.shape[1])),
        ("the middle frame is", slice(middle, middle + 1)),
    ):
        path, fade = latent[:, columns].mean(axis=1), blend[:, columns].mean(axis=1)
        statement = f"On the latent path {words} nearer to real images than in the pixel blend."
        claims.append(_nearer(statement, path, fade, trained.convergence(role)))
    return claims


def _nearer(statement: str, path: np.ndarray, blend: np.ndarray, convergence: Convergence) -> Claim:
    """Claims that the distances (pairs,) of the path are smaller, each pair against itself."""
    change = path - blend
    mean, error = float(change.mean()), float(change.std(ddof=1) / len(change) ** 0.5)
    real = differs(Measure(mean, error), Measure(0.0, 0.0))
    measured = (
        f"Mean distance to the nearest training image, MSE per pixel, over {len(change)}"
        f" pairs of test images: latent path {short_number(float(path.mean()))}, pixel"
        f" blend {short_number(float(blend.mean()))}. The difference of"
        f" {short_number(mean)} has a standard error of {short_number(error)}"
        f" ({'outside' if real else 'inside'} the spread)."
    )
    numbers = {
        "latent path": float(path.mean()),
        "pixel blend": float(blend.mean()),
        "difference": [mean, error],
    }
    return decided(statement, mean < 0 if real else None, measured, numbers, [convergence])


def _distances(trained: "Trained", way: Callable[[int, int], np.ndarray]) -> np.ndarray:
    """Distance of each frame of a way between each pair of test images to its nearest training
    image (pairs, frames).
    """
    one, two = trained.pairs(PAIRS)
    return np.array(
        [trained.frames_to_real(way(a, b), a, b) for a, b in zip(one, two, strict=True)]
    )


def draw_paths(trained: "Trained") -> Iterator[Row]:
    """Both ways between the same two images, as strips and as films."""
    run = trained.runs(nonlinear(DIMS[-1]))[0]
    one, two = (int(each[0]) for each in trained.pairs(1))
    ways = {
        "latent path": trained.latent_path(run, one, two),
        "pixel blend": trained.pixel_blend(one, two),
    }
    yield [drawing.paths_wall(trained, ways, (one, two), "paths", "Two paths between two images")]
    yield [
        film(name.replace(" ", "-"), name.capitalize(), "", frames) for name, frames in ways.items()
    ]


E2 = Lab(
    "E2",
    "Linear autoencoders, PCA, and interpolation",
    "Is an autoencoder without activations PCA? Does a smaller bottleneck always"
    " reconstruct worse? Is a straight path between two images better in the latent"
    " space than in the pixels?",
    "A linear and a nonlinear dense network with bottlenecks"
    f" {', '.join(map(str, DIMS))}, with the squared error as loss.",
    plan,
    (
        Section("Is it PCA?", is_pca, draw_pca),
        Section("Does a smaller bottleneck reconstruct worse?", smaller_is_worse, draw_curve),
        Section("Do the classes separate better?", separation, draw_spaces, needs_classes=True),
        Section("Straight paths", interpolation, draw_paths),
    ),
)
