"""Sweeps: which runs they are made of, what they are called, how they are queued and trained."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autoencoder.cli import main as cli
from autoencoder.config.options import RUN_KEY
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError
from autoencoder.jobs import Queue, sweeps
from autoencoder.runs import Membership, RunStore, Task
from autoencoder.runs.series import read_series
from tests.support.configs import TINY
from tests.support.runs import held

# What is swept and in which order


def chosen(configs: Sequence[RunConfig]) -> list[tuple[int, int]]:
    """Bottleneck and seed of each."""
    return [(config.latent_dim, config.seed) for config in configs]


def test_a_sweep_is_every_bottleneck_with_every_seed() -> None:
    """In the order they were named, seeds within bottlenecks, and alike in everything else."""
    configs = sweeps.plan(TINY, [8, 2], [1, 0])

    assert chosen(configs) == [(8, 1), (8, 0), (2, 1), (2, 0)]
    assert {replace(config, latent_dim=2, seed=0) for config in configs} == {TINY}


def test_what_is_named_twice_is_trained_once() -> None:
    """Bottlenecks and seeds that are repeated keep their first place."""
    assert chosen(sweeps.plan(TINY, [4, 2, 4], [0, 0])) == [(4, 0), (2, 0)]


def test_without_seeds_the_configs_own_is_used() -> None:
    """A sweep over bottlenecks alone leaves the seed as it is."""
    assert chosen(sweeps.plan(replace(TINY, seed=7), [2, 3])) == [(2, 7), (3, 7)]


NEAR = replace(TINY, objective="neighbours")


def test_a_series_of_weights_begins_without_the_objective() -> None:
    """Each weight once, in the order they were named; weight 0 is the plain network; a series has
    one name, and each run its part in it.
    """
    configs = sweeps.plan_weights(NEAR, [0.0, 30.0, 300.0, 30.0])

    assert configs == [TINY, replace(NEAR, neighbour_weight=30.0), NEAR]
    assert re.fullmatch(r"digits-conv-d2-3weights-[0-9a-f]{6}", sweeps.name_of(configs))
    roles = [sweeps.membership(config, "sweep", "name", True).role for config in configs]
    assert roles == ["d = 2, seed 0", "d = 2, weight 30, seed 0", "d = 2, weight 300, seed 0"]


@pytest.mark.parametrize(
    ("weights", "complaint"),
    [([], "from 1 to 50 runs"), ([-1.0], "neighbour_weight"), ([float("nan")], "neighbour_weight")],
)
def test_a_refused_weight_refuses_the_series(weights: list[float], complaint: str) -> None:
    """None at all, or one out of range."""
    with pytest.raises(ConfigError, match=complaint):
        sweeps.plan_weights(NEAR, weights)


def test_a_sweep_may_have_fifty_runs() -> None:
    """Fifty are planned; one more is refused, and so is none, in one sentence."""
    assert len(sweeps.plan(TINY, range(1, 26), [0, 1])) == 50

    for dims, seeds, count in (
        (range(1, 52), [], 51),
        (range(1, 18), [0, 1, 2], 51),
        ([], [], 0),
        ([], [1], 0),
    ):
        with pytest.raises(
            ConfigError, match=f"^a sweep must have from 1 to 50 runs; got {count}$"
        ):
            sweeps.plan(TINY, dims, seeds)


@pytest.mark.parametrize(
    ("dims", "seeds", "option"),
    [([2, 0], [], "latent_dim"), ([2], [0, -1], "seed"), ([9_999], [], "latent_dim")],
)
def test_a_refused_value_refuses_the_sweep(dims: list[int], seeds: list[int], option: str) -> None:
    """One bottleneck or seed out of range is named as the config names it."""
    with pytest.raises(ConfigError, match=f"^{option} must be a whole number"):
        sweeps.plan(TINY, dims, seeds)


# Names


@pytest.mark.parametrize(
    ("config", "dims", "seeds", "name"),
    [
        (RunConfig(dataset="digits"), [2, 4, 8], [], "digits-conv-d2-4-8-a4c610"),
        (RunConfig(dataset="digits"), [8, 2], [5], "digits-conv-d8-2-5b35b2"),
        (
            RunConfig(dataset="digits", network="linear"),
            [2],
            [0, 1, 2],
            "digits-linear-d2-3seeds-d3fa48",
        ),
        (
            RunConfig(dataset="fashion_mnist", network="mlp", objective="variational"),
            [2, 16],
            [0, 1],
            "fashion_mnist-mlp-variational-d2-16-2seeds-89bc16",
        ),
    ],
)
def test_a_sweep_is_called_by_what_it_varies(
    config: RunConfig, dims: list[int], seeds: list[int], name: str
) -> None:
    """Data set, network, an objective worth naming, the bottlenecks, and how many seeds if there
    are several.

    Pinned: a name is a file's, and a sweep asked for again must be found again.
    """
    assert sweeps.name_of(sweeps.plan(config, dims, seeds)) == name


@pytest.mark.parametrize(
    "dims", [[2], range(4_000, 4_050), range(1, 51)], ids=["one", "long", "many"]
)
@pytest.mark.parametrize("objective", ["plain", "denoising", "variational"])
@pytest.mark.parametrize("dataset", ["digits", "fashion_mnist", "cifar10"])
def test_every_name_is_as_plain_as_a_key(dims: Sequence[int], objective: str, dataset: str) -> None:
    """However many bottlenecks there are, the name has the letters and the length of a key."""
    configs = sweeps.plan(RunConfig(dataset=dataset, objective=objective), dims)

    assert RUN_KEY.fullmatch(sweeps.name_of(configs))


# Queueing


def test_every_run_of_a_sweep_is_queued_once(queue: Queue) -> None:
    """Submitted twice while another run trains, the runs wait once each, in the sweep's order, and
    can be cancelled.
    """
    running = replace(TINY, seed=99)
    queue.store.claim(running, "stopped")
    task = Task(queue.store.folder / running.key)
    configs = sweeps.plan(TINY, [4, 2], [0, 1])
    with held(task):
        task.update(state="running")
        sweeps.submit(queue, configs)
        sweeps.submit(queue, configs)

        keys = [config.key for config in configs]
        assert queue.places() == {key: place for place, key in enumerate(keys, start=1)}
        for key in keys:
            queue.stop(key)
        assert queue.places() == {}
    assert {queue.store.get(key).state for key in keys} == {"stopped"}


def test_a_sweep_takes_up_runs_there_are(queue: Queue) -> None:
    """A run that finished before is one of the sweep's and is not trained again."""
    finished = replace(TINY, latent_dim=2)
    queue.store.claim(finished, "finished")
    sweeps.submit(queue, sweeps.plan(TINY, [2]))

    assert queue.store.keys() == [finished.key]
    assert queue.places() == {}
    assert queue.store.get(finished.key).state == "finished"


def test_a_run_knows_its_sweep(queue: Queue) -> None:
    """Each run of a sweep notes its name and the run's part; one that was there before is used by
    it, not made for it.
    """
    before = replace(TINY, latent_dim=2)
    queue.store.claim(before, "finished")
    new = replace(TINY, latent_dim=4)
    queue.store.claim(replace(TINY, seed=9), "running")
    configs = sweeps.plan(TINY, [2, 4])
    with held(Task(queue.store.folder / replace(TINY, seed=9).key)):
        sweeps.submit(queue, configs)
        queue.stop(new.key)

    name = sweeps.name_of(configs)
    assert read_series(queue.store.folder / before.key) == [
        Membership("sweep", name, "d = 2, seed 0", created=False)
    ]
    assert read_series(queue.store.folder / new.key) == [Membership("sweep", name, "d = 4, seed 0")]


def test_seeds_asked_for_later_belong_to_the_same_series() -> None:
    """A series of seeds is called by its config alone, whichever seeds it has."""
    first, later = ([replace(TINY, seed=seed) for seed in seeds] for seeds in ((1, 2), (7,)))

    assert sweeps.series_name(first, "seeds") == sweeps.series_name(later, "seeds") == TINY.key


# The command line


SWEEP = (
    "sweep",
    "--dataset",
    "digits",
    "--network",
    "linear",
    "--latent-dims",
    "2,3",
    "--epochs",
    "1",
    "--train-size",
    "64",
    "--batch-size",
    "32",
)
SAME = ("--threads", "1", "--precision", "float32")
CONFIGS = [
    RunConfig(
        dataset="digits",
        network="linear",
        epochs=1,
        train_size=64,
        batch_size=32,
        latent_dim=latent_dim,
    )
    for latent_dim in (2, 3)
]


@pytest.fixture
def models(tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models folder, named by the environment as is the data folder."""
    monkeypatch.setenv("AUTOENCODER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("AUTOENCODER_DATA", str(data_folder))
    return tmp_path / "models"


def keys_printed(text: str) -> list[str]:
    """The lines that are keys of runs and nothing else."""
    return [line for line in text.splitlines() if line in {config.key for config in CONFIGS}]


def test_the_command_line_trains_a_sweep(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every run is trained and its key printed, exit status 0; a second time nothing is trained and
    the same is printed.
    """
    keys = [config.key for config in CONFIGS]
    assert cli.main([*SWEEP, *SAME]) == 0
    first = capsys.readouterr()
    records = [RunStore(models).get(key).record for key in keys]

    assert keys_printed(first.out) == keys
    assert "sweep digits-linear-d2-3-fc31b9: 2 runs" in first.err
    assert [record.state for record in records] == ["finished"] * 2
    series = [each for key in keys for each in read_series(models / key)]
    assert [each.name for each in series] == ["digits-linear-d2-3-fc31b9"] * 2
    assert all(each.kind == "sweep" and each.created for each in series)

    assert cli.main([*SWEEP, *SAME]) == 0
    assert capsys.readouterr().out.splitlines() == keys
    assert [RunStore(models).get(key).record for key in keys] == records


def test_the_command_line_sweeps_seeds_under_a_name(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--seeds makes the runs and --name is what they are called; finished runs are taken as they
    are.
    """
    wanted = sweeps.plan(CONFIGS[0], [2], [0, 1])
    for config in wanted:
        RunStore(models).claim(config, "finished")
    assert cli.main([*SWEEP, "--latent-dims", "2", "--seeds", "0,1", "--name", "seeds"]) == 0

    printed = capsys.readouterr()
    assert printed.out.splitlines() == [config.key for config in wanted]
    assert "sweep seeds: 2 runs" in printed.err
    assert read_series(models / wanted[1].key) == [
        Membership("sweep", "seeds", "d = 2, seed 1", created=False)
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--latent-dims", "none"), "from 1 to 50 runs; got 0"),
        (("--latent-dims", "2,0"), "latent_dim must be a whole number"),
        (("--epochs", "0"), "epochs must be a whole number"),
    ],
)
def test_the_command_line_refuses_a_sweep_in_words(
    models: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], complaint: str
) -> None:
    """One sentence, exit status 2, and nothing is made."""
    assert cli.main([*SWEEP, *arguments]) == 2
    said = capsys.readouterr()

    assert said.out == ""
    assert complaint in said.err
    assert len(said.err.splitlines()) == 1
    assert not models.exists()


def test_a_sweep_that_has_no_place_is_refused_in_words(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A models folder that cannot be written: one sentence after the name, exit status 2."""
    models.write_text("a file")

    assert cli.main([*SWEEP, *SAME]) == 2
    assert "cannot write to the models folder" in capsys.readouterr().err.splitlines()[1]


def test_a_sweep_that_is_stopped_starts_no_other_run(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends the run being trained and with it the sweep, exit status 130."""
    started = []
    monkeypatch.setattr(
        cli, "train_one", lambda queue, arguments, key: started.append(key) or cli.STOPPED
    )

    assert cli.main([*SWEEP, *SAME]) == 130
    assert started == [CONFIGS[0].key]


@pytest.mark.parametrize(
    ("one", "other"),
    [(((2,), (0, 1)), ((2,), (2, 3))), ((range(100, 130), (0,)), (range(100, 131), (0,)))],
    ids=["seeds", "cut"],
)
def test_different_sweeps_have_different_names(
    one: tuple[Any, Any], other: tuple[Any, Any]
) -> None:
    """Two sweeps of different runs can be told apart."""
    assert sweeps.name_of(sweeps.plan(TINY, *one)) != sweeps.name_of(sweeps.plan(TINY, *other))
