"""The command line: what each command prints, where, and with which exit status."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from autoencoder.analysis.clustering import sentences
from autoencoder.cli.console import evaluation_lines
from autoencoder.cli.main import FAILED, REFUSED, STOPPED, main
from autoencoder.config import presets
from autoencoder.config.metrics import CLUSTERING_METRICS
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import OPTIONS, RunConfig
from autoencoder.data.loading import select
from autoencoder.jobs import Queue
from autoencoder.networks.inference import encode, rebuild
from autoencoder.runs import RunStore, Task
from tests.support.configs import DEEP, SOME, TINY
from tests.support.places import ROOT
from tests.support.queues import claimed
from tests.support.runs import held
from tests.support.waiting import wait_until

SAME = ("--threads", "1", "--precision", "float32")


def flags(config):
    """The flags that make `config`."""
    given = {
        name: getattr(config, name)
        for name, option in OPTIONS.items()
        if getattr(config, name) != option.default
    }
    joined = {
        name: ",".join(map(str, value)) or "none" if isinstance(value, tuple) else value
        for name, value in given.items()
    }
    return [f"--{name.replace('_', '-')}={value}" for name, value in joined.items()]


@pytest.fixture
def models(tmp_path, data_folder, monkeypatch):
    """An empty models folder, named by the environment as is the data folder."""
    monkeypatch.setenv("AUTOENCODER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("AUTOENCODER_DATA", str(data_folder))
    return tmp_path / "models"


@pytest.fixture
def full(models, store):
    """The same with the trained runs in it."""
    assert store.folder == models
    return store


@pytest.fixture
def said(capsys):
    """A function that runs a command and returns its exit status, the lines of its output and those
    of its complaints.
    """

    def say(*arguments):
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as exit:
            status = exit.code
        captured = capsys.readouterr()
        return status, captured.out.splitlines(), captured.err.splitlines()

    return say


# train


def test_train_ends_with_the_key(models, said):
    """A training reports its epochs and what it came to, prints the run's key last, and exits 0."""
    status, lines, complaints = said("train", *flags(TINY), *SAME)

    assert (status, lines[-1], complaints) == (0, TINY.key, [])
    assert [line.split("  ")[0] for line in lines if line.startswith("epoch")] == [
        "epoch 1/2",
        "epoch 2/2",
    ]
    assert f"test MSE {RunStore(models).get(TINY.key).metrics['mse']['run']:.5f} (PCA" in lines[-2]


@pytest.mark.slow
def test_the_module_is_a_program(models, tmp_path):
    """`python -m autoencoder`, started anywhere, uses the folders the environment names; --models
    wins over it.
    """
    command = [sys.executable, "-m", "autoencoder"]
    environment, anywhere = {**os.environ, "PYTHONPATH": str(ROOT)}, tmp_path / "anywhere"
    anywhere.mkdir()
    train = subprocess.run(
        [*command, "train", *flags(TINY), *SAME],
        cwd=anywhere,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (train.returncode, train.stdout.splitlines()[-1], train.stderr) == (0, TINY.key, "")
    assert RunStore(models).get(TINY.key).state == "finished"

    for where, keys in (([], [TINY.key]), (["--models", str(tmp_path / "other")], [])):
        listed = subprocess.run(
            [*command, "runs", "--json", *where],
            cwd=anywhere,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert [row["key"] for row in json.loads(listed.stdout)] == keys


def test_options_arrive_in_the_run(models, said):
    """Every kind of option: names, numbers, fractions, lists, and a switch that is turned off."""
    config = RunConfig(
        dataset="digits",
        network="conv",
        objective="denoising",
        noise="masking",
        noise_level=0.25,
        latent_dim=3,
        channels=(4,),
        hidden=(),
        batch_norm=False,
        epochs=1,
        train_size=64,
        batch_size=32,
        learning_rate=1e-3,
        classes=(1, 7, 8),
        seed=3,
        augment=0.03,
    )
    arguments = [flag for flag in flags(config) if "batch-norm" not in flag]

    assert said("train", *arguments, "--no-batch-norm", *SAME)[0] == 0
    assert RunStore(models).get(config.key).config == config


WRONG = {
    "dataset": "imagenet",
    "network": "<b>",
    "objective": "none",
    "latent_dim": 0,
    "channels": "4,9999",
    "hidden": "0",
    "activation": "cos",
    "dropout": "nan",
    "latent_activation": "tanh",
    "output_activation": "relu",
    "noise": "x",
    "noise_level": 0,
    "neighbour_weight": -1,
    "neighbour_decay": 1.5,
    "neighbours": 0,
    "neighbour_space": "no run",
    "neighbour_warp": 2,
    "beta": -1,
    "kl_warmup": 5,
    "loss": "bce2",
    "optimizer": "lion",
    "learning_rate": "inf",
    "schedule": "x",
    "batch_size": 10**9,
    "patience": -1,
    "epochs": 0,
    "seed": -1,
    "train_size": 10**6,
    "classes": "1,1",
    "augment": 1.1,
}


@pytest.mark.parametrize(
    "name", [name for name in OPTIONS if name != "keep_best"]
)  # which no value makes no sense of
def test_every_option_is_a_flag_and_refuses_in_one_sentence(models, said, name):
    """A value that makes no sense is refused by the option's name on stderr, exit 2, and leaves
    nothing behind.
    """
    flag = f"--{name.replace('_', '-')}"
    arguments = (
        ["--network=linear", "--no-batch-norm"]
        if name == "batch_norm"
        else [f"{flag}={WRONG[name]}"]
    )
    status, lines, complaints = said("train", *arguments)

    assert (status, lines, len(complaints)) == (REFUSED, [], 1)
    assert complaints[0].startswith(f"autoencoder: {name} ")
    assert not models.exists()


@pytest.mark.parametrize(
    "arguments", [["--latent-dim=two"], ["--channels=4,x"], ["--threads=0"], ["--device=tpu"]]
)
def test_what_is_no_value_at_all_is_refused_by_its_flag(models, said, arguments):
    """Exit 2; the last line names the flag and what was given, and no function of ours."""
    status, lines, complaints = said("train", *arguments)
    flag, value = arguments[0].split("=")

    assert (status, lines) == (REFUSED, [])
    assert flag in complaints[-1] and value in complaints[-1]
    assert "_numbers" not in complaints[-1]


def test_a_finished_run_is_not_trained_again(full, said):
    """By --run or by its options: its key, exit 0, and the folder as it was."""
    before = (full.folder / TINY.key / "state.json").read_bytes()

    assert said("train", "--run", TINY.key) == (0, [TINY.key], [])
    assert said("train", *flags(TINY)) == (0, [TINY.key], [])
    assert (full.folder / TINY.key / "state.json").read_bytes() == before


@pytest.mark.slow
def test_a_running_run_is_left_to_its_process(full, said):
    """Training it a second time is refused in words, exit 2."""
    task = Task(full.folder / TINY.key)
    task.update(state="running")
    with held(task):
        status, lines, complaints = said("train", "--run", TINY.key)

    assert (status, lines) == (REFUSED, [])
    assert complaints == [f"autoencoder: another process is already working on {TINY.key}"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--run", "digits-conv-d2-00000000"],
        ["train", "--run", "../../etc"],
        ["evaluate", "/etc/passwd"],
        ["project", "%2e%2e", "--method", "tsne"],
        ["project", "", "--method", "umap"],
        ["mixture", "../../etc"],
    ],
    ids=lambda arguments: " ".join(arguments[:3]),
)
def test_an_unknown_run_is_said_to_be_unknown(full, said, arguments):
    """Exit 2 and one sentence, whatever the key looks like."""
    status, lines, complaints = said(*arguments)

    assert (status, lines, len(complaints)) == (REFUSED, [], 1)
    assert "there is no run" in complaints[0]


def test_a_run_has_its_options_already(full, said):
    """--run with options or a preset is refused."""
    for more in (["--epochs=3"], ["--preset=small"], ["--no-batch-norm"]):
        status, _, complaints = said("train", "--run", TINY.key, *more)
        assert status == REFUSED and "already has its options" in complaints[0]


def test_a_damaged_run_is_not_trained(full, said):
    """Asking for it by key or by its options says that it is damaged, exit 2."""
    (full.folder / TINY.key / "state.json").write_text("{")

    for arguments in (["--run", TINY.key], flags(TINY)):
        status, _, complaints = said("train", *arguments)
        assert status == REFUSED and len(complaints) == 1 and "is damaged" in complaints[0]


def test_a_failed_training_exits_1_with_its_reason(models, said, tmp_path):
    """One sentence on stderr, the key still last, and the run is there to go on with."""
    (tmp_path / "file").write_text("no folder")
    status, lines, complaints = said("train", *flags(TINY), "--data", tmp_path / "file")

    assert (status, lines[-1], len(complaints)) == (FAILED, TINY.key, 1)
    assert "failed: cannot write digits to the data folder" in complaints[0]
    assert said("train", "--run", TINY.key, *SAME)[0] == 0


@pytest.mark.slow
def test_ctrl_c_stops_with_a_checkpoint(models, said):
    """SIGINT ends the training with exit 130, the key on stdout, and a checkpoint from which --run
    goes on to the end.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "autoencoder", "train", *flags(SOME), *SAME]
    store = RunStore(models)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, start_new_session=True, **pipes) as process:
        wait_until(lambda: store.keys() and store.get(SOME.key).history)
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does
        out, err = process.communicate(timeout=60)

    assert process.returncode == STOPPED and out.splitlines()[-1] == SOME.key
    assert err == f"autoencoder: {SOME.key} stopped: continue it with train --run {SOME.key}\n"
    run = store.get(SOME.key)
    assert run.state == "stopped" and run.has_checkpoint and 0 < len(run.history) < SOME.epochs
    assert said("train", "--run", SOME.key)[0] == 0
    assert [p.epoch for p in store.get(SOME.key).history] == list(range(1, SOME.epochs + 1))


def test_presets_are_starting_points(models, said):
    """A preset's values are used where no option says otherwise, and the default data set where
    none is named.
    """
    small = ["--epochs=1", "--train-size=64", "--batch-size=32", "--channels=4,8"]
    assert said("train", "--preset=simple", *small[:3], "--loss=l1", *SAME)[0] == 0
    config = RunConfig(
        network="linear",
        latent_activation="relu",
        loss="l1",
        epochs=1,
        train_size=64,
        batch_size=32,
    )

    assert [run.config for run in RunStore(models).runs()] == [config]
    status, lines, _ = said("train", "--dataset=digits", "--preset=balanced", *small, *SAME)
    values = presets.preset_values(
        "balanced", dataset="digits", epochs=1, train_size=64, batch_size=32, channels=(4, 8)
    )
    assert (status, lines[-1]) == (0, RunConfig(**values).key)
    assert said("train", "--preset=unheard-of")[0] == REFUSED


# evaluate, project, mixture, runs


def test_evaluate_prints_all_numbers_as_one_object(full, said):
    """MSE and its kin beside PCA's, each clustering metric for latents, pixels and PCA, its
    sentences; measured once.
    """
    status, lines, complaints = said("evaluate", TINY.key, "--json")
    table, run = json.loads("".join(lines)), full.get(TINY.key)

    assert status == 0 and len(lines) == 1
    assert set(table) == {
        "mse",
        "sse",
        "psnr",
        "ssim",
        "dead_units",
        "split",
        "samples",
        "seed",
        *CLUSTERING_METRICS,
        "sentences",
    }
    assert {name: table[name] for name in run.metrics} == run.metrics
    for metric in CLUSTERING_METRICS:
        assert list(table[metric]) == ["latents", "pixels", "pca"]
        assert all(
            set(each) == {"mean", "spread"} and each["mean"] <= 1 for each in table[metric].values()
        )
    assert table["knn_1"]["pixels"]["mean"] > 0.9
    assert (
        table["sentences"] == sentences(run.clustering().scores, run.class_names)
        and len(table["sentences"]) >= 3
    )
    assert said("evaluate", TINY.key, "--json") == (0, lines, [])
    shares = [int(complaint.split("%")[0]) for complaint in complaints]
    assert shares == sorted(shares) and shares[0] == 0 and 85 < shares[-1] < 100
    assert complaints[1].split("% ")[1] == "nearest neighbours of the latents"


def test_evaluate_prints_a_table_for_people(full, said):
    """One line per metric, mean and spread in the latents, in pixels and in PCA, then the
    sentences.
    """
    assert said("evaluate", TINY.key, "--json")[0] == 0
    status, lines, complaints = said("evaluate", TINY.key)
    run = full.get(TINY.key)
    told = sentences(run.clustering().scores, run.class_names)
    measured = run.clustering().scores.metrics["silhouette"]["latents"]

    assert (status, complaints, lines[0]) == (0, [], f"{TINY.key}: test split, 360 images, seed 0")
    names = [line.split()[0] for line in lines[1 : -len(told)]]
    assert (
        names == ["mse", "sse", "psnr", "ssim", "latents", *CLUSTERING_METRICS]
        and lines[-len(told) :] == told
    )
    assert lines[5].split() == ["latents", "pixels", "PCA"]
    assert lines[6].split()[1:4] == [f"{measured.mean:.3f}", "±", f"{measured.spread:.3f}"]


def test_evaluate_in_full_takes_all_training_images(full, said, digits):
    """The error of the nearest of all training latents, as computed by hand, in the latents and in
    PCA; measured once.
    """
    status, lines, _ = said("evaluate", TINY.key, "--full", "--json")
    errors, run = json.loads("".join(lines))["nn_error_full"], full.get(TINY.key)
    train, evaluation = select(TINY, digits).train, run.evaluation()
    by_hand = {
        "latents": (encode(rebuild(run.config, run.weights()), train.images), evaluation.latents),
        "pca": (run.pca().encode(train.images), run.pca().encode(evaluation.images)),
    }
    for space, (known, asked) in by_hand.items():
        nearest = [np.square(known - each).sum(axis=1).argmin() for each in asked]
        assert errors[space] == pytest.approx(np.mean(train.labels[nearest] != evaluation.labels))

    assert (
        status == 0
        and errors.keys() == {"latents", "pca", "train", "test"}
        and (errors["train"], errors["test"]) == (64, 360)
    )
    assert said("evaluate", TINY.key, "--full", "--json") == (0, lines, [])
    assert "nn_error_full" not in json.loads(said("evaluate", TINY.key, "--json")[1][0])
    last = said("evaluate", TINY.key, "--full")[1][-1]
    assert last.endswith(
        f"against all 64 training images: latents {errors['latents']:.2%}, PCA {errors['pca']:.2%}"
    )


@pytest.mark.parametrize(
    ("dataset", "dimensions", "train", "figure"),
    [
        ("mnist", 2, 60_000, "66.84%"),
        ("mnist", 10, 60_000, "6.33%"),
        ("mnist", 30, 60_000, "2.70%"),
        ("mnist", 16, 60_000, ""),
        ("mnist", 2, 5_000, ""),
        ("fashion_mnist", 2, 60_000, ""),
    ],
)
def test_published_figures_stand_beside_what_they_can_be_held_against(
    dataset, dimensions, train, figure
):
    """On all of MNIST, at the bottlenecks that were published, with a word on where they come from;
    nowhere else.
    """
    measured = dict.fromkeys(("latents", "pixels", "pca"), None)
    errors = {"latents": 0.1, "pca": 0.2, "train": train, "test": 10_000}
    table = {
        "split": "test",
        "samples": 10_000,
        "seed": 0,
        **dict.fromkeys(CLUSTERING_METRICS, measured),
        "sentences": [],
    }
    *lines, last = evaluation_lines(
        RunConfig(dataset=dataset, latent_dim=dimensions), {**table, "nn_error_full": errors}
    )

    assert "latents 10.00%, PCA 20.00%" in last
    assert (
        (f"published, quoted from memory: {figure}" in last)
        if figure
        else ("published" not in last)
    )
    assert lines[-1].split() == ["continuity", *["not", "defined"] * 3]


def test_evaluate_replaces_what_an_earlier_version_knew(full, said):
    """Neighbour accuracies among the metrics of an old run give way to those of the clustering."""
    path = full.folder / TINY.key / "metrics.json"
    path.write_text(json.dumps({**full.get(TINY.key).metrics, "knn_1": {"run": 0.5, "pca": 0.25}}))

    assert set(json.loads(said("evaluate", TINY.key, "--json")[1][0])["knn_1"]) == {
        "latents",
        "pixels",
        "pca",
    }


def test_a_run_that_cannot_be_judged_still_has_its_metrics(full, said):
    """With too few test images there are no scores: one sentence on stderr, and the other
    numbers.
    """
    few = RunConfig(
        dataset="digits",
        epochs=1,
        train_size=40,
        batch_size=32,
        channels=(4, 8),
        hidden=(16,),
        classes=(1,),
    )
    assert said("train", *flags(few), *SAME)[0] == 0
    status, lines, complaints = said("evaluate", few.key)

    assert status == 0
    assert [line.split()[0] for line in lines[1:]] == ["mse", "sse", "psnr", "ssim"]
    assert complaints[-1].startswith("autoencoder: clusters take at least 50 test images")
    table = json.loads(said("evaluate", few.key, "--json", "--full")[1][0])
    assert table["silhouette"] is None and table["sentences"] == [] and "nn_error_full" not in table


@pytest.mark.parametrize("content", ["{}", "[", '{"mse": {"run": 1, "pca": 1}}'])
def test_evaluate_of_damaged_metrics_is_refused(full, said, content):
    """One sentence, exit 2."""
    (full.folder / TINY.key / "metrics.json").write_text(content)
    status, lines, complaints = said("evaluate", TINY.key)

    assert (status, lines) == (REFUSED, []) and "is damaged" in complaints[-1]


def test_only_a_finished_run_is_evaluated(models, said, settings):
    """One that is not finished is refused with its state, exit 2."""
    claimed(Queue(settings), TINY)

    status, _, complaints = said("evaluate", TINY.key, "--json")
    assert status == REFUSED and complaints == [
        f"autoencoder: {TINY.key} is stopped: only a finished run can be evaluated"
    ]


def test_runs_are_listed_with_the_damaged_ones(full, said):
    """Newest first, each with its state; damage of a config, a state or metrics spoils no line but
    its own.
    """
    third, fourth = replace(TINY, seed=3), replace(TINY, seed=4)
    for made, config in enumerate((DEEP, third, fourth), start=10):
        full.claim(config, "stopped")
        os.utime(full.folder / config.key / "config.json", (made, made))
    (full.folder / third.key / "state.json").write_text("{")
    (full.folder / fourth.key / "metrics.json").write_text('{"mse": 1}')
    status, lines, complaints = said("runs", "--json")
    rows = {row["key"]: row for row in json.loads("".join(lines))}

    assert (status, complaints) == (0, []) and list(rows) == [
        TINY.key,
        fourth.key,
        third.key,
        DEEP.key,
    ]
    assert (
        rows[TINY.key]["state"] == "finished"
        and RunConfig.from_dict(rows[TINY.key]["config"]) == TINY
    )
    assert rows[TINY.key]["metrics"] == full.get(TINY.key).metrics
    assert rows[third.key]["state"] == "damaged" and third.key in rows[third.key]["problem"]
    status, lines, complaints = said("runs")
    assert (status, complaints) == (0, []) and [line.split()[0] for line in lines] == list(rows)
    assert "finished" in lines[0] and "test MSE" in lines[0] and "damaged" in lines[2]


def test_a_label_is_given_and_printed(full, said):
    """Title, note and pin are set one at a time; without an option they are printed; the list of
    runs shows the title.
    """
    status, lines, complaints = said("label", TINY.key, "--title", "Best *so far*", "--pin")
    assert (status, complaints) == (0, [])
    assert lines == ["title   Best *so far*", "note", "pinned  yes"]

    said("label", TINY.key, "--note", "Keep it", "--no-pin")
    assert said("label", TINY.key)[1] == ["title   Best *so far*", "note    Keep it", "pinned  no"]
    assert any(line.endswith("Best *so far*") for line in said("runs")[1])
    rows = {row["key"]: row for row in json.loads(said("runs", "--json")[1][0])}
    assert (rows[TINY.key]["title"], rows[TINY.key]["note"]) == ("Best *so far*", "Keep it")
    assert rows[DEEP.key]["title"] == "" and rows[DEEP.key]["pinned"] is False


def test_a_label_that_cannot_be_given_is_refused_in_words(full, said):
    """A title that is too long and a run that there is not: one sentence, exit status 2."""
    status, _, complaints = said("label", TINY.key, "--title", "x" * 81)
    assert status == REFUSED and complaints == [
        "autoencoder: a title may have at most 80 letters; got 81"
    ]
    status, _, complaints = said("label", "nothing", "--pin")
    assert status == REFUSED and "there is no run 'nothing'" in complaints[0]


def test_no_runs_are_an_empty_list(models, said):
    """Where there is no models folder there are no runs, and none is made."""
    assert said("runs", "--json") == (0, ["[]"], [])
    assert said("runs") == (0, [], [])
    assert not models.exists()


@pytest.mark.slow
def test_project_lays_the_latents_out(full, said):
    """The projection's name last, how far it can be trusted on stderr, exit 0; a second time the
    points are there.
    """
    wanted = ProjectionSettings("tsne", neighbours=5, dimensions=3, seed=1)
    arguments = [
        "project",
        TINY.key,
        "--method=tsne",
        "--neighbours=5",
        "--dimensions=3",
        "--seed=1",
    ]
    status, lines, complaints = said(*arguments)

    found = full.get(TINY.key).projection(wanted)
    scores = f"trustworthiness {found.trustworthiness:.3f}, continuity {found.continuity:.3f}"
    assert (status, lines[-1], complaints) == (0, wanted.name, [scores])
    assert found.points.shape == (360, 3)
    assert said(*arguments) == (0, [wanted.name], [scores])


def test_project_lays_images_out(full, said):
    """What is laid out, and how many, is chosen by options."""
    wanted = ProjectionSettings("tsne", points=50, space="pixels")
    status, lines, _ = said("project", TINY.key, "--method=tsne", "--points=50", "--space=pixels")

    assert (status, lines[-1]) == (0, wanted.name)
    assert full.get(TINY.key).projection(wanted).points.shape == (50, 2)


def test_mixture_fits_the_latents(full, said):
    """Says what it does, prints the task's name last, exit 0, the mixture in the run; a second time
    it is there.
    """
    status, lines, complaints = said("mixture", TINY.key)

    assert (status, lines[-1], complaints) == (0, "mixture", [])
    assert "encoding 64 training images" in lines and full.get(TINY.key).has_mixture()
    assert said("mixture", TINY.key) == (0, ["mixture"], [])


def test_a_failed_mixture_exits_1_with_its_reason(full, said, tmp_path):
    """One sentence on stderr, and nothing that looks like a result."""
    (tmp_path / "file").write_text("no folder")
    status, lines, complaints = said("mixture", TINY.key, "--data", tmp_path / "file")

    assert (status, len(complaints)) == (FAILED, 1) and "mixture" not in lines
    assert complaints[0].startswith(
        "autoencoder: mixture failed: cannot write digits to the data folder"
    )


def test_project_refuses_in_words(full, said):
    """A number out of range, or a run without weights: one sentence, and not that the run is
    damaged.
    """
    assert said("project", TINY.key, "--method=tsne", "--neighbours=1")[0] == REFUSED
    refused = (REFUSED, [], ["autoencoder: min_dist is for umap alone; got 0.2 for tsne"])
    assert said("project", TINY.key, "--method=tsne", "--min-dist=0.2") == refused
    config = replace(TINY, seed=3)
    full.claim(config, "stopped")
    status, lines, complaints = said("project", config.key, "--method=tsne")

    assert status in (FAILED, REFUSED) and lines == [] and len(complaints) == 1
    assert "before its first epoch" in complaints[0]


# The rest


def test_a_nonsensical_environment_is_refused(models, said, monkeypatch):
    """By the variable's name, exit 2."""
    for value in ("0", "-1", "many", "1.5"):
        monkeypatch.setenv("AUTOENCODER_MAX_TRAININGS", value)
        status, _, complaints = said("runs")
        assert (
            status == REFUSED
            and len(complaints) == 1
            and "AUTOENCODER_MAX_TRAININGS must be" in complaints[0]
        )


def test_help_names_every_command_and_option(said):
    """--help of the program lists the commands; that of train every option with its default."""
    status, lines, _ = said("--help")
    assert status == 0 and {"train", "project", "mixture", "evaluate", "runs"} <= {
        line.split()[0] for line in lines if line.strip()
    }
    status, lines, _ = said("train", "--help")
    text = " ".join(" ".join(lines).split())
    assert status == 0
    assert all(
        f"--{name.replace('_', '-')}" in text and option.metadata["help"] in text
        for name, option in OPTIONS.items()
    )
    assert said()[0] == REFUSED
