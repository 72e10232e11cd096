"""Every page on runs of added data sets: with and without classes, many, few, of other sizes."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from autoencoder.config.datasets import ImageShape
from autoencoder.config.settings import Settings
from autoencoder.data.added import remove
from autoencoder.jobs import Queue
from tests.support.added_datasets import SETS, STRANGE, config_of, draw, train_on_all
from tests.support.pages import OF_A_RUN, fresh_visit, no_jobs, words
from tests.support.queues import claimed, here

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder with data and models, and the key of each set's run."""
    folder = tmp_path_factory.mktemp("any")
    return folder, train_on_all(folder)


@pytest.fixture
def key_of(folders: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The keys of the runs, over whose folders the dashboard runs."""
    folder, keys = folders
    monkeypatch.setenv("AUTOENCODER_MODELS", str(folder / "models"))
    monkeypatch.setenv("AUTOENCODER_DATA", str(folder / "data"))
    return keys


def opened(page: str, key: str, **query: str) -> AppTest:
    """A page at an address, on which nothing has gone wrong."""
    with no_jobs():
        app = fresh_visit(page, key, **query)
    assert not app.exception
    assert not app.error
    return app


@pytest.mark.parametrize("page", OF_A_RUN)
@pytest.mark.parametrize("name", SETS)
def test_every_page_of_a_run_opens(key_of: dict[str, str], name: str, page: str) -> None:
    """Whatever the size of the images and the number of classes, no page fails."""
    assert opened(page, key_of[name]).query_params["run"] == key_of[name]


@pytest.mark.parametrize("page", ["home.py", "compare.py", "labs.py", "train.py"])
def test_pages_of_all_runs_open(key_of: dict[str, str], page: str) -> None:
    """Runs of every such data set stand beside each other."""
    opened(page, key_of["strange"])


@pytest.mark.parametrize("name", ["unlabelled", "lonely"])
def test_what_needs_two_classes_is_left_out_in_words(key_of: dict[str, str], name: str) -> None:
    """Without two classes there are no bars, table or colours of classes, and pages say why."""
    errors = words(opened("reconstruct.py", key_of[name]))
    app = opened("latent_space.py", key_of[name])

    assert "no bars by class" in errors and "Class **" not in errors
    assert "do not have two classes" in words(app)
    assert app.selectbox(key="colour").options[0] == "Reconstruction error"
    assert "Class" not in app.selectbox(key="colour").options


def test_maps_without_classes_are_coloured_by_cluster(key_of: dict[str, str]) -> None:
    """Once measured, clusters by k-means and density are among the colours."""
    app = opened("latent_space.py", key_of["unlabelled"], colour="k-means")

    assert app.selectbox(key="colour").options == [
        "Reconstruction error",
        "Local density",
        "k-means",
    ]


def test_too_few_test_images_are_said_in_words(key_of: dict[str, str]) -> None:
    """Clusters and UMAP of a few test images are refused in a sentence, not by a failing job."""
    said = words(opened("latent_space.py", key_of["large"], method="UMAP"))

    assert "at least 50 test images" in words(opened("latent_space.py", key_of["large"]))
    assert "UMAP needs at least" in words(
        opened("latent_space.py", key_of["lonely"], method="UMAP")
    )
    assert "Traceback" not in said


def test_names_of_classes_are_printed_literally(key_of: dict[str, str]) -> None:
    """A class's name with Markdown and HTML in it is shown as it is."""
    app = opened("reconstruct.py", key_of["strange"], order="By class", of_class=STRANGE[0])
    [about] = [each.value for each in app.markdown if each.value.startswith("Class **")]

    assert "](http" not in about and "<b>" not in about.replace("\\<b", "")


def test_lists_show_added_data_sets_by_their_titles(key_of: dict[str, str]) -> None:
    """Labs and series can be chosen for them; the filters of runs know them."""
    labs = opened("labs.py", key_of["two"])

    assert "Unlabelled" in labs.selectbox(key="dataset").options
    assert "Thousand" in opened("home.py", key_of["two"]).multiselect(key="datasets").options
    assert "Strange" in opened("compare.py", key_of["two"]).selectbox(key="data").options


def test_a_lab_says_why_it_cannot_be_done(key_of: dict[str, str]) -> None:
    """With few test images there is a sentence instead of the button."""
    app = opened("labs.py", key_of["two"], lab="E1", dataset="Large")

    assert "A lab needs at least 50 test images; Large has 5." in words(app)
    assert "run_lab" not in [button.key for button in app.button]


def test_a_run_stays_readable_without_its_images(
    key_of: dict[str, str], folders: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """Where the data set is gone, the pages of its runs open as before; to train it again, its
    images are missed by name.
    """
    info = draw(folders[0] / "data", "gone", ImageShape(1, 8, 8), [4, 4], [2, 2], ["a", "b"])
    queue = Queue(Settings(models=folders[0] / "models", data=folders[0] / "data"))
    config = config_of("gone", info)
    claimed(queue, config)
    here(queue, config)
    remove("gone", queue.settings.data)

    for page in ("reconstruct.py", "decode.py", "train.py"):
        opened(page, config.key)
    (toast,) = opened("train.py", config.key, like=config.key).toast
    assert "The images of gone are not here any more" in toast.value
    queue.store.delete(config.key)
