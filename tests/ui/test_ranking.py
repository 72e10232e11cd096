"""Which run a page opens on, and why."""

import math
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from autoencoder.config.run_config import RunConfig
from autoencoder.runs import RunStore
from autoencoder.ui.shared.ranking import MAP, RECONSTRUCTION, best_first, rank
from autoencoder.ui.shared.shell import CHOSEN
from tests.support.configs import DEEP, TINY
from tests.support.pages import OF_A_RUN, visit

MNIST = RunConfig(dataset="mnist", latent_dim=2)
NEIGHBOURS = replace(MNIST, objective="neighbours")
WIDE = replace(MNIST, latent_dim=16)
SLOW = replace(MNIST, channels=(256, 512))
OPENS_ON = {"reconstruct.py": DEEP.key, "inspect.py": DEEP.key}  # others on TINY, which has a map


@pytest.mark.parametrize(
    ("purpose", "order"),
    [
        (MAP, [(NEIGHBOURS, 0.04), (MNIST, 0.03), (MNIST, 0.05), (SLOW, 0.02), (WIDE, 0.01)]),
        (MAP, [(MNIST, 0.05), (TINY, 0.01), (WIDE, 0.01), (MNIST, math.inf)]),
        (RECONSTRUCTION, [(WIDE, 0.01), (WIDE, 0.02), (DEEP, 0.005), (MNIST, 0.001)]),
    ],
)
def test_runs_are_ranked_for_a_purpose(purpose: str, order: list[tuple[RunConfig, float]]) -> None:
    """Finished ones first; then those with a fitting bottleneck, decoders that keep up, sharp
    images, for a map those trained to keep neighbours; and then by their error.
    """
    ranks = [rank(config, mse, purpose) for config, mse in order]

    assert ranks == sorted(ranks) and len(set(ranks)) == len(ranks)


def test_a_run_that_is_not_finished_is_not_the_best(store: RunStore) -> None:
    """It comes after a finished one, whatever its bottleneck."""
    (store.folder / TINY.key / "metrics.json").unlink()

    assert [run.key for run in best_first(store.runs(), MAP)] == [DEEP.key, TINY.key]


@pytest.mark.slow
@pytest.mark.parametrize("page", OF_A_RUN)
def test_a_page_opens_on_the_run_that_is_best_for_it(
    store: RunStore, app: AppTest, page: str
) -> None:
    """A map on two latent values, reconstructions on more; what one page opened on is no choice for
    the next.
    """
    other = "reconstruct.py" if page != "reconstruct.py" else "decode.py"
    for name in (other, page):
        app.query_params.clear()
        visit(app, name)
        app.run()

    assert app.query_params["run"] == OPENS_ON.get(page, TINY.key)


@pytest.mark.slow
def test_a_run_of_the_visitor_wins(store: RunStore, app: AppTest) -> None:
    """One that was trained or chosen in this session is shown by every page, until the address
    names another.
    """
    app.session_state[CHOSEN] = DEEP.key
    visit(app, "latent_space.py")
    assert app.query_params["run"] == DEEP.key

    visit(app, "decode.py", run=TINY.key)
    assert app.session_state[CHOSEN] == TINY.key


@pytest.mark.slow
def test_a_picked_run_is_a_choice(store: RunStore, app: AppTest) -> None:
    """Who picks another run and then again the one that the page has opened on finds that one on
    the next page.
    """
    visit(app, "reconstruct.py")
    for key in (TINY.key, DEEP.key):
        app.selectbox(key="picked").set_value(key).run()
    app.query_params.clear()
    visit(app, "latent_space.py")

    assert app.query_params["run"] == DEEP.key
