"""What a run makes of a visitor's image: its reconstruction, its latent, its place on the map, its
nearest test images.

N = test images; D = latent_dim; C, H, W = channels, height and width of one.
"""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import metrics
from autoencoder.analysis.distance_to_data import nearest_images
from autoencoder.analysis.neighbours import nearest
from autoencoder.analysis.projections import Projection
from autoencoder.config.projections import PROJECTIONS, ProjectionSettings
from autoencoder.data.choosing import share_below
from autoencoder.data.fitting import Fitted, smaller
from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.class_names import class_captions
from autoencoder.ui.shared.colour_scale import colour_scale, coloured
from autoencoder.ui.shared.image_grid import LARGE, Picture, image_stacks, large_images

NEIGHBOURS = 5
ON_MAP = 2_000  # test images
MOST_DIMENSIONS = 32  # of the latent that are drawn
TALL = 340  # CSS pixels


def own_result(run: Run, image: np.ndarray, fitted: Fitted) -> None:
    """Draw it all for one image.

    Args:
        image: As it was given, (H, W, 1 or 3) uint8 of any size.
        fitted: As the network takes it.
    """
    latent = run_data.encode(run, fitted.pixels[None])
    reconstructions = run_data.decode(run, latent)
    unit = metrics.to_unit(fitted.pixels[None])
    error = float(metrics.squared_errors(unit, reconstructions)[0])
    seen = [
        Picture(smaller(image, LARGE).transpose(2, 0, 1), "Your image"),
        Picture(fitted.pixels, "What the network sees"),
    ]
    off = coloured(figures.error_maps(unit, reconstructions))[0]
    came_back = Picture(reconstructions[0], "Reconstruction", f"MSE {number(error)}")
    back = [came_back, Picture(off, "error")]
    large_images([seen, back])
    colour_scale("Absolute error of a pixel", "0", "1")
    st.markdown(_rank(run, error))
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=440):
            _place(run, latent)
        with st.container(width=440):
            _latent(run, latent[0])
    _neighbours(run, latent[0], unit[0])


def _rank(run: Run, error: float) -> str:
    errors = run_data.evaluation(run).errors
    if errors is None:
        return f"MSE {number(error)}"
    worse = share_below(errors, error)
    return (
        f"MSE {number(error)}: {worse:.0%} of the test images have a smaller MSE. The"
        f" mean MSE of all test images is {number(float(errors.mean()))}."
    )


def _accent() -> str:
    """The colour of what is the visitor's own."""
    return str(st.get_option(f"theme.{st.context.theme.type or 'light'}.primaryColor"))


@dataclass(frozen=True)
class _Placed:
    """Test images on a map (N, 1 or 2), the place of the visitor's image (2,), the names of the
    axes, what the points are placed by, and how the image was.
    """

    points: np.ndarray
    place: np.ndarray
    axes: tuple[str, ...]
    about: str
    note: str = ""


def _place(run: Run, latent: np.ndarray) -> None:
    """Its place among the first test images."""
    st.markdown("**Its place on the map**")
    data, placed = run_data.evaluation(run), _on_chosen_map(run, latent)
    points, axes = placed.points, placed.axes
    figure = figures.latent_scatter(
        points[:ON_MAP],
        data.labels[:ON_MAP],
        run.class_names,
        axes=axes[: points.shape[1]],
        equal=points.shape[1] == 2,
    )
    chart(
        figures.marked(figure, placed.place.tolist(), "Your image", _accent()),
        "Its place on the map",
        runs=[run],
        sample=run.images_in_words(min(ON_MAP, len(points))),
        height=TALL,
        key="own_map",
        config={"displayModeBar": False},
    )
    st.caption(
        f"The first {min(ON_MAP, len(points)):,} test images by {placed.about}. The cross is your"
        f" image.{placed.note}"
    )


def _on_chosen_map(run: Run, latent: np.ndarray) -> _Placed:
    """The map of the latents themselves, or one that a job has computed and the visitor chooses."""
    usual = [
        ProjectionSettings.usual(name) for name, method in PROJECTIONS.items() if method.places_new
    ]
    computed = {each.method: each for each in usual if run.has_projection(each)}
    if not computed:
        return _on_latents(run, latent)
    plain = "PCA" if run.config.latent_dim > 2 else "Latents"
    titles = {plain: plain, **{name: each.spec.title for name, each in computed.items()}}
    chosen = st.segmented_control(
        "Map",
        titles,
        default=plain,
        required=True,
        format_func=titles.__getitem__,
        key="own_map_method",
        label_visibility="collapsed",
    )
    projection = run.projection(computed[chosen]) if chosen in computed else None
    return _on_latents(run, latent) if projection is None else _on_map(run, latent, projection)


def _on_latents(run: Run, latent: np.ndarray) -> _Placed:
    labels, latents = run_data.evaluation(run).labels, run_data.latents(run)
    if run.config.latent_dim > 2:
        points, pca = run_data.latent_pca(run)
        about = "the first two principal components of the latents"
        return _Placed(points, pca.encode(latent)[0], ("PC 1", "PC 2"), about)
    closest = int(np.linalg.norm(latents - latent, axis=1).argmin())
    place = np.append(latent[0], labels[closest])[:2]
    return _Placed(latents, place, ("z0", "z1"), "the latent values")


def _on_map(run: Run, latent: np.ndarray, projection: Projection) -> _Placed:
    """About where a map that keeps neighbours would have it: `transform` of its library needs the
    fitted model, and to fit that again takes far longer than a visitor waits.
    """
    points = projection.points
    (closest,), _ = nearest(run_data.latents(run)[: len(points)], 1, latent)
    maker = projection.library or projection.settings.spec.title
    note = (
        " It is at the place of its nearest test image: an approximation, since"
        f" {maker} would have to compute the whole map again to place a new image."
    )
    return _Placed(points, points[closest[0]], projection.axis_names, projection.about, note)


def _latent(run: Run, latent: np.ndarray) -> None:
    dims = run_data.dimensions(run)
    order = dims.order[:MOST_DIMENSIONS]
    st.markdown("**Its latent vector**")
    figure = figures.latent_bars(latent, dims.low, dims.high, order, _accent())
    chart(
        figure,
        "Its latent vector",
        runs=[run],
        sample="an image of your own",
        height=TALL,
        key="own_code",
        config={"displayModeBar": False},
    )
    some = (
        f"The {len(order)} most informative of {len(latent)} latent values"
        if len(order) < len(latent)
        else "The latent values"
    )
    listed = ", ".join(f"z{index} = {number(float(latent[index]))}" for index in order[:4])
    more = " and so on" if len(order) > 4 else ""
    st.caption(
        f"{some}, the most informative first: {listed}{more}. Bars show the range of the"
        " test images."
    )


def _neighbours(run: Run, latent: np.ndarray, pixels: np.ndarray) -> None:
    data = run_data.evaluation(run)
    count = min(NEIGHBOURS, len(data.images))
    spaces = {
        "latent": nearest(run_data.latents(run), count, latent[None]),
        "pixel": nearest_images(data.images, count, pixels[None]),
    }
    with st.container(horizontal=True, gap="medium"):
        for space, ((indices,), (distances,)) in spaces.items():
            with st.container(width=440):
                st.markdown(f"**Nearest test images in {space} space**")
                names = class_captions(run, data.labels[indices])
                captions = [
                    " · ".join(filter(None, [name, number(float(distance))]))
                    for name, distance in zip(names, distances, strict=True)
                ]
                image_stacks(
                    [data.images[indices]],
                    size=72,
                    columns=NEIGHBOURS,
                    captions=captions,
                    alt=f"Nearest in {space} space",
                )
    named = "Class and Euclidean" if run.has_classes else "Euclidean"
    st.caption(f"{named} distance, nearest first.")
