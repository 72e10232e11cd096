"""The Python API: training, finding and using runs from a script or a notebook."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autoencoder as ae
from autoencoder.data import loading
from autoencoder.errors import ConfigError, DatasetError, RunError, UnknownRunError
from autoencoder.progress import ignore
from autoencoder.runs import RunStore
from autoencoder.ui.train.code_snippets import python_snippet
from tests.support.configs import DEEP, TINY
from tests.support.image_files import classes, in_folder
from tests.support.in_this_process import decode_in_this_process
from tests.support.places import MODELS, ROOT


def test_a_training_returns_a_run_that_is_found_again(tmp_path: Path, data_folder: Path) -> None:
    """What `train` returns, `list_runs` lists and `load` finds; training it again does nothing."""
    said: list[str] = []
    models, config = str(tmp_path / "models"), replace(TINY, seed=5)

    run = ae.train(config, models, str(data_folder), notify=lambda words, _: said.append(words))

    assert (run.key, run.config) == (config.key, config)
    assert 0 < run.metrics["mse"]["run"] < 1
    assert (
        [each.key for each in ae.list_runs(models)] == [ae.load(run.key, models).key] == [run.key]
    )
    said.clear()
    again = ae.train(config, models, str(data_folder), notify=lambda words, _: said.append(words))
    assert again.metrics == run.metrics
    assert not said


def test_a_run_encodes_decodes_and_reconstructs(trained: Path) -> None:
    """Arrays go in and come out in their shapes; kept latents are those of the network."""
    run = ae.load(DEEP.key, str(trained))
    images = run.images[:7]

    latents = run.encode(images)
    reconstructions = run.reconstruct(images)

    assert latents.shape == (7, 5)
    assert reconstructions.shape == images.shape
    assert 0 <= reconstructions.min() and reconstructions.max() <= 1
    np.testing.assert_array_equal(reconstructions, run.decode(latents))
    np.testing.assert_allclose(latents, run.latents[:7], atol=1e-5)
    assert len(run.labels) == len(run.images) == len(run.latents)


def test_a_training_that_fails_says_why(
    tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason that the run's folder holds is raised as an error."""

    def fail(*args: object) -> None:
        raise DatasetError("the images are gone")

    monkeypatch.setattr(loading, "prepare", fail)

    with pytest.raises(RunError, match=f"{TINY.key} failed: the images are gone"):
        ae.train(TINY, str(tmp_path / "models"), str(data_folder), notify=ignore)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    """An unknown key, an empty folder, a run that was never trained."""
    assert ae.list_runs(str(tmp_path)) == []
    with pytest.raises(UnknownRunError, match="there is no run 'nothing'"):
        ae.load("nothing", str(tmp_path))
    RunStore(tmp_path).claim(TINY, "stopped")
    assert ae.list_runs(str(tmp_path)) == []
    with pytest.raises(RunError, match="no weights before its first epoch"):
        ae.load(TINY.key, str(tmp_path))
    with pytest.raises(ConfigError, match="latent_dim"):
        ae.RunConfig(dataset="digits", latent_dim=0)


def test_the_snippet_on_the_train_page_runs(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is shown, it loads the run and leaves arrays of the shapes that its comments tell."""
    monkeypatch.setenv("AUTOENCODER_MODELS", str(trained))
    names: dict[str, Any] = {}

    exec(python_snippet(RunStore(trained).get(TINY.key)), names)

    assert names["images"].shape == names["reconstructions"].shape == (5, *TINY.shape)
    assert names["latents"].shape == (5, TINY.latent_dim)


def test_torch_is_loaded_only_when_a_network_is_used(trained: Path) -> None:
    """Listing and loading runs, with their numbers and images, takes no torch."""
    code = (
        "import sys, autoencoder as ae\n"
        "runs = ae.list_runs(sys.argv[1])\n"
        "ae.load(runs[0].key, sys.argv[1]).images, runs[0].metrics, ae.RunConfig()\n"
        "print('torch' in sys.modules, len(runs))"
    )
    child = subprocess.run(
        [sys.executable, "-c", code, str(trained)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert child.stdout.split() == ["False", "2"], child.stderr


def test_the_package_has_no_other_names() -> None:
    """A misspelt name is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        ae.trian  # noqa: B018


def test_decoded_pixels_stay_between_0_and_1() -> None:
    """A latent far from all others decodes to a picture, also where the output has no sigmoid."""
    run = ae.load("digits-linear-d2-e6abdccc", models=str(MODELS))
    pixels = run.decode(np.array([[1e3, -1e3], [-1e3, 1e3]]))

    assert run.config.output_activation == "none"
    assert pixels.min() == 0 and pixels.max() == 1


def test_images_are_added_as_a_data_set_and_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`add_dataset` gives the arguments of RunConfig that choose the images; so does
    `dataset_options`, then and later.
    """
    decode_in_this_process(monkeypatch)
    source, data = in_folder(tmp_path / "trees", classes(["oak", "elm"])), str(tmp_path / "data")

    trees = ae.add_dataset(source, "trees", data, title="Trees", notify=ignore, size=(8,))

    assert trees == ae.dataset_options("trees", data)
    config = ae.RunConfig(**trees, network="linear", epochs=1, batch_size=2)
    assert (config.info.title, config.shape, config.info.train) == ("Trees", (3, 8, 8), 6)
    run = ae.train(config, str(tmp_path / "models"), data, notify=ignore)
    assert run.images.shape == (2, 3, 8, 8)
    assert ae.dataset_options("digits", data) == {"dataset": "digits"}
    with pytest.raises(ConfigError, match="size must be"):
        ae.add_dataset(source, "others", data, notify=ignore, size=(4,))
