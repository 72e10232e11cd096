"""Pages run by Streamlit's own test harness: opening them, and reading what they say."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.jobs import Queue
from tests.support.places import ROOT

PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))
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
    return dict(json.loads(found[0]))


@contextmanager
def no_jobs() -> Iterator[None]:
    """While no page starts a process, whatever waits."""
    with (
        patch.object(Queue, "tick", lambda queue: None),
        patch.object(Queue, "submit_task", lambda queue, key, name: None),
        patch.object(Queue, "submit_calibration", lambda queue, config: None),
    ):
        yield


def red_boxes(app: AppTest, key: str) -> list[str]:
    """Open every page on the run `key`: each exception that one shows, in a line."""
    _forget()
    problems = []
    for page in PAGES:
        visit(app, page, run=key)
        problems += [f"{page}: {' '.join(each.message.split())[:300]}" for each in app.exception]
    return problems


def complaints(app: AppTest, key: str, damaged: str) -> list[str]:
    """Open every page on a sound run: each exception and error, and each warning of another run
    that is damaged.
    """
    _forget()
    problems = []
    for page in PAGES:
        visit(app, page, run=key)
        boxes = [*app.exception, *app.error] if page != "home.py" else [*app.exception]
        boxes += [each for each in app.warning if damaged in each.value] if page in OF_A_RUN else []
        problems += [f"{page}: {' '.join(each.value.split())[:300]}" for each in boxes]
    return problems


def _forget() -> None:
    """Let no page show what it has read before."""
    st.cache_data.clear()
    st.cache_resource.clear()
