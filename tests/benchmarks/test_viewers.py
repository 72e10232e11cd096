"""The visitor without a browser that benchmarks are made with: it finds its way, and notices when a
page is not well.
"""

import sys

import pytest

from autoencoder.runs import RunStore
from benchmarks.crowds import PAGES, acts, crowd, visits
from benchmarks.pages import Row
from benchmarks.serving import Server
from benchmarks.viewers import PageError, viewer
from tests.support.configs import TINY
from tests.support.loops import done

pytestmark = pytest.mark.slow


def test_a_viewer_gets_about(store: RunStore, server: Server) -> None:
    """By a deep link to a server that nobody has visited, from there to every page, and its acts
    reach the scripts.
    """

    async def get_about() -> None:
        async with viewer(server.address) as visitor:
            first = await visitor.visit("decode", f"run={TINY.key}")
            assert first.elements > 5
            assert set(visitor.pages) == set(PAGES)
            await visitor.trigger(f"live-{TINY.key}", "released", {"latent": [0.25, -0.5]})
            assert "z=0.25%2C-0.5" in visitor.query
            for page in PAGES:
                assert (await visitor.visit(page)).elements > 5
            await visitor.visit("decode", f"run={TINY.key}&view=Manifold")
            assert (await visitor.slide("grid", 9)).elements > 5
            with pytest.raises(KeyError):
                await visitor.type("no_such_field", 1)

    done(get_about())


def test_large_messages_come_once(store: RunStore, server: Server) -> None:
    """On the second visit of a page, what was large is only named, and its widgets are found all
    the same.
    """

    async def look_twice() -> None:
        async with viewer(server.address) as visitor:
            first = await visitor.visit("interpolate", f"run={TINY.key}")
            widgets = set(visitor.widgets)
            second = await visitor.visit("interpolate", f"run={TINY.key}")
            assert second.elements == first.elements
            assert second.size < first.size / 2
            assert set(visitor.widgets) == widgets

    done(look_twice())


def test_a_page_that_is_not_well_is_not_measured(store: RunStore, server: Server) -> None:
    """An error box, whose page is quick to draw, raises PageError with its words."""

    async def look() -> None:
        async with viewer(server.address) as visitor:
            with pytest.raises(PageError, match="There is no run"):
                await visitor.visit("decode", "run=no-such-run")

    done(look())


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_crowd_is_answered_and_goes(
    store: RunStore, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody's acts are timed by place, the server's work and memory are seen; visits report
    memory once each and before.
    """
    monkeypatch.setattr("benchmarks.crowds.THINKING", 0.05)
    deeds = {
        place: act for place, act in acts(TINY.key, 2).items() if "Samples" not in place
    }  # these need a density first

    met = done(crowd(server.address, server.process.pid, 3, 1.0, run=TINY.key, deeds=deeds))
    assert all(met.waits[place] for place in deeds)
    assert len(met.all_waits) == sum(map(len, met.waits.values()))
    assert 0 < met.load < 2
    assert met.memory > 50

    found = done(visits(server.address, server.process.pid, 2, TINY.key))
    assert len(found) == 3
    assert min(found) > 50


@pytest.mark.parametrize(
    ("goal", "words"), [(None, "| |"), (5.0, "< 5 ms: met"), (4.0, "< 4 ms: MISSED")]
)
def test_a_line_says_whether_its_goal_is_met(goal: float | None, words: str) -> None:
    """The 95th percentile counts; without a goal nothing is said."""
    line = str(Row("answer", [1.0] * 4 + [5.0], goal=goal))

    assert line.startswith("| answer | 1 ms | 4.2 ms | 5 |")
    assert words in line.replace("|  |", "| |")
