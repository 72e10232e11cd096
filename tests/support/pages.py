"""Pages run by Streamlit's own test harness: opening them, and reading what they say."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


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
