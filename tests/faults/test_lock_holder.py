"""Pages beside a process that keeps the queue's lock."""

import pytest
from streamlit.testing.v1 import AppTest

from autoencoder.config.projections import ProjectionSettings
from autoencoder.runs import RunStore
from autoencoder.system import FileLock
from autoencoder.ui.shared import shell
from tests.support.configs import TINY
from tests.support.pages import visit
from tests.support.places import ROOT
from tests.support.runs import lock_held

PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))
MAP = ProjectionSettings.usual("umap")


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that each try for the queue's lock would have waited."""
    seconds: list[float] = []
    acquire = FileLock.acquire

    def noted(lock: FileLock, timeout: float = 0.0) -> bool:
        if lock.path.name == ".queue.lock":
            seconds.append(timeout)
        return acquire(lock, timeout)

    monkeypatch.setattr(FileLock, "acquire", noted)
    return seconds


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_no_page_waits_for_the_lock(
    store: RunStore, app: AppTest, patience: list[float], page: str
) -> None:
    """While another process keeps the lock, every page is drawn without waiting for it, also one
    that asks for a map or a measurement by itself.
    """
    with lock_held(store.folder / ".queue.lock"):
        shell.tick.clear()
        visit(app, page, run=TINY.key, method=MAP.spec.title)

    assert not app.exception
    assert not app.error
    assert patience and max(patience) <= 0


@pytest.mark.slow
def test_what_a_page_could_not_ask_for_is_asked_for_again(store: RunStore, app: AppTest) -> None:
    """As soon as the lock is free, the next look of the page puts its map into the queue."""
    state = store.folder / TINY.key / f"{MAP.name}.state.json"
    with lock_held(store.folder / ".queue.lock"):
        visit(app, "latent_space.py", run=TINY.key, method=MAP.spec.title)
        assert not state.exists()
    app.run()

    assert not app.exception
    assert state.exists()
