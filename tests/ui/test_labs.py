"""The page of the labs, by Streamlit's own test harness."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from autoencoder import figures, labs
from autoencoder.config.datasets import DATASETS
from autoencoder.config.run_config import RunConfig
from autoencoder.jobs import Queue
from autoencoder.labs import job
from autoencoder.labs import report as reports
from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import Picture, figure, wall
from autoencoder.runs import TaskState, TimingStore
from autoencoder.runs.state import timestamp
from autoencoder.ui.shared.text import literal
from tests.support.pages import visit, words
from tests.support.reports import REPORT
from tests.support.runs import held
from tests.support.timings import TIMING


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """The models folder of the `app` fixture."""
    return tmp_path / "models"


def _report() -> reports.Report:
    drawn = figures.latent_scatter(np.zeros((3, 2)), np.zeros(3, int), ["0"])
    claims = [
        Claim(f"Claim {n}.", holds, "Measured *so*.") for n, holds in enumerate((True, False, None))
    ]
    pictures = [
        figure("map", "A map", "Points.", drawn),
        wall("wall", "A wall", "Images.", {"": np.zeros((4, 1, 8, 8), np.uint8)}),
    ]
    return replace(REPORT, parts=[reports.Part("A question", claims, [pictures])])


def test_every_lab_has_a_card(app: AppTest) -> None:
    """Without anything done there is one card for each lab, with its question, and nothing is
    claimed.
    """
    visit(app, "labs.py")

    assert not app.exception
    assert all(
        lab.question in words(app) and app.button(key=f"open_{name}")
        for name, lab in labs.LABS.items()
    )
    assert "holds here" not in " ".join(element.value for element in app.caption)


def test_every_data_set_is_offered(app: AppTest) -> None:
    """Whether or not it is there: for one that is not, the page says what the first run
    downloads.
    """
    visit(app, "labs.py")
    choice = app.selectbox(key="dataset")
    assert choice.options == [info.title for info in DATASETS.values()]
    assert "downloads" not in words(app)

    choice.set_value("mnist").run()
    assert "MNIST is not on this machine yet. The first run downloads 11.6 MB" in words(app)


def test_a_data_set_that_is_there_announces_no_download(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once something has prepared it, nothing is fetched."""
    (tmp_path / "mnist.npz").touch()
    monkeypatch.setenv("AUTOENCODER_DATA", str(tmp_path))
    visit(app, "labs.py", dataset="MNIST")

    assert app.selectbox(key="dataset").value == "mnist"
    assert "downloads" not in words(app)


def test_a_card_opens_its_lab(app: AppTest) -> None:
    """The button of a card leads to the lab, which has an address of its own and a button that runs
    it.
    """
    visit(app, "labs.py")
    app.button(key="open_E1").click().run()

    assert not app.exception
    assert app.query_params["lab"] in ("E1", ["E1"])
    assert app.button(key="run_lab").label == "Run"
    app.toggle(key="quick").set_value(True).run()
    assert app.button(key="run_lab").label == "Run quickly"
    app.button(key="all_labs").click().run()
    assert app.button(key="open_E1")


def test_the_page_opens_with_what_was_answered(app: AppTest, models: Path) -> None:
    """Where most reports are of one data set, done quickly, the page begins with these, and a
    report says when, where and by which command it was done.
    """
    for name in ("E1-digits", "E1-mnist-quick", "E2-mnist-quick"):
        reports.write(models, name, replace(_report(), dataset="mnist", quick=True))
    visit(app, "labs.py", lab="E1")

    assert not app.exception
    assert (app.selectbox(key="dataset").value, app.toggle(key="quick").value) == ("mnist", True)
    origin = f"Done on {literal(REPORT.date[:10])} on {literal(REPORT.machine)}"
    assert f"{origin}, by `python -m autoencoder lab E1 --dataset mnist --quick`" in words(app)


def test_a_report_is_shown_claims_first(app: AppTest, models: Path) -> None:
    """Each claim has its verdict in words, each picture is drawn, and a deleted run is said to be
    deleted.
    """
    reports.write(models, "E1-digits", _report())
    visit(app, "labs.py", lab="E1")

    assert not app.exception
    assert not app.warning
    text = words(app)
    for verdict in labs.VERDICTS.values():
        assert verdict in text
    assert "Claim 1" in text and "this run was deleted" in text
    assert len(app.get("plotly_chart")) == 1


def test_how_long_a_lab_takes_is_said_once_it_is_known(
    app: AppTest, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An opened lab says that its time is measured, and asks for that; when all is known it says
    how long, and so does its card.
    """
    asked: list[RunConfig] = []
    monkeypatch.setattr(
        Queue, "submit_calibration", lambda queue, config, timeout: asked.append(config)
    )
    plan = labs.LABS["E3"].plan(labs.Scale("digits"))
    configs = [config for each in plan.values() for config in each]
    visit(app, "labs.py", lab="E3", dataset="Digits")
    assert "Measuring how long this takes here: 0 of 3 networks" in words(app)
    assert "About" not in words(app)
    assert asked[0] in configs

    for config in configs:
        TimingStore(models).put(config, TIMING)
    app.run()
    assert "Measuring" not in words(app)
    assert any(re.search(r"About \d+ minutes on this machine", each.value) for each in app.caption)
    app.button(key="all_labs").click().run()
    about = [each.value for each in app.caption if "About" in each.value]
    assert len(about) == 1 and labs.LABS["E3"].trains in about[0]


def test_a_lab_whose_time_cannot_be_measured_says_so(app: AppTest, models: Path) -> None:
    """After a calibration that failed, nothing is promised."""
    timings = TimingStore(models)
    for configs in labs.LABS["E3"].plan(labs.Scale("digits")).values():
        timings.ask(configs[0]).write(TaskState("failed"))
    visit(app, "labs.py", lab="E3", dataset="Digits")

    assert not app.exception
    assert "could not be measured here" in words(app)


def test_figures_far_below_are_drawn_when_they_come_into_view(app: AppTest, models: Path) -> None:
    """The figures of the first row are drawn at once; each other one once the visitor is near its
    place, which has its title and its caption from the start.
    """
    drawn = figures.latent_scatter(np.zeros((3, 2)), np.zeros(3, int), ["0"])
    maps = [figure(f"map{n}", f"Map {n}", "Points.", drawn) for n in range(4)]
    parts = [reports.Part("One", [], [maps[:2], maps[2:3]]), reports.Part("Two", [], [maps[3:]])]
    reports.write(models, "E1-digits", replace(_report(), parts=parts))
    visit(app, "labs.py", lab="E1")
    assert not app.exception
    assert len(app.get("plotly_chart")) == 2
    assert all(f"Map {n}" in words(app) for n in range(4))

    app.session_state["E1-digits_map3.json_place_seen"] = True
    app.run()
    assert len(app.get("plotly_chart")) == 3


@pytest.mark.parametrize("name", ["E9", "../x", "<b>", "a" * 300])
def test_a_lab_that_is_not_there_is_missed_in_words(app: AppTest, name: str) -> None:
    """Whatever lab the address names, the page says that there is none and shows those there
    are.
    """
    visit(app, "labs.py", lab=name)

    assert not app.exception
    assert "There is no lab" in words(app)
    assert app.button(key="open_E1")


@pytest.mark.parametrize("damage", ["report.json", "map.json", "wall.png"])
def test_a_damaged_report_is_said_to_be_damaged(app: AppTest, models: Path, damage: str) -> None:
    """Half a file, whichever: a sentence, never an exception, and the lab can be run again."""
    folder = reports.write(models, "E1-digits", _report())
    content = (folder / damage).read_bytes()
    (folder / damage).write_bytes(content[: len(content) // 2])
    visit(app, "labs.py", lab="E1")

    assert not app.exception
    assert len(app.error) + len(app.warning) == 1
    assert app.button(key="run_lab")


def test_a_lab_under_way_shows_its_progress_and_can_be_cancelled(
    app: AppTest, models: Path
) -> None:
    """While a process holds the task, the page shows what it does and asks it to stop on request;
    after that it says so.
    """
    task = job.task_of(models, labs.LABS["E1"], labs.Scale("digits"))
    task.folder.mkdir(parents=True)
    lock = task.lock()
    assert lock.acquire()
    task.write(TaskState("running", step="training 3 of 18", share=0.25, started=timestamp()))
    visit(app, "labs.py", lab="E1", dataset="Digits")
    assert not app.exception
    app.button(key="cancel_lab").click().run()
    assert task.stop_file.exists()

    task.update(state="stopped")
    lock.release()
    visit(app, "labs.py", lab="E1", dataset="Digits")
    assert "cancelled" in words(app)
    assert app.button(key="run_lab")


def test_a_waiting_lab_is_shown_as_waiting(app: AppTest, models: Path) -> None:
    """Behind another lab it waits, on its card and when it is opened, and can be taken out of the
    queue.
    """
    other, task = (
        job.task_of(models, labs.LABS[name], labs.Scale("digits")) for name in ("E2", "E1")
    )
    task.folder.mkdir(parents=True)
    task.write(TaskState("queued"))
    other.write(TaskState("running"))
    with held(other):
        visit(app, "labs.py", dataset="Digits")
        assert "waiting" in [caption.value for caption in app.caption]
        visit(app, "labs.py", lab="E1", dataset="Digits")
        assert not app.exception
        assert "Waiting for another lab to end" in app.status[0].label
        app.button(key="cancel_lab").click().run()

    assert task.now() == "stopped"
    assert app.button(key="run_lab")


def test_a_failed_lab_says_why(app: AppTest, models: Path) -> None:
    """The reason of a failure is shown literally, and the lab can be run again."""
    task = job.task_of(models, labs.LABS["E1"], labs.Scale("digits"))
    task.folder.mkdir(parents=True)
    task.write(TaskState("failed", error="there was *no* data"))
    visit(app, "labs.py", lab="E1", dataset="Digits")

    assert r"there was \*no\* data" in app.warning[0].value
    assert app.button(key="run_lab")


def test_a_picture_may_be_named_by_nothing_else(models: Path) -> None:
    """A picture that is a link to elsewhere is not read."""
    picture = Picture("a.png", "A", "B", b"x")
    report = replace(REPORT, parts=[reports.Part("A question", [], [[picture]])])
    folder = reports.write(models, "E1-digits", report)
    (folder / "a.png").unlink()
    (folder / "a.png").symlink_to("/etc/hostname")

    with pytest.raises(reports.LabError, match="cannot be read"):
        labs.content(models, "E1-digits", picture)
