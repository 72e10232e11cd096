"""Training: what it reports, that it learns, that it repeats and goes on exactly, and how it
fails.
"""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autoencoder.analysis.neighbours import nearest
from autoencoder.config.objectives import OBJECTIVES
from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading
from autoencoder.data.dataset import Dataset
from autoencoder.errors import CorruptRunError, TrainingDivergedError
from autoencoder.networks import inference
from autoencoder.networks.modules import build
from autoencoder.training import loop
from autoencoder.training.loop import Training, train
from autoencoder.training.optimisation import SCHEDULES
from autoencoder.training.progress import Checkpoint, Progress
from autoencoder.validation import decode

SMALL: dict[str, Any] = {
    **{"dataset": "digits", "epochs": 2, "train_size": 97, "batch_size": 32, "hidden": (16,)}
}
MLP = RunConfig(network="mlp", **SMALL)  # three batches an epoch: 32, 32 and 33
CONV = RunConfig(channels=(4, 8), **SMALL)


def training_of(
    config: RunConfig, digits: Dataset, checkpoint: Checkpoint | None = None, **how: Any
) -> Training:
    """A training of the config's images of digits."""
    data = loading.select(config, digits)
    return Training(
        build(config), config, data.train.images, data.test.images, checkpoint=checkpoint, **how
    )


def history_of(config: RunConfig, digits: Dataset, **how: Any) -> list[Progress]:
    """Every Progress of a whole training: on a busy machine there are some within an epoch."""
    return list(training_of(config, digits, **how).run())


def without_clock(progress: Progress) -> Progress:
    """All that must repeat."""
    return replace(progress, seconds=0.0, cpu_seconds=0.0)


def same_arrays(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Whether two sets of arrays are equal to the last bit."""
    return set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)


def copied(checkpoint: Checkpoint) -> Checkpoint:
    """As if it came from a file."""
    return Checkpoint(
        {name: array.copy() for name, array in checkpoint.arrays.items()}, dict(checkpoint.header)
    )


@pytest.fixture
def every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Progress after every batch."""
    monkeypatch.setattr(loop, "REPORT_EVERY", 0.0)


@pytest.mark.parametrize("config", [MLP, CONV], ids=["mlp", "conv"])
def test_an_epoch_is_reported_once_at_its_end(config: RunConfig, digits: Dataset) -> None:
    """A short training yields one Progress per epoch, with all its batches and with test losses."""
    history = history_of(config, digits)

    assert [(p.epoch, p.epochs, p.batch, p.batches, p.epoch_done) for p in history] == [
        (1, 2, 3, 3, True),
        (2, 2, 3, 3, True),
    ]
    assert [p.images for p in history] == [97, 194]
    assert all(p.test for p in history)
    assert history[-1].done == 1


@pytest.mark.usefixtures("every_batch")
def test_progress_grows_steadily(digits: Dataset) -> None:
    """Within an epoch too: steps, images and time only grow, and test losses come with the end of
    an epoch only.
    """
    history = history_of(MLP, digits)

    assert [(p.epoch, p.batch, p.epoch_done) for p in history] == [
        *((1, 1, False), (1, 2, False), (1, 3, True)),
        *((2, 1, False), (2, 2, False), (2, 3, True)),
    ]
    for name in ("done", "images", "seconds", "cpu_seconds"):
        values = [getattr(p, name) for p in history]
        assert values == sorted(values), name
        assert len(set(values)) == len(values) or name == "cpu_seconds", name
    assert all(bool(p.test) == p.epoch_done for p in history)


def test_progress_survives_json(digits: Dataset) -> None:
    """What a training says of itself can be written down and read again."""
    progress = history_of(MLP, digits)[-1]

    assert decode(json.dumps(progress.to_dict(), allow_nan=False), Progress) == progress


@pytest.mark.parametrize(
    ("objective", "names"),
    [
        ("plain", {"total", "reconstruction", "mse"}),
        ("denoising", {"total", "reconstruction", "mse"}),
        ("variational", {"total", "reconstruction", "mse", "kl"}),
    ],
)
def test_losses_are_reported_by_part(objective: str, names: set[str], digits: Dataset) -> None:
    """The same parts for training and test images."""
    [progress] = history_of(replace(MLP, objective=objective, epochs=1), digits)

    assert set(progress.train) == set(progress.test) == names


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_test_error_is_that_of_the_network_without_noise(
    objective: str, digits: Dataset
) -> None:
    """Whatever the objective adds, "mse" is what one measures on the test images afterwards,
    nothing dropped or warped.
    """
    work = training_of(replace(CONV, objective=objective, dropout=0.3, augment=0.2), digits)
    *_, last = work.run()
    images = digits.test.images
    measured = np.square(inference.reconstruct(work.network, images) - images / 255.0).mean()

    assert last.test["mse"] == pytest.approx(measured, rel=1e-5)


def test_augmented_images_are_to_come_back_as_they_are(digits: Dataset) -> None:
    """A network that returns what it sees makes no error on them, though it never sees the same
    image twice; from epoch to epoch they are less far from the images they were made of.
    """
    config = RunConfig(
        dataset="digits",
        network="linear",
        latent_dim=64,
        output_activation="none",
        loss="mse",
        augment=0.4,
        epochs=4,
        train_size=64,
        batch_size=64,
        learning_rate=1e-12,
    )
    network, seen = build(config), []
    for layer in (network.encoder[1], network.decoder[0]):
        nn.init.eye_(layer.weight)
        nn.init.zeros_(layer.bias)
    network.encoder.register_forward_pre_hook(
        lambda _, given: seen.append(given[0]) if network.training else None
    )
    data = loading.select(config, digits)
    progress = list(train(network, config, data.train.images, data.test.images))

    assert progress[-1].train["mse"] == pytest.approx(0, abs=1e-6)
    clean = (torch.from_numpy(data.train.images) / 255).flatten(1)
    away = [torch.cdist(batch.flatten(1), clean).amin(dim=1).mean().item() for batch in seen]
    assert len(seen) == 4
    assert torch.pdist(torch.cat([clean, *(batch.flatten(1) for batch in seen)])).min() > 0.01
    assert away == sorted(away, reverse=True) and away[0] > 2 * away[-1]


def test_training_losses_are_means_over_images(digits: Dataset) -> None:
    """Steps too small to matter give the loss of the untrained network on the training images, each
    counted once.
    """
    config = replace(MLP, epochs=1, learning_rate=1e-12, batch_norm=False)
    images = loading.select(config, digits).train.images
    measured = np.square(inference.reconstruct(build(config), images) - images / 255.0).mean()
    [progress] = history_of(config, digits)

    assert progress.train["mse"] == pytest.approx(measured, rel=1e-5)


def test_test_losses_do_not_depend_on_how_test_images_are_batched(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every test image weighs the same, in a full batch or in what is left."""
    whole = history_of(MLP, digits)[-1].test
    monkeypatch.setattr(loop, "TEST_BATCH", 100)

    assert history_of(MLP, digits)[-1].test == pytest.approx(whole, rel=1e-5)


class Recording(Training):
    """A training that remembers what each step was given and how fast it went."""

    def step(self, indices: Tensor) -> None:
        """One step."""
        super().step(indices)
        self.chunks = [*getattr(self, "chunks", []), self.images[indices]]
        self.rates = [*getattr(self, "rates", []), self.optimizer.param_groups[0]["lr"]]


def recorded(config: RunConfig, images: np.ndarray) -> Recording:
    """A whole training on `images`, recorded."""
    work = Recording(build(config), config, images, images[:10])
    list(work.run())
    return work


@pytest.mark.parametrize("count", [96, 97, 98])
def test_an_epoch_sees_every_image_once(count: int) -> None:
    """In another order every epoch, and never one image by itself."""
    images = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones(
        (1, 8, 8), dtype=np.uint8
    )
    work = recorded(MLP, images)
    epochs = [work.chunks[: work.batches], work.chunks[work.batches :]]
    orders = [torch.cat(chunks)[:, 0, 0, 0].tolist() for chunks in epochs]

    assert [sorted(order) for order in orders] == [list(range(count))] * 2
    assert orders[0] != orders[1]
    assert orders[0] != sorted(orders[0])
    assert min(len(chunk) for chunk in work.chunks) > 1


@pytest.mark.parametrize("name", ["constant", "cosine", "one_cycle"])
def test_steps_follow_the_schedule(name: str, digits: Dataset) -> None:
    """Each step's learning rate is the schedule's at the share of all steps done before it."""
    config = replace(MLP, schedule=name, learning_rate=0.01)
    rates = recorded(config, digits.train.images[:97]).rates

    assert rates == pytest.approx([0.01 * SCHEDULES[name](step / 6) for step in range(6)])


def test_batch_norm_ends_with_the_statistics_of_all_images(digits: Dataset) -> None:
    """After the learning rate has fallen, its running means are those over all training images, to
    a hundredth of their standard deviation.
    """
    config = RunConfig(
        dataset="digits", network="mlp", hidden=(32,), batch_size=32, epochs=12, batch_norm=True
    )
    work = training_of(config, digits)
    list(work.run())
    norm = next(each for each in work.network.modules() if isinstance(each, nn.BatchNorm1d))
    assert norm.running_mean is not None
    running = norm.running_mean.clone()
    norm.reset_running_stats()
    norm.momentum = 1.0
    work.network.train()
    with torch.no_grad():
        work.network(torch.from_numpy(digits.train.images).float() / 255)
    off = (running - norm.running_mean) / norm.running_var.sqrt()

    assert off.square().mean().sqrt() < 0.01


LONGER: dict[str, Any] = {
    "dataset": "digits",
    "epochs": 15,
    "batch_size": 64,
    "latent_dim": 16,
    "learning_rate": 0.01,
}
LEARNERS = {
    "linear": RunConfig(network="linear", **LONGER),
    "mlp": RunConfig(network="mlp", hidden=(64,), **LONGER),
    "conv": RunConfig(channels=(8, 16), hidden=(32,), **LONGER),
    "denoising": RunConfig(network="mlp", hidden=(64,), objective="denoising", **LONGER),
    "variational": RunConfig(
        network="mlp", hidden=(64,), objective="variational", beta=0.1, **LONGER
    ),
}


@pytest.mark.parametrize("name", LEARNERS)
def test_it_learns(name: str, digits: Dataset) -> None:
    """On digits the loss falls, on training and test images, and gets below that of the mean
    image.
    """
    history = [progress for progress in history_of(LEARNERS[name], digits) if progress.epoch_done]
    mean = digits.train.images.mean(axis=0) / 255
    nothing_learned = np.square(digits.test.images / 255 - mean).mean()

    assert history[-1].train["total"] < 0.9 * history[0].train["total"]
    assert history[-1].test["mse"] < min(history[0].test["mse"], 0.7 * nothing_learned)


@pytest.mark.parametrize("name", ["constant", "cosine", "one_cycle"])
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_every_optimiser_and_schedule_trains(optimizer: str, name: str, digits: Dataset) -> None:
    """Each pair lowers the loss, at a learning rate that suits the optimiser."""
    rate = 0.3 if optimizer == "sgd" else 0.003
    history = history_of(
        replace(MLP, optimizer=optimizer, schedule=name, learning_rate=rate, epochs=5), digits
    )

    assert history[-1].train["total"] < history[0].train["total"] - 0.02


@pytest.mark.parametrize("config", [MLP, replace(CONV, objective="denoising")], ids=["mlp", "conv"])
def test_bfloat16_learns_nearly_the_same(config: RunConfig, digits: Dataset) -> None:
    """The other precision is another training, with losses that differ by its rounding."""
    exact, rough = (
        history_of(config, digits, precision=precision)[-1] for precision in ("float32", "bfloat16")
    )

    assert rough.test != exact.test
    assert rough.test == pytest.approx(exact.test, rel=0.05)


@pytest.mark.parametrize(
    "config",
    [CONV, replace(MLP, objective="variational", dropout=0.2)],
    ids=["conv", "variational"],
)
def test_a_training_repeats(config: RunConfig, digits: Dataset) -> None:
    """The same config gives the same losses and weights to the last bit, wherever torch's generator
    was before.
    """
    one, other = training_of(config, digits), training_of(config, digits)
    torch.manual_seed(1)
    first = [without_clock(p) for p in one.run()]
    torch.manual_seed(2)

    assert [without_clock(p) for p in other.run()] == first
    assert same_arrays(one.checkpoint().arrays, other.checkpoint().arrays)


def test_the_seed_changes_the_training(digits: Dataset) -> None:
    """Another seed is another training."""
    one, other = (history_of(replace(MLP, seed=seed), digits) for seed in (0, 1))

    assert one[-1].train != other[-1].train


RESUMED = {
    "plain": replace(MLP, batch_size=32),
    "sgd": replace(MLP, optimizer="sgd"),
    "adam": replace(MLP, optimizer="adam"),
    "dropout": replace(MLP, dropout=0.3),
    "denoising": replace(MLP, objective="denoising"),
    "variational": replace(MLP, objective="variational", kl_warmup=2),
    "neighbours": replace(MLP, objective="neighbours"),
    "augmented": replace(MLP, augment=0.1),
    "linear": RunConfig(dataset="digits", network="linear", epochs=2, train_size=97, batch_size=32),
    **{
        f"conv {name}": replace(CONV, optimizer=name)
        for name in ("adam", "adamw", "sgd", "rmsprop")
    },
    "conv denoising": replace(CONV, objective="denoising", dropout=0.3),
    "conv variational": replace(CONV, objective="variational", kl_warmup=2),
}


@pytest.mark.usefixtures("every_batch")
@pytest.mark.parametrize("config", RESUMED.values(), ids=RESUMED)
def test_a_resumed_training_equals_an_uninterrupted_one(config: RunConfig, digits: Dataset) -> None:
    """From a checkpoint taken after any batch, in the middle or at the end of an epoch, all that
    follows is the same to the last bit: losses, weights, optimiser and random state.
    """
    whole = training_of(config, digits)
    history, checkpoints = [], []
    for progress in whole.run():
        history.append(without_clock(progress))
        checkpoints.append(copied(whole.checkpoint()))

    for done, checkpoint in enumerate(checkpoints, start=1):
        torch.manual_seed(done)  # a process of its own has its generator somewhere else
        resumed = training_of(config, digits, checkpoint=checkpoint)

        assert [without_clock(progress) for progress in resumed.run()] == history[done:]
        assert same_arrays(resumed.checkpoint().arrays, checkpoints[-1].arrays)


@pytest.mark.usefixtures("every_batch")
def test_a_resumed_training_goes_on_counting(digits: Dataset) -> None:
    """Seconds and images are those of all sessions together."""
    first = training_of(MLP, digits)
    with contextlib.closing(first.run()) as stream:
        before = next(stream)
    after = next(training_of(MLP, digits, checkpoint=copied(first.checkpoint())).run())

    assert (before.images, after.images) == (32, 64)
    assert after.seconds > before.seconds > 0


@pytest.mark.usefixtures("every_batch")
@pytest.mark.parametrize("steps", [1, 3, 4])
def test_stopping_early_leaves_a_usable_network(steps: int, digits: Dataset) -> None:
    """Whoever stops asking, in the middle of an epoch or at its end, has a network that encodes and
    decodes.
    """
    network = build(CONV)
    data = loading.select(CONV, digits)
    with contextlib.closing(train(network, CONV, data.train.images, data.test.images)) as stream:
        for _ in range(steps):
            next(stream)
    made = inference.reconstruct(network, digits.test.images[:5])

    assert made.shape == (5, 1, 8, 8)
    assert np.isfinite(made).all()
    assert not np.array_equal(made, inference.reconstruct(build(CONV), digits.test.images[:5]))


@pytest.mark.usefixtures("every_batch")
def test_looking_at_the_network_between_two_batches_changes_nothing(digits: Dataset) -> None:
    """Encoding and decoding while a training waits leave it as it was."""
    work = training_of(CONV, digits)
    looked = []
    for progress in work.run():
        inference.reconstruct(work.network, digits.test.images[:5])
        looked.append(without_clock(progress))

    assert looked == [without_clock(progress) for progress in history_of(CONV, digits)]


@pytest.mark.parametrize("objective", ["denoising", "variational", "neighbours"])
def test_testing_leaves_torchs_generator_where_it_was(objective: str, digits: Dataset) -> None:
    """Noise on test images is drawn aside: the same every time, and the training does not see that
    it happened.
    """
    work = training_of(replace(MLP, objective=objective), digits)
    torch.manual_seed(7)
    before = torch.get_rng_state()
    first = work.evaluate()
    torch.rand(10)
    moved = torch.get_rng_state()

    assert work.evaluate() == first
    assert torch.equal(torch.get_rng_state(), moved)
    assert not torch.equal(moved, before)


@pytest.mark.parametrize("objective", ["denoising", "variational", "neighbours"])
def test_test_images_have_no_influence_on_the_weights(objective: str, digits: Dataset) -> None:
    """However many there are, the same network comes out."""
    config = replace(MLP, objective=objective)
    weights = []
    for count in (10, 300):
        work = Training(build(config), config, digits.train.images[:97], digits.test.images[:count])
        list(work.run())
        weights.append(work.checkpoint().weights)

    assert same_arrays(*weights)


def test_a_diverging_training_says_in_which_epoch(digits: Dataset) -> None:
    """Far too large a learning rate makes the loss infinite: the sentence names the epoch and the
    rate.
    """
    config = RunConfig(
        dataset="digits",
        network="linear",
        output_activation="none",
        loss="mse",
        optimizer="sgd",
        schedule="constant",
        learning_rate=10.0,
        epochs=20,
        train_size=96,
        batch_size=32,
    )
    stream, history = training_of(config, digits).run(), list[Progress]()
    with pytest.raises(
        TrainingDivergedError, match=r"lower the learning rate \(now 10\)$"
    ) as caught:
        for progress in stream:
            history.append(progress)

    assert 0 < len(history) < 20
    assert f"in epoch {len(history) + 1}: " in str(caught.value)
    assert all(
        np.isfinite([*progress.train.values(), *progress.test.values()]).all()
        for progress in history
    )


def _foreign(checkpoint: Checkpoint, **changes: Any) -> Checkpoint:
    return Checkpoint(
        {**checkpoint.arrays, **changes.get("arrays", {})},
        {**checkpoint.header, **changes.get("header", {})},
    )


def _without(checkpoint: Checkpoint, *starts: str) -> Checkpoint:
    return Checkpoint(
        {n: a for n, a in checkpoint.arrays.items() if not n.startswith(starts)}, checkpoint.header
    )


def _of_other(config: RunConfig, digits: Dataset) -> Checkpoint:
    work = training_of(config, digits)
    next(work.run())
    return copied(work.checkpoint())


def test_a_foreign_checkpoint_is_refused(digits: Dataset) -> None:
    """One of another network, with parts missing or with parts nobody knows raises CorruptRunError,
    not torch's errors.
    """
    own = _of_other(MLP, digits)
    floats = np.zeros(3, dtype=np.float32)
    foreign: Sequence[Checkpoint] = [
        _of_other(replace(MLP, hidden=(17,)), digits),
        _of_other(replace(MLP, latent_dim=3), digits),
        _of_other(CONV, digits),
        _without(own, "network."),
        _without(own, "network.decoder"),
        _foreign(own, arrays={"network.encoder.9.weight": floats}),
        _foreign(own, arrays={"surprise": floats}),
        _foreign(own, arrays={"optimizer.first.exp_avg": floats}),
        _foreign(own, header={"position": "no json"}),
        _foreign(own, header={"position": "[]"}),
        _foreign(own, header={"position": '{"surprise": 1}'}),
        Checkpoint(own.arrays, {}),
    ]

    assert training_of(MLP, digits, checkpoint=own).at.epoch == 2
    for checkpoint in foreign:
        with pytest.raises(CorruptRunError, match=r"^the checkpoint does not fit this run: "):
            training_of(MLP, digits, checkpoint=checkpoint)


DAMAGED_CHECKPOINTS: dict[str, dict[str, Any]] = {
    "optimiser state of another shape": {
        "arrays": {"optimizer.0.exp_avg": np.zeros(3, np.float32)}
    },  # read out of bounds!
    "optimiser state of other weights": {
        "arrays": {"optimizer.99.exp_avg": np.zeros(3, np.float32)}
    },
    "short random state": {"arrays": {"random.cpu": np.zeros(3, np.uint8)}},
    "random state of floats": {"arrays": {"random.cpu": np.zeros(5056, np.float32)}},
    **{
        f"{name} {value}": {"position": {name: value}}
        for name, value in (
            *(
                ("epoch", "a"),
                ("epoch", 0),
                ("epoch", 99),
                ("batch", -1),
                ("batch", 99),
                ("batch", 0.5),
            ),
            *(
                ("sums", {"mse": "a"}),
                ("sums", [1]),
                ("sums", None),
                ("seconds", "a"),
                ("images", None),
            ),
        )
    },
}


@pytest.mark.parametrize("change", DAMAGED_CHECKPOINTS.values(), ids=DAMAGED_CHECKPOINTS)
def test_a_damaged_checkpoint_is_refused(change: dict[str, Any], digits: Dataset) -> None:
    """Before the first step: what does not fit would fail later in torch's words, or be walked over
    out of bounds.
    """
    own = _of_other(MLP, digits)
    position = {**json.loads(own.header["position"]), **change.get("position", {})}
    damaged = _foreign(
        own, arrays=change.get("arrays", {}), header={"position": json.dumps(position)}
    )

    with pytest.raises(CorruptRunError, match=r"^the checkpoint does not fit this run: "):
        training_of(MLP, digits, checkpoint=damaged)


def test_a_checkpoint_without_its_optimiser_is_refused(digits: Dataset) -> None:
    """It would go on, but not as the training would have."""
    own = _of_other(MLP, digits)
    for start in ("optimizer.", "random."):
        rest = {name: array for name, array in own.arrays.items() if not name.startswith(start)}
        with pytest.raises(CorruptRunError):
            training_of(MLP, digits, checkpoint=replace(own, arrays=rest))


def test_patience_ends_a_training_that_no_longer_improves(digits: Dataset) -> None:
    """With a learning rate too small to improve on the first epochs' noise, patience ends it early
    and says so.
    """
    config = replace(
        CONV, epochs=200, patience=3, learning_rate=0.5, optimizer="sgd", schedule="constant"
    )
    training = Training(build(config), config, digits.train.images[:97], digits.test.images)
    losses = [progress.test["total"] for progress in training.run() if progress.epoch_done]

    assert len(losses) < 200
    assert min(losses) == losses[-4]
    assert (
        training.outcome == f"stopped after epoch {len(losses)}: 3 epochs without a lower test loss"
    )


def test_keeping_the_best_ends_with_its_weights(digits: Dataset) -> None:
    """The network at the end has the test loss of the best epoch, not of the last; after a resume,
    too.
    """
    config = replace(
        CONV, epochs=3, keep_best=True, learning_rate=0.5, optimizer="sgd", schedule="constant"
    )
    images, tests = digits.train.images[:97], digits.test.images
    training = Training(build(config), config, images, tests)
    stream, losses, checkpoint = training.run(), [], None
    for progress in stream:
        if progress.epoch_done:
            losses.append(progress.test["total"])
            if min(losses) < losses[-1] and checkpoint is None:
                checkpoint = training.checkpoint()
    resumed = Training(build(config), config, images, tests, checkpoint=checkpoint)
    for _ in resumed.run():
        pass

    assert min(losses) < losses[-1], "this config no longer gets worse: choose another"
    for each in (training, resumed):
        assert each.evaluate()["total"] == pytest.approx(min(losses), rel=1e-6)
        assert each.outcome == f"kept the weights of epoch {losses.index(min(losses)) + 1}"


def neighbour_error(latents: np.ndarray, labels: np.ndarray) -> float:
    """The share of images whose nearest other latent is of another class."""
    indices, _ = nearest(latents, 1)
    return float((labels[indices[:, 0]] != labels).mean())


@pytest.mark.slow
def test_neighbours_stay_near(digits: Dataset) -> None:
    """Two latent values of a network that was to keep neighbours, of which it was told, have far
    fewer nearest neighbours of another class than those of one that was not.
    """
    graph = tuple(nearest(each.images / 255.0, 10)[0] for each in (digits.train, digits.test))
    plain = RunConfig(dataset="digits", network="mlp", hidden=(128, 64), epochs=25, batch_size=64)
    errors = []
    for config in (plain, replace(plain, objective="neighbours", neighbour_warp=0.1)):
        work = training_of(config, digits, neighbours=graph)
        list(work.run())
        latents = inference.encode(work.network, digits.test.images)
        errors.append(neighbour_error(latents, digits.test.labels))

    assert errors[1] < 0.75 * errors[0]


def test_the_neighbours_are_those_it_was_given(digits: Dataset) -> None:
    """Beside each image of a batch comes one of its own neighbours, another one in time; beside a
    test image one of the test images.
    """
    config = replace(MLP, objective="neighbours", neighbour_warp=0.0)
    count, tests = len(loading.select(config, digits).train), len(digits.test)
    train = np.stack([(np.arange(count) + shift) % count for shift in (1, 2)], axis=1)
    test = ((np.arange(tests) + 5) % tests)[:, None]
    work = training_of(config, digits, neighbours=(train, test))
    indices = torch.arange(20)
    seen = {
        bool(torch.equal(work._batch(indices, work.images, work._neighbours[:1])[20], image))
        for image in work.images[1:3]
        for _ in range(30)
    }
    assert seen == {True, False}
    pair = work._batch(indices, work.test_images, work._neighbours[1:])
    assert torch.equal(pair[20:], work.test_images[5:25])
