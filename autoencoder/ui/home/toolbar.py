"""What stands above the cards: the search, the order, the filters. All of it is in the address."""

from collections.abc import Sequence

import streamlit as st

from autoencoder.config.networks import NETWORKS
from autoencoder.runs import Run
from autoencoder.ui.home.entries import Entry
from autoencoder.ui.home.listing import KINDS, SORTS, View
from autoencoder.ui.shared.dataset_titles import titles_of

EVERYTHING = {"search": "", "datasets": [], "networks": [], "bottlenecks": [], "kind": "all"}


def toolbar(entries: Sequence[Entry]) -> View:
    """Draw the controls, and return what the visitor wants to see."""
    search = st.text_input(
        "Search",
        key="search",
        bind="query-params",
        icon=":material/search:",
        placeholder="Title, name or key",
        width=260,
    )
    sort = st.selectbox(
        "Sort by",
        SORTS,
        format_func=lambda name: SORTS[name][0],
        key="sort",
        bind="query-params",
        width=160,
    )
    with st.popover("Filter", icon=":material/filter_list:", key="filter"):
        chosen = _filters(entries)
    return View(search, sort, *chosen)


def _filters(
    entries: Sequence[Entry],
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...], str]:
    """The data sets, networks, bottlenecks and the kind that were chosen, of those there are."""
    configs = [each.run.config for each in entries if isinstance(each.run, Run)]
    titles = titles_of(configs)
    networks = [each for each in NETWORKS if any(config.network == each for config in configs)]
    sizes = sorted({config.latent_dim for config in configs})
    datasets = st.multiselect(
        "Data set",
        list(titles),
        format_func=lambda name: titles[name],
        key="datasets",
        bind="query-params",
        placeholder="All",
    )
    networks = st.multiselect(
        "Network",
        networks,
        format_func=lambda name: NETWORKS[name].title,
        key="networks",
        bind="query-params",
        placeholder="All",
    )
    sizes = st.multiselect(
        "Bottleneck", sizes, key="bottlenecks", bind="query-params", placeholder="All"
    )
    kind = st.segmented_control(
        "Kind",
        KINDS,
        default="all",
        required=True,
        format_func=lambda name: KINDS[name],
        key="kind",
        bind="query-params",
    )
    return tuple(datasets), tuple(networks), tuple(sizes), kind or "all"


def show_all() -> None:
    """Forget the search and all filters."""
    st.session_state.update(EVERYTHING)
