"""How small may the bottleneck be?

A sweep with one button, and the curve of what there is, with its knee and why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from autoencoder import figures
from autoencoder.analysis import comparison
from autoencoder.config.presets import PRESETS
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import AutoencoderError, ConfigError
from autoencoder.formatting import byte_size, number
from autoencoder.jobs import sweeps
from autoencoder.networks.blueprint import blueprint_of
from autoencoder.ui.compare.finished_runs import Compared, finished_runs, measured_on
from autoencoder.ui.compare.measuring import offer_measuring
from autoencoder.ui.compare.run_choice import choose, note
from autoencoder.ui.compare.series_form import series_config
from autoencoder.ui.compare.train_several import train_all
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.run_titles import distinct_names
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.text import sentence

SMALL_IMAGES = "1, 2, 3, 4, 6, 8, 12, 16, 24, 32"
LARGER_IMAGES = "2, 4, 8, 16, 32, 64"
FAMILY = "family"  # in the address: the curve that is shown


@explained
def bottleneck_finder() -> None:
    """Left what to train, right the curve of the runs that are finished."""
    form, curve = st.columns([1, 2.6], gap="large")
    with form:
        configs = _plan()
        if configs:
            train_all(
                configs,
                "Train the sweep",
                key="train_sweep",
                on_click=lambda: note(FAMILY, _family(configs[0])),
            )
    with curve:
        _finder(configs[0] if configs else None)


def _plan() -> list[RunConfig]:
    """The sweep that the controls describe; none where they say why not."""
    config = series_config(list(PRESETS), "small", series="sweep")
    usual = SMALL_IMAGES if config.shape.pixels <= 100 else LARGER_IMAGES
    text = st.text_input(
        "Bottlenecks",
        placeholder=usual,
        key="sizes",
        help=f"If empty: {usual}",
        bind="query-params",
    )
    try:
        return sweeps.plan(config, _numbers(text or usual))
    except AutoencoderError as error:
        st.warning(sentence(str(error)), icon=":material/error:")
        return []


def _numbers(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and len(part) < 6 for part in parts):
        raise ConfigError(f"bottlenecks must be whole numbers separated by commas; got {text[:60]}")
    return sorted(map(int, parts))


def _family(config: RunConfig) -> str:
    """The name of the family that the config belongs to."""
    return next(iter(comparison.families([config], "latent_dim")))


def _finder(planned: RunConfig | None) -> None:
    """The curve of one family of runs: of the planned one first, then of the largest."""
    runs = finished_runs()
    families = comparison.families([each.run.config for each in runs], "latent_dim")
    members = (
        {_family(planned): [runs[i] for i in families.get(_family(planned), [])]} if planned else {}
    )
    for key in sorted(families, key=lambda key: -len(families[key])):
        if len(families[key]) > 1:
            members.setdefault(key, [runs[index] for index in families[key]])
    if not members:
        return
    titles = _titles(members, planned)
    start = next((key for key, runs_of in members.items() if len(runs_of) > 1), next(iter(members)))
    chosen = choose(
        "Finished runs that differ only in their bottleneck", titles, name=FAMILY, start=start
    )
    if len(members[chosen]) < 2:
        words = (
            "A curve needs two finished runs that differ only in their bottleneck. Train"
            " the sweep: the curve then appears here."
        )
        st.info(words, icon=":material/inbox:")
        return
    _curve(members[chosen])


def _titles(members: Mapping[str, Sequence[Compared]], planned: RunConfig | None) -> dict[str, str]:
    """Family -> what its runs have in common, as far as it tells it from others, and how many there
    are; the family without any run is that of `planned`.
    """
    configs = {key: runs[0].run.config if runs else planned for key, runs in members.items()}
    alike = {key: replace(each, latent_dim=1) for key, each in configs.items() if each is not None}
    names = distinct_names(alike)
    return {
        key: f"{names[key].replace(', d = 1', '', 1)} · {_sizes(members[key])}" for key in names
    }


def _sizes(members: Sequence[Compared]) -> str:
    """How many runs a family has, and over which bottlenecks."""
    there = [each.run.config.latent_dim for each in members]
    count = "1 run" if len(there) == 1 else f"{len(there)} runs"
    return f"{count}, d from {there[0]} to {there[-1]}" if there else "no finished run"


def _curve(members: Sequence[Compared]) -> None:
    dims = [each.run.config.latent_dim for each in members]
    errors, pca = [each.facts.mse for each in members], [each.facts.pca for each in members]
    sizes = [blueprint_of(each.run.config).latent_bytes for each in members]
    accuracy = [each.facts.scores["knn_10"] for each in members]
    at = comparison.knee(dims, errors)
    figure = figures.bottleneck_curve(
        dims, errors, pca, accuracy, [byte_size(each) for each in sizes], knee=at
    )
    st.markdown(" ".join(reasons(dims, errors, pca, sizes, at)))
    known = any(each is not None for each in accuracy)
    chart(
        figure,
        "Error by bottleneck",
        runs=[each.run for each in members],
        sample=measured_on(members),
        key="bottleneck",
        height=560 if known else 400,
    )
    config = members[0].run.config
    tested = config.info.evaluated
    st.caption(
        f"{config.info.title}, means over the first {tested:,} test images · training"
        f" seed {config.seed}"
    )
    st.caption(
        "The knee is the bottleneck where the curve lies furthest below the straight"
        " line between its two ends. This is where 1 - x - y is largest; x is log d and"
        " y is log error, each scaled from 0 to 1. If the largest value is below"
        f" {comparison.BEND}, the curve has no knee. The knee depends on the range of"
        " bottlenecks."
    )
    offer_measuring(members)


def reasons(
    dims: Sequence[int],
    errors: Sequence[float],
    pca: Sequence[float],
    sizes: Sequence[int],
    at: int | None,
) -> list[str]:
    """Where the knee is, and why, in Markdown sentences.

    Args:
        dims: K sizes, ascending.
        errors, pca: Of the runs and of PCA, (K,).
        sizes: Bytes per latent, (K,).
        at: Index of the knee; None if there is none.
    """
    if at is None:
        why = (
            "there are fewer than three bottlenecks"
            if len(dims) < 3
            else "the curve does not level off within these bottlenecks"
        )
        return [f"**No knee**: {why}."]
    below = comparison.bytes_per_percent((sizes[0], sizes[at]), (errors[0], errors[at]))
    above = comparison.bytes_per_percent((sizes[at], sizes[-1]), (errors[at], errors[-1]))
    first = (
        f"**The knee is at d = {dims[at]}**, with a test MSE of {number(errors[at])} and"
        f" {byte_size(sizes[at])} per latent vector."
    )
    cheap = (
        f"Up to the knee, 1 % less error costs {number(below)} bytes per latent vector"
        if below
        else "Up to the knee, the error does not fall"
    )
    dear = (
        f"above d = {dims[at]}"
        f" {f'it costs {number(above)} bytes' if above else 'the error does not fall'}"
    )
    as_good = next((d for d, error in zip(dims, pca, strict=True) if error <= errors[at]), None)
    other = (
        f"PCA reaches this error at d = {as_good}."
        if as_good
        else f"PCA does not reach this error, even at d = {dims[-1]}."
    )
    return [first, f"{cheap}, {dear}.", other]
