"""A damaged run beside good ones: every list says that it is damaged or leaves it out, and no page
of another run ends because of it.
"""

import pytest
from streamlit.testing.v1 import AppTest

from autoencoder.runs import Membership, RunStore
from autoencoder.ui.shared.title import PICKED
from tests.support.configs import DEEP, TINY
from tests.support.pages import visit, words

PLACES = {  # of a page that shows other runs -> what its address says beside them
    "reconstruct.py": {},
    "interpolate.py": {},
    "inspect.py": {"view": "Denoising"},
}
GARBAGE = b"garbage\n"


@pytest.mark.parametrize("file", ["config.json", "state.json", "metrics.json"])
def test_the_run_chooser_names_a_damaged_run(store: RunStore, app: AppTest, file: str) -> None:
    """It is in the list, as damaged; choosing it gives a sentence or a page that does without the
    file, and the way back is there.
    """
    (store.folder / DEEP.key / file).write_bytes(GARBAGE)
    visit(app, "reconstruct.py", run=TINY.key)
    picker = app.selectbox(key=PICKED)
    [damaged] = [option for option in picker.options if "damaged" in option]
    picker.set_value(DEEP.key).run()

    assert damaged.endswith("damaged")
    assert not app.exception
    assert len(app.error) == 1 and "is damaged" in app.error[0].value
    app.selectbox(key=PICKED).set_value(TINY.key).run()
    assert not app.error and not app.exception


@pytest.mark.slow
@pytest.mark.parametrize("page", PLACES)
@pytest.mark.parametrize("file", ["evaluation.npz", "weights.safetensors", "metrics.json"])
def test_a_damaged_run_beside_another_is_left_out(
    store: RunStore, app: AppTest, page: str, file: str
) -> None:
    """Asked for beside a good run, it is not shown, with a sentence where it cannot take part; the
    page of the good run goes on.
    """
    (store.folder / DEEP.key / file).write_bytes(GARBAGE)
    visit(app, page, run=TINY.key, **{"with": DEEP.key[-8:]}, **PLACES[page])

    assert not app.exception
    assert not app.error
    if file != "metrics.json":
        [warning] = app.warning
        assert "is not shown" in warning.value and "damaged" in warning.value
    assert [each.label for each in app.expander][-1] == "What am I looking at?"


@pytest.mark.parametrize("kind", ["seeds", "sweep"])
@pytest.mark.parametrize("damaged", [[TINY.key], [TINY.key, DEEP.key]], ids=["one", "all"])
def test_a_series_shows_its_damaged_runs(
    store: RunStore, app: AppTest, kind: str, damaged: list[str]
) -> None:
    """A series of runs is a card though runs of it are damaged, and opens with a card for each."""
    for key in (TINY.key, DEEP.key):
        store.join(key, Membership(kind, "digits-conv-d2-12-abcdef"))
    for key in damaged:
        (store.folder / key / "config.json").write_bytes(GARBAGE)
    visit(app, "home.py", open=f"{kind}:digits-conv-d2-12-abcdef")

    assert not app.exception
    assert not app.error
    for key in damaged:
        assert app.button(key=f"delete_{key}_part")
    assert "2 runs" in words(app)


def test_compare_names_a_run_whose_config_is_damaged(store: RunStore, app: AppTest) -> None:
    """Below the heading stands which runs are missing from the table."""
    (store.folder / DEEP.key / "config.json").write_bytes(GARBAGE)
    visit(app, "compare.py")

    assert not app.exception
    assert DEEP.key in words(app).replace("\\", "")


def test_a_curve_that_cannot_be_read_any_more_is_left_out(store: RunStore, app: AppTest) -> None:
    """Another run's curve was chosen on Train, then its history is damaged: the page goes on."""
    visit(app, "train.py", run=TINY.key)
    app.multiselect(key="overlay").set_value([DEEP.key]).run()
    assert not app.exception
    (store.folder / DEEP.key / "history.jsonl").write_bytes(GARBAGE)
    app.run()

    assert not app.exception
    assert not app.error
