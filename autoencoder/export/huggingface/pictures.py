"""The pictures of a model card, drawn from the run's own images and latents."""

from textwrap import shorten

import numpy as np

from autoencoder.analysis.projections import project
from autoencoder.config.palettes import CATEGORIES
from autoencoder.config.projections import ProjectionSettings
from autoencoder.data.images import png, shrunk, strip, words_beside
from autoencoder.runs import Evaluation, Run

SHOWN, LARGEST = 16, 112  # images that are shown, and pixels of the longer side of one
SIDE, POINT, MARGIN = 720, 3, 12  # pixels of the map, of a point, and around the points
ROW, SWATCH = 26, 14  # pixels of a line of the legend, and of the colour in it
LETTERS = 22  # of a name in the legend
MOST_NAMED = SIDE // ROW  # classes in the legend


def reconstructions_png(images: np.ndarray, reconstructions: np.ndarray) -> bytes:
    """Images (N, C, H, W) above their reconstructions."""
    return png(strip([shrunk(images, LARGEST), shrunk(reconstructions, LARGEST)]))


def map_points(run: Run, evaluation: Evaluation) -> tuple[str, np.ndarray]:
    """What the map of a run with two latent values or more shows, and its points (N, 2): latents
    themselves, the run's own UMAP or t-SNE if it has one, else PCA.
    """
    latents = evaluation.latents
    assert latents is not None
    if latents.shape[1] == 2:
        return "the two latent values", latents
    for method, title in (("umap", "UMAP"), ("tsne", "t-SNE")):
        kept = run.projection(ProjectionSettings.usual(method))
        if kept is not None:
            return f"{title} of the latents", kept.points
    plane = project(latents, ProjectionSettings.usual("pca"))
    return "PCA of the latents", plane.points


def map_png(points: np.ndarray, labels: np.ndarray, names: list[str]) -> bytes:
    """Points (N, 2) in the colours of their classes, with a legend of at most MOST_NAMED."""
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (SIDE - 2 * MARGIN - POINT) / max(float((high - low).max()), 1e-12)
    columns, rows = np.rint((points - (low + high) / 2) * scale + SIDE / 2).astype(int).T
    picture = np.full((SIDE, SIDE, 3), 255, np.uint8)
    colours = np.array([colour_of(label) for label in labels], np.uint8)
    for down, right in np.ndindex(POINT, POINT):
        picture[SIDE - 1 - rows + down - POINT // 2, columns + right - POINT // 2] = colours
    if not 1 < len(names) <= MOST_NAMED:
        return png(picture)
    return png(np.concatenate([picture, _legend(names)], axis=1))


def colour_of(label: int) -> np.ndarray:
    """Red, green and blue of a class, (3,), 0 to 255."""
    times, place = divmod(int(label), len(CATEGORIES))
    colour = np.frombuffer(bytes.fromhex(CATEGORIES[place][1:]), np.uint8).astype(float)
    return (colour, colour * 0.6, colour * 0.5 + 127)[times % 3]


def _legend(names: list[str]) -> np.ndarray:
    """Colours and names below each other, uint8 (SIDE, width, 3)."""
    words = words_beside([shorten(name, LETTERS) for name in names], len(names) * ROW)
    ink = words[:, :, 3:] / 255
    text = np.rint(words[:, :, :3] * ink + 255 * (1 - ink)).astype(np.uint8)
    legend = np.full((SIDE, 2 * SWATCH + text.shape[1], 3), 255, np.uint8)
    legend[: len(text), 2 * SWATCH :] = text
    for number in range(len(names)):
        top = number * ROW + (ROW - SWATCH) // 2
        legend[top : top + SWATCH, :SWATCH] = colour_of(number)
    return legend
