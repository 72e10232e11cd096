"""Pages run by Streamlit's own test harness: opening them, and reading what they say."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.jobs import Queue
from autoencoder.ui.shared import shell
from tests.support.places import ROOT

PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))
VIEWS: list[tuple[str, dict[str, str]]] = [  # every page, and what else an address may ask of it
    *((page, {}) for page in PAGES),
    ("latent_space.py", {"method": "UMAP", "look": "Plotly"}),
    ("latent_space.py", {"method": "UMAP", "look": "Watch it form"}),
    ("latent_space.py", {"look": "Plotly", "colour": "Local density", "beside": "true"}),
    ("reconstruct.py", {"pca": "true", "errors": "true"}),
]
OF_A_RUN = [page for page in PAGES if page not in ("home.py", "train.py", "compare.py", "labs.py")]


def visit(app: AppTest, page: str, **query: str) -> AppTest:
    """Open a page at an address."""
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page(f"pages/{page}").run()


def words(app: AppTest) -> str:
    """All that the page says in boxes, captions and text."""
    boxes = (app.error, app.warning, app.info, app.caption, app.markdown, app.title)
    return "\n".join(element.value for kind in boxes for element in kind)


def sent(app: AppTest, component: str) -> dict[str, Any]:
    """What Python tells the only component of that name on the page."""
    found = [
        each.proto.json
        for each in app.get("bidi_component")
        if each.proto.component_name == f"latent_lab.{component}"
    ]
    assert len(found) == 1
    [data] = json.loads(found[0])
    return dict(data)


@contextmanager
def no_jobs() -> Iterator[None]:
    """While no page starts a process, whatever waits, and red boxes say what they are of."""
    with (
        patch.object(Queue, "tick", lambda queue, **how: None),
        patch.object(Queue, "submit_task", lambda queue, *task, **how: None),
        patch.object(Queue, "submit_calibration", lambda queue, config, timeout: None),
    ):
        yield


def fresh_visit(page: str, run: str, **query: str) -> AppTest:
    """A page, opened by a new visitor on the run of that key."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state[shell.SHELL] = True
    return visit(app, page, run=run, **query)


def red_boxes(key: str) -> list[str]:
    """Open every view of every page on the run `key`: each exception that one shows, in a line."""
    forget()
    problems = []
    for page, query in VIEWS:
        app = fresh_visit(page, key, **query)
        problems += [f"{page} {query or ''}: {_line(each.value)}" for each in app.exception]
    return problems


def complaints(key: str, damaged: str, pages: Sequence[str] = PAGES) -> list[str]:
    """Open pages on a sound run: each exception, each error, and on the pages of a run each warning
    that names the run `damaged`.
    """
    forget()
    problems = []
    for page in pages:
        app = fresh_visit(page, key)
        boxes = [*app.exception, *([] if page == "home.py" else app.error)]
        boxes += [each for each in app.warning if page in OF_A_RUN and damaged in each.value]
        problems += [f"{page}: {_line(each.value)}" for each in boxes]
    return problems


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def forget() -> None:
    """Let no page show what it has read before."""
    st.cache_data.clear()
    st.cache_resource.clear()
