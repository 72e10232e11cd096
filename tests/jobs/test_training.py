"""What a training keeps of its images and of its units, and with which images it goes on."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from autoencoder.analysis import inspection
from autoencoder.config.presets import preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data.dataset import Dataset, Split, fingerprint
from autoencoder.jobs import Queue
from autoencoder.jobs.training import train_run
from autoencoder.networks import inference
from autoencoder.networks.blueprint import blueprint_of, units_by_layer
from autoencoder.networks.modules import build
from autoencoder.runs import Run, RunStore
from autoencoder.training.loop import Training
from tests.support.configs import SOME, TINY
from tests.support.queues import SAME, claimed, here, stop_at


def test_a_run_keeps_what_its_images_are(store: RunStore, digits: Dataset) -> None:
    """dataset.json names the data set, its shape, classes and counts, and tells it from others."""
    dataset = store.get(TINY.key).dataset

    assert dataset is not None
    assert (dataset.name, dataset.title, dataset.shape) == ("digits", "Digits", (1, 8, 8))
    assert (dataset.train, dataset.test) == (1_437, 360)
    assert dataset.class_names == list("0123456789")
    assert dataset.fingerprint == fingerprint(digits)


def test_dead_units_are_counted_after_every_epoch_and_at_the_end(store: RunStore) -> None:
    """The history and metrics.json say how many units of each layer are dead, which is what the
    kept network does on the kept test images.
    """
    run = store.get(TINY.key)
    layers = units_by_layer(blueprint_of(run.config)).keys()
    network = inference.rebuild(run.config, run.weights())

    assert [progress.dead_units.keys() for progress in run.history] == [layers, layers]
    assert run.metrics["dead_units"] == inspection.dead_units(network, run.evaluation().images)


@pytest.mark.slow
def test_hidden_units_of_a_dense_network_live(digits: Dataset) -> None:
    """Of 1,024 ReLU units that a preset trains, fewer than one in twenty never answers: without
    batch norm a third of them do not.
    """
    wide = {"network": "mlp", "hidden": (1024,), "activation": "relu", "epochs": 20}
    dead = {}
    for batch_norm in (True, False):
        values = preset_values("balanced", "digits", **wide, batch_norm=batch_norm)
        config = RunConfig(**values)
        training = Training(build(config), config, digits.train.images, digits.test.images)
        for _ in training.run():
            pass
        dead[batch_norm] = inspection.dead_units(training.network, digits.test.images)

    assert max(dead[True].values()) < 0.05 * 1024
    assert dead[False]["Encoder 1"] > 0.3 * 1024


def stopped_early(queue: Queue) -> Run:
    """The run of SOME, stopped in one of its first epochs."""
    queue.store.claim(SOME, "stopped")
    return train_run(queue, SOME.key, **SAME, on_progress=lambda progress: queue.stop(SOME.key))


def test_a_training_goes_on_only_with_the_same_images(
    queue: Queue, data_folder: Path, tmp_path: Path, digits: Dataset
) -> None:
    """Where the data set has become another one, even by one pixel, going on is refused in words,
    and what was trained is kept.
    """
    run = stopped_early(queue)
    assert run.state == "stopped" and run.has_checkpoint
    shutil.copytree(data_folder, tmp_path / "data")
    path = tmp_path / "data" / "digits.npz"
    with np.load(path) as file:
        arrays = dict(file)
    arrays["train_images"][0, 0, 0, 0] += 1
    np.savez(path, **arrays)

    elsewhere = Queue(Settings(models=queue.settings.models, data=tmp_path / "data"))
    run = train_run(elsewhere, SOME.key, **SAME)

    assert run.state == "failed"
    assert run.record.error.startswith("the images of digits have changed since this run")
    assert run.has_checkpoint
    assert run.dataset is not None
    assert run.dataset.fingerprint == fingerprint(digits)


def test_a_fingerprint_tells_images_labels_and_splits(digits: Dataset) -> None:
    """One other pixel, one other label, or train and test exchanged give another fingerprint; the
    same arrays give the same.
    """
    train, test = digits.train, digits.test
    pixels, labels = train.images.copy(), test.labels.copy()
    pixels[5, 0, 3, 3] += 1
    labels[0] += 1
    others = [
        replace(digits, train=Split(pixels, train.labels)),
        replace(digits, test=Split(test.images, labels)),
        Dataset(test, train),
    ]

    same = Dataset(Split(train.images.copy(), train.labels.astype(np.int32)), test)
    assert fingerprint(same) == fingerprint(digits)
    assert len({fingerprint(each) for each in [digits, *others]}) == 4


def test_a_training_finds_the_neighbours_it_needs(queue: Queue) -> None:
    """With the objective "neighbours" it says so, keeps the graphs in the data folder, charts that
    part of the loss, and goes on from a checkpoint to the same end.
    """
    config = replace(TINY, objective="neighbours", neighbours=5)
    whole = Queue(replace(queue.settings, models=queue.settings.models / "whole"))
    words: list[str] = []
    claimed(whole, config)
    expected = here(whole, config, notify=lambda text, share: words.append(text))
    claimed(queue, config)
    assert here(queue, config, on_progress=stop_at(1)).state == "stopped"
    run = here(queue, config)

    assert expected.state == run.state == "finished", run.record.error
    assert "finding each image's nearest neighbours" in words
    assert all(p.train["neighbours"] > 0 and p.test["neighbours"] > 0 for p in run.history)
    assert run.record.weights_sha256 == expected.record.weights_sha256


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="this machine has such a device")
def test_a_device_that_is_not_there_is_refused(queue: Queue) -> None:
    """A training on a device that the machine lacks fails with a sentence that names it."""
    claimed(queue, TINY)
    run = train_run(queue, TINY.key, device="mps")

    assert (run.state, run.record.error) == (
        "failed",
        "device must be one that this machine has; it has no mps",
    )
