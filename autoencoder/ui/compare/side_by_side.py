"""Some runs side by side: what differs, how they learned, where their latents lie, and their
reconstructions of the same images.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import comparison
from autoencoder.analysis.projections import align
from autoencoder.config.metrics import COMPARED_METRICS
from autoencoder.config.run_config import label as option_label
from autoencoder.errors import CorruptRunError
from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.compare.differences import differences_in_words
from autoencoder.ui.compare.finished_runs import Compared, history_of, labels, measured_on
from autoencoder.ui.components.messages import selected_points
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.image_grid import image_stacks
from autoencoder.ui.shared.run_data import evaluation, latent_pca, latents, reconstructions
from autoencoder.ui.shared.shell import CHOSEN, explained
from autoencoder.ui.shared.text import literal

MAPPED = 1_000  # test latents on a map
SHOWN = 16  # test images
ACROSS = 3  # maps in a row
UNKNOWN = "-"  # in a table
MODES: Sequence[Literal["points", "box", "lasso"]] = ("points", "box", "lasso")


@explained
def beside(runs: Sequence[Compared]) -> None:
    """Draw everything about two runs or more; maps and images only where all saw the same test
    images.
    """
    names: Sequence[str] = labels(runs)
    _words(runs, names)
    _curves(runs, names)
    if not _same_images(runs):
        st.info(
            "These runs have different test images. The page cannot compare their maps and images.",
            icon=":material/info:",
        )
        return
    runs, names = _sound(runs, names)
    if not runs:
        return
    picked = _maps(runs, names)
    _images(runs, names, picked)
    query = {CHOSEN: runs[0].run.key, "with": ",".join(each.ending for each in runs[1:])}
    if len(picked) > 1:
        query["images"] = f"{picked[0]},{picked[-1]}"
    st.page_link(
        "pages/interpolate.py",
        label="The same interpolation with all these runs",
        icon=":material/linear_scale:",
        query_params=query,
    )


def _sound(
    runs: Sequence[Compared], names: Sequence[str]
) -> tuple[Sequence[Compared], Sequence[str]]:
    """Those that have latents and can reconstruct; the others are named as damaged."""
    sound = []
    for each, name in zip(runs, names, strict=True):
        if _is_sound(each.run):
            sound.append((each, name))
        else:
            st.warning(
                f"{literal(name)} is damaged: its map and its images are not shown.",
                icon=":material/broken_image:",
            )
    return [each for each, _ in sound], [name for _, name in sound]


@cached_per_run(max_entries=200, copies=True)
def _is_sound(run: Run) -> bool:
    try:
        run.weights()
        return run.evaluation().latents is not None
    except CorruptRunError:
        return False


def _words(runs: Sequence[Compared], names: Sequence[str]) -> None:
    """What differs, and who is better by how much."""
    ranked = sorted(zip(runs, names, strict=True), key=lambda pair: pair[0].facts.mse)
    (best, title), (last, other) = ranked[0], ranked[-1]
    if _same_images(runs) and last.facts.mse > 0:
        less = 100 * (1 - best.facts.mse / last.facts.mse)
        st.markdown(
            f"**{literal(title)}** has the lowest test MSE, {number(best.facts.mse)}:"
            f" {number(less)} % below {literal(other)} with {number(last.facts.mse)}. PCA"
            f" with the same bottleneck has {number(best.facts.pca)}."
        )
    configs = [each.run.config for each in runs]
    st.markdown(
        f"{differences_in_words(configs, names)} The view Seeds shows how much the"
        " results differ from seed to seed."
    )
    differing = comparison.differences(configs)
    rows = {
        option_label(option).partition(" (")[0]: [_shown(value) for value in row]
        for option, row in differing.items()
    }
    rows |= {
        metric.heading: [_number(each.facts.scores[name]) for each in runs]
        for name, metric in COMPARED_METRICS.items()
    }
    rows["Seconds per epoch"] = [number(each.facts.epoch_seconds) for each in runs]
    table = [{"": title, **dict(zip(names, row, strict=True))} for title, row in rows.items()]
    st.dataframe(
        table, key="beside", hide_index=True, height="content", column_config={"": {"pinned": True}}
    )
    st.caption("The seconds also depend on other work of the machine at that time.")


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else number(value)


def _same_images(runs: Sequence[Compared]) -> bool:
    first = runs[0].run.config
    return all(
        each.run.config.same_images(first) and each.run.config.classes == first.classes
        for each in runs
    )


def _shown(value: object) -> str:
    """An option's value; None is that of an option without effect."""
    if value is None:
        return UNKNOWN
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or "all"
    return str(value).replace("_", " ")


def _curves(runs: Sequence[Compared], names: Sequence[str]) -> None:
    histories = [history_of(each.run) for each in runs]
    columns = st.columns(2, gap="medium")
    for column, x_title in zip(columns, ("Epoch", "Seconds of training"), strict=True):
        shown = []
        for name, history in zip(names, histories, strict=True):
            tested = [each for each in history if "mse" in each.test]
            x = [each.epoch if x_title == "Epoch" else each.seconds for each in tested]
            shown.append(figures.Curve(name, x, [each.test["mse"] for each in tested]))
        with column:
            chart(
                figures.curves(shown, x_title=x_title),
                f"Test MSE by {x_title.lower()}",
                runs=[each.run for each in runs],
                sample=measured_on(runs),
                key=f"curves_{x_title}",
                height=360,
            )


def _maps(runs: Sequence[Compared], names: Sequence[str]) -> np.ndarray:
    """The latents of each run on a flat map, turned to lie as the first run's; the indices that
    were selected on any of them.
    """
    st.subheader("The same test images on their maps", anchor=False)
    data = evaluation(runs[0].run)
    labels = data.labels[:MAPPED]
    reference = _flat(runs[0].run)
    selected = {each.ending: _selected(each) for each in runs}
    for start in range(0, len(runs), ACROSS):
        columns = st.columns(ACROSS if len(runs) > 2 else 2, gap="medium")
        for column, each, name in zip(
            columns, runs[start : start + ACROSS], names[start : start + ACROSS], strict=False
        ):
            others = _union(
                [indices for ending, indices in selected.items() if ending != each.ending]
            )
            with column:
                st.markdown(f"**{literal(name)}**")
                _map(each, align(_flat(each.run), reference), labels, others)
    st.caption(
        f"The first {len(labels):,} test images of {runs[0].run.config.info.title},"
        " placed by their latents. Latents with more than two values are shown along"
        " their first two principal components. Each map is turned and mirrored to"
        " match the map of the first run. Each map has its own units. Select points on"
        " one map: the page marks the same images on the other maps and shows them"
        " below."
    )
    return _union(list(selected.values()))


def _map(each: Compared, points: np.ndarray, labels: np.ndarray, others: np.ndarray) -> None:
    """One map; images selected on other maps stand out, its own selection fades the rest by
    itself.
    """
    selected = others if len(others) else None
    figure = figures.latent_scatter(
        points, labels, each.run.class_names, axes=("", ""), equal=True, selected=selected
    )
    below = {"orientation": "h", "yanchor": "top", "y": -0.1, "title_text": ""}
    figure.update_layout(legend=below, margin={"t": 8, "b": 8, "l": 8, "r": 8})
    chart(
        figure,
        "Map of the latents",
        runs=[each.run],
        sample=each.run.images_in_words(len(points)),
        key=f"map_{each.ending}",
        height=420,
        on_select="rerun",
        selection_mode=MODES,
    )


def _selected(each: Compared) -> np.ndarray:
    """Indices of the test images that are selected on a run's map, ascending."""
    count = min(MAPPED, len(evaluation(each.run).labels))
    selected = selected_points(st.session_state.get(f"map_{each.ending}"), count)
    return np.array(selected or (), dtype=int)


def _union(indices: Sequence[np.ndarray]) -> np.ndarray:
    return np.unique(np.concatenate([np.zeros(0, int), *indices]))


def _flat(run: Run) -> np.ndarray:
    """The latents of the first test images in two dimensions (N, 2)."""
    points = latents(run)
    if points.shape[1] > 2:
        return latent_pca(run)[0][:MAPPED]
    return np.pad(points[:MAPPED], ((0, 0), (0, 2 - points.shape[1])))


def _images(runs: Sequence[Compared], names: Sequence[str], picked: np.ndarray) -> None:
    st.subheader("The same test images reconstructed by all these runs", anchor=False)
    data = evaluation(runs[0].run)
    chosen = (
        picked[picked < len(data.images)][:SHOWN]
        if len(picked)
        else np.arange(min(SHOWN, len(data.images)))
    )
    back = [_back(each.run, tuple(map(int, chosen))) for each in runs]
    image_stacks(
        [data.images[chosen], *back],
        size=56,
        columns=SHOWN,
        alt=f"{len(chosen)} test images above their reconstructions by each run",
    )
    which = f"{len(picked)} selected" if len(picked) else "first"
    st.caption(
        f"Top row: the {which} test images (at most {SHOWN}). Below, in this order: the"
        f" reconstructions by {' · '.join(map(literal, names))}"
    )


@cached_per_run(max_entries=50, spinner="Decoding", copies=True, on_disk=1)
def _back(run: Run, indices: tuple[int, ...]) -> np.ndarray:
    return reconstructions(run, np.array(indices, dtype=int))
