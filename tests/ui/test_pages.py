"""Every page, run by Streamlit's own test harness, over an empty store, a full one, a damaged
one.
"""

from pathlib import Path
from shutil import copytree

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.runs import RunStore, Task
from tests.support.configs import DEEP, TINY
from tests.support.pages import OF_A_RUN, PAGES, visit, words
from tests.support.places import ROOT

OLD = ROOT / "tests" / "runs" / "format_1" / "digits-mlp-d2-2e2b5ff2"

DAMAGED_FILES = [
    *("config.json", "state.json", "dataset.json", "metrics.json", "history.jsonl"),
    *("evaluation.npz", "pca.npz", "weights.safetensors", "snapshots/0002.npz"),
]

WITHOUT = {  # file -> pages that do not need it
    "weights.safetensors": ["latent_space.py"],  # its map shows kept latents
    "metrics.json": ["decode.py", "inspect.py", "interpolate.py", "latent_space.py"],
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_an_empty_store_says_what_to_do(app: AppTest, page: str) -> None:
    """Without runs every page opens without an exception and leads to a training."""
    visit(app, page)
    links = [each.proto.page for each in app.get("page_link")]
    starting = {"train.py": "train", "labs.py": "open_E1", "compare.py": "train_several"}

    assert not app.exception
    assert "train" in links or starting.get(page) in [button.key for button in app.button]


@pytest.mark.slow
@pytest.mark.parametrize("page", OF_A_RUN)
@pytest.mark.parametrize("config", [TINY, DEEP], ids=["conv2", "variational5"])
def test_a_page_shows_the_run_in_its_address(
    store: RunStore, app: AppTest, page: str, config
) -> None:
    """The run named in the address is shown, and stays in the address."""
    visit(app, page, run=config.key)

    assert not app.exception
    assert not app.error
    assert app.query_params["run"] == config.key
    assert app.session_state["run"] == config.key


@pytest.mark.parametrize("page", OF_A_RUN)
def test_a_run_of_an_earlier_version_is_shown_as_read_only(
    app: AppTest, tmp_path: Path, page: str
) -> None:
    """Every page opens it, and says below its title that nothing can be added to it."""
    copytree(OLD, tmp_path / "models" / OLD.name)
    visit(app, page, run=OLD.name)

    assert not app.exception
    assert app.caption[0].value.endswith("made by an earlier version: read-only")


def test_what_a_read_only_run_lacks_leads_to_training_it_again(
    app: AppTest, tmp_path: Path
) -> None:
    """Instead of a projection that would have to be computed there is a link to a form that holds
    the run's options; nothing is written.
    """
    folder = tmp_path / "models" / OLD.name
    copytree(OLD, folder)
    before = sorted(folder.rglob("*"))
    visit(app, "latent_space.py", run=OLD.name, method="UMAP")

    assert not app.exception
    assert "An earlier version of Latent Lab made this run" in words(app)
    [link] = [each.proto for each in app.get("page_link") if each.proto.page == "train"]
    assert link.query_string == f"like={OLD.name}"
    assert sorted(folder.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.parametrize("page", OF_A_RUN)
def test_images_and_seed_of_a_run_are_said_once(store: RunStore, app: AppTest, page: str) -> None:
    """A page says below its title how many test images it shows and the run's seed, and nowhere
    else.
    """
    visit(app, page, run=TINY.key)
    captions = [each.value for each in app.caption]

    assert captions[0] == f"All 360 test images · training seed {TINY.seed}"
    assert not [each for each in captions[1:] if "360 test images" in each and "seed" in each]
    assert not [each for each in captions[1:] if "latent_dim" in each or "training seed" in each]


@pytest.mark.slow
def test_the_chosen_run_follows_the_visitor(store: RunStore, app: AppTest) -> None:
    """A run that was chosen on one page is the one that the next page shows."""
    older = store.keys()[-1]
    visit(app, "interpolate.py", run=older)
    del app.query_params["run"]
    visit(app, "reconstruct.py")

    assert app.query_params["run"] == older


@pytest.mark.parametrize("page", OF_A_RUN)
@pytest.mark.parametrize(
    "key",
    ["../../etc/passwd", "no-such-run", "C:\\x", "%2e%2e", "a" * 300, "<b>x</b>", "![x](http://x)"],
)
def test_a_run_that_is_not_there_is_refused_in_words(
    store: RunStore, app: AppTest, page: str, key: str
) -> None:
    """Whatever the address names, the page says that there is no such run and offers others."""
    visit(app, page, run=key)

    assert not app.exception
    assert "There is no run" in app.error[0].value.replace("\\", "")
    assert "![" not in app.error[0].value.replace("\\[", "")


@pytest.mark.slow
@pytest.mark.parametrize("page", OF_A_RUN)
@pytest.mark.parametrize(
    "name", ["evaluation.npz", "weights.safetensors", "config.json", "metrics.json", "state.json"]
)
def test_a_damaged_run_is_said_to_be_damaged(
    store: RunStore, app: AppTest, page: str, name: str
) -> None:
    """Half a file, whichever: a sentence or a page that does not need it, never an exception."""
    path = store.folder / TINY.key / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    st.cache_resource.clear()  # the front page has read it
    visit(app, page, run=TINY.key)

    assert not app.exception
    needed = page not in WITHOUT.get(name, ())
    assert bool(app.error) == needed
    if needed:
        assert "damaged" in app.error[0].value


@pytest.mark.slow
@pytest.mark.parametrize("page", [*OF_A_RUN, "train.py", "compare.py", "home.py"])
@pytest.mark.parametrize("file", DAMAGED_FILES)
def test_a_damaged_run_leaves_the_others_alone(
    store: RunStore, app: AppTest, page: str, file: str
) -> None:
    """Whichever file of one run is garbage, every page shows another run as ever."""
    (store.folder / DEEP.key / file).write_bytes(b"garbage\n")
    visit(app, page, run=TINY.key)

    assert not app.exception
    assert not app.error
    assert DEEP.key not in "".join(each.value for each in app.warning)


def test_the_gallery_shows_good_and_damaged_runs_alike(store: RunStore, app: AppTest) -> None:
    """A damaged run is one card among the others, and can be deleted there."""
    (store.folder / TINY.key / "config.json").write_text("{")
    visit(app, "home.py")

    assert not app.exception
    assert TINY.key in words(app).replace("\\", "")
    assert "test MSE" in words(app)
    app.button(key=f"delete_{TINY.key}").click().run()
    assert store.keys() == [DEEP.key]


def test_a_damaged_run_is_not_the_one_to_touch(store: RunStore, app: AppTest) -> None:
    """Where the best run is damaged the front page has the next one to touch, and every card."""
    (store.folder / TINY.key / "evaluation.npz").write_bytes(b"no arrays")
    st.cache_resource.clear()  # the front page has read it
    st.cache_data.clear()
    visit(app, "home.py")

    assert not app.exception and not app.error
    assert f"live-pad-{DEEP.key}" in str(app.main)
    assert app.button(key=f"details_{TINY.key}") and app.button(key=f"details_{DEEP.key}")


def test_a_deleted_run_is_missed_in_words(store: RunStore, app: AppTest) -> None:
    """A run that vanishes while it is looked at: the next click says so."""
    visit(app, "interpolate.py", run=DEEP.key)
    store.delete(DEEP.key)
    app.run()

    assert not app.exception
    assert "There is no run" in app.error[0].value


def test_the_form_refuses_in_its_own_words(app: AppTest) -> None:
    """A value out of range is refused beside the form, which keeps it, and Train cannot be
    pressed.
    """
    visit(app, "train.py")
    app.number_input(key="train_latent_dim").set_value(7)
    app.text_input(key="train_hidden").set_value("64, wide").run()

    assert not app.exception
    assert "Widths of dense layers must be a whole number" in app.warning[0].value
    assert app.button(key="train").disabled
    assert app.number_input(key="train_latent_dim").value == 7


def test_a_preset_fills_the_form(app: AppTest) -> None:
    """Choosing a preset or a data set puts their values into the fields; the bottleneck that was
    chosen stays.
    """
    visit(app, "train.py")
    app.number_input(key="train_latent_dim").set_value(5).run()
    app.selectbox(key="preset").set_value("pca").run()

    assert app.selectbox(key="train_network").value == "linear"
    assert app.number_input(key="train_latent_dim").value == 5
    assert "--preset" not in app.code[0].value
    assert "--network linear --latent-dim 5" in app.code[0].value


def test_a_preset_with_an_objective_brings_it_and_takes_it_away(app: AppTest) -> None:
    """Choosing one sets the objective, another one afterwards sets it back; an objective chosen by
    hand stays.
    """
    visit(app, "train.py")
    app.selectbox(key="preset").set_value("classes").run()
    assert app.selectbox(key="train_objective").value == "denoising"
    assert "--noise warp" in app.code[0].value

    app.selectbox(key="preset").set_value("balanced").run()
    assert app.selectbox(key="train_objective").value == "plain"

    app.selectbox(key="train_objective").set_value("variational").run()
    app.selectbox(key="preset").set_value("small").run()
    assert app.selectbox(key="train_objective").value == "variational"


@pytest.mark.parametrize("network", ["linear", "mlp", "conv"])
@pytest.mark.parametrize("objective", ["plain", "denoising", "variational"])
@pytest.mark.parametrize("preset", ["balanced", "simple"])
def test_the_form_never_offers_what_it_refuses(
    app: AppTest, network: str, objective: str, preset: str
) -> None:
    """Whatever is picked from the lists, the form describes a run, or says which field stands
    against it.
    """
    visit(app, "train.py")
    app.selectbox(key="preset").set_value(preset).run()
    app.selectbox(key="train_network").set_value(network).run()
    app.selectbox(key="train_objective").set_value(objective).run()

    assert not app.exception
    contradiction = (
        preset == "simple" and objective == "variational"
    )  # ReLU latents have no normal posterior
    assert app.button(key="train").disabled == contradiction
    assert bool(app.warning) == contradiction


def test_a_finished_run_can_be_watched_again(store: RunStore, app: AppTest) -> None:
    """The train page with a run in its address shows that run's training as it went."""
    visit(app, "train.py", run=DEEP.key)

    assert not app.exception
    assert "Test MSE" in words(app)
    assert "KL" in words(app)


def test_an_interrupted_run_can_go_on(store: RunStore, app: AppTest) -> None:
    """A run whose process was killed is said to be interrupted, with a button that goes on."""
    Task(store.folder / TINY.key).update(state="running")
    visit(app, "train.py", run=TINY.key)

    assert "Interrupted" in words(app)
    assert app.button(key="resume").label == "Try again"


@pytest.mark.slow
def test_the_same_link_gives_the_same_pair(store: RunStore, app: AppTest) -> None:
    """The images and the number of frames of an interpolation are in the address."""
    visit(app, "interpolate.py", run=TINY.key, images="3,9", frames="5")

    assert not app.warning
    assert app.session_state["interpolation"].images == (3, 9)
    assert app.session_state["interpolation"].frames == 5
