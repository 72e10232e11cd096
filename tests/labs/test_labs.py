"""The labs: what makes a claim hold, reports that go to the disk and back, and a whole lab on
little data.
"""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autoencoder import figures, labs
from autoencoder.analysis.clustering import Measure
from autoencoder.analysis.comparison import Convergence
from autoencoder.cli.arguments import parser
from autoencoder.cli.main import COMMANDS, main
from autoencoder.config.datasets import DatasetInfo, ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data.dataset import Dataset
from autoencoder.errors import ConfigError, LabError
from autoencoder.figures.stored import MOST_SVG, stored
from autoencoder.jobs import Queue, registry
from autoencoder.labs import claims, job
from autoencoder.labs import report as reports
from autoencoder.labs.claims import Resampled, Sample
from autoencoder.labs.e5 import agreement
from autoencoder.labs.lab import planned
from autoencoder.labs.report import Report
from autoencoder.labs.scale import Scale
from autoencoder.labs.trained import Trained
from autoencoder.runs import TaskState
from autoencoder.runs.series import read_series
from tests.support.places import ROOT
from tests.support.reports import REPORT
from tests.support.runs import held
from tests.support.waiting import wait_until

TINY = Scale("digits", quick=True, epochs=1)


# ---- Claims ----


@pytest.mark.parametrize(
    ("less", "more", "holds"),
    [
        ([1.0, 1.1, 0.9], [2.0, 2.1, 1.9], True),
        ([2.0, 2.1, 1.9], [1.0, 1.1, 0.9], False),
        ([1.0, 1.4, 0.6], [1.1, 1.5, 0.7], None),
        ([1.0], [2.0], None),
    ],
    ids=["holds", "does not hold", "inside the spread", "a single seed"],
)
def test_a_comparison_of_seeds_is_decided_by_their_spread(
    less: list[float], more: list[float], holds: bool | None
) -> None:
    """Two trainings differ only where their means lie further apart than seeds make them; else it
    is said why not.
    """
    claim = claims.lower("Less is less.", Sample("less", less), Sample("more", more), "Amount")
    opposite = claims.higher("Less is more.", Sample("less", less), Sample("more", more), "Amount")

    assert (claim.holds, opposite.holds) == (holds, None if holds is None else not holds)
    assert holds is not None or "spread" in claim.measured
    assert claim.numbers["less"] == less


@pytest.mark.parametrize(("first", "holds"), [(0.9, True), (0.1, False), (0.51, None)])
def test_a_comparison_of_measures_goes_by_their_spreads(first: float, holds: bool | None) -> None:
    """Two measures with spreads of their own differ if they are twice their joint spread apart."""
    one, other = Resampled("one", Measure(first, 0.05)), Resampled("other", Measure(0.5, 0.05))
    claim = claims.above("One is above.", one, other, "Share")

    assert claim.holds is holds


def test_one_rise_refutes_a_fall_and_one_level_step_leaves_it_open() -> None:
    """A curve falls if every step does outside the spread; a step inside it leaves that open, and a
    rise refutes it.
    """
    high, low, lowest = (
        Sample(str(level), [level, level + 0.1, level - 0.1]) for level in (9, 5, 1)
    )

    assert claims.falling("It falls.", [high, low, lowest], "Error").holds is True
    assert (
        claims.falling("It falls.", [high, low, Sample("same", low.values)], "Error").holds is None
    )
    assert claims.falling("It falls.", [high, lowest, low], "Error").holds is False


def test_seeds_that_disagree_leave_a_claim_open() -> None:
    """What is asked of every seed holds if all meet it, does not if none does, and is open in
    between.
    """
    found = [
        claims.every("So it is.", met, "Measured.", {}).holds
        for met in ([True] * 3, [False] * 3, [True, False, True])
    ]

    assert found == [True, False, None]


def test_a_joint_measure_has_both_spreads() -> None:
    """The spread between seeds and the spread of each add as variances."""
    joint = claims.joined([Measure(0.4, 0.1), Measure(0.6, 0.1)])

    assert joint.mean == pytest.approx(0.5)
    assert joint.spread == pytest.approx((0.02 + 0.01) ** 0.5)


def test_a_small_spread_is_written_without_an_exponent() -> None:
    """Whoever reads a report aloud need not know what e-05 is."""
    assert str(Sample("a", [0.0052, 0.0053])) == "a: 0.00525 ± 0.0000707"


GOOD, BAD = Convergence(0.01), Convergence(0.3, "a, seed 1: it went on")


@pytest.mark.parametrize("which", ["less", "more", "neither"])
def test_nothing_is_said_of_trainings_that_had_not_converged(which: str) -> None:
    """A difference outside the spread is not a claim while one of the two was still learning; the
    reason and how much it still gained stand with it.
    """
    less = Sample("less", [1.0, 1.1, 0.9], BAD if which == "less" else GOOD)
    more = Sample("more", [2.0, 2.1, 1.9], BAD if which == "more" else GOOD)
    claim = claims.lower("Less is less.", less, more, "Amount")

    assert claim.holds is (True if which == "neither" else None)
    assert ("Not converged: a, seed 1: it went on." in claim.measured) is (which != "neither")
    assert claim.gain == (0.01 if which == "neither" else 0.3)


def test_every_kind_of_claim_asks_for_convergence() -> None:
    """Comparisons of measures, falls, what is asked of every seed and similarity as well."""
    low, high = Measure(0.1, 0.01), Measure(0.9, 0.01)
    one, other = (Sample(name, [v, v + 0.01], BAD) for name, v in (("one", 9.0), ("other", 1.0)))
    said = [
        claims.above("x", Resampled("a", high, BAD), Resampled("b", low), "Share"),
        claims.falling("x", [one, other], "Error"),
        claims.every("x", [True, True], "Measured.", {}, GOOD, BAD),
        claims.similar("x", other, other, "Error"),
        claims.higher("x", one, other, "Error"),
    ]

    assert [claim.holds for claim in said] == [None] * len(said)


@pytest.mark.parametrize(
    ("other", "holds"), [(1.02, True), (1.5, False), (1.1, None)], ids=["near", "far", "between"]
)
def test_similar_is_up_to_a_tenth(other: float, holds: bool | None) -> None:
    """Two means are similar if even their spread leaves them within a tenth of the larger."""
    spread = (-0.01, 0.0, 0.01)
    one, two = (Sample(str(v), [v + s for s in spread]) for v in (1.0, other))

    assert claims.similar("They are alike.", one, two, "Loss").holds is holds


def test_class_distances_agree_by_more_than_chance_or_not() -> None:
    """The same distances in another unit agree fully; those of unrelated points by chance; none
    that are all alike do.
    """
    random = np.random.default_rng(0)
    one, other = (
        np.linalg.norm(each[:, None] - each, axis=2) for each in random.normal(size=(2, 10, 3))
    )

    assert agreement(one, 5 * one**2) == (pytest.approx(1.0), pytest.approx(0.001))
    assert agreement(one, other)[1] > 0.05
    assert agreement(np.ones((10, 10)), one) == (0.0, 1.0)


def test_the_ends_of_a_path_are_no_real_images_for_its_frames(digits: Dataset) -> None:
    """Where a copy of a test image is among the training images, a path that begins at that test
    image is not at distance 0 from the data.
    """
    copied = np.concatenate([digits.train.images, digits.test.images[:1]])
    train = replace(digits.train, images=copied, labels=np.append(digits.train.labels, 0))
    trained = Trained(TINY, {}, replace(digits, train=train))
    frames = trained.pixel_blend(0, 1)

    assert trained.to_real(frames)[0] == 0
    np.testing.assert_allclose(
        trained.frames_to_real(frames, 0, 1), Trained(TINY, {}, digits).to_real(frames)
    )


# ---- Plans ----


@pytest.mark.parametrize("name", labs.LABS)
@pytest.mark.parametrize("dataset", ["digits", "mnist_sample", "mnist"])
@pytest.mark.parametrize("quick", [True, False])
def test_a_lab_trains_valid_and_distinct_runs(name: str, dataset: str, quick: bool) -> None:
    """Every role has one config for each seed, of the data set asked for, and no two roles are the
    same training.
    """
    scale = Scale(dataset, quick)
    plan = labs.LABS[name].plan(scale)
    configs = [config for own in plan.values() for config in own]

    assert all(isinstance(config, RunConfig) and config.dataset == dataset for config in configs)
    assert all([config.seed for config in own] == list(scale.seeds) for own in plan.values())
    assert len(planned(plan)) == len(configs)


def test_a_lab_trains_longer_where_there_are_few_images() -> None:
    """A full lab with the MNIST sample has twice MNIST's epochs, and never fewer than a quick one,
    so that its trainings come to their end, too.
    """
    sample, mnist = Scale("mnist_sample"), Scale("mnist")

    assert sample.config("balanced", quick=10, full=15).epochs == 30
    assert sample.config("pca", quick=150, full=30).epochs == 150
    assert mnist.config("pca", quick=150, full=30).epochs == 30


def test_a_lab_is_done_with_the_default_data_set() -> None:
    """Unless another one is named."""
    arguments = parser(COMMANDS).parse_args(["lab", "E1"])

    assert Scale().dataset == arguments.dataset == RunConfig().dataset


def test_a_scale_that_is_none_is_refused() -> None:
    """An unknown data set or a negative number of epochs is refused in words."""
    with pytest.raises(ConfigError, match="dataset must be one of"):
        Scale("../x")
    with pytest.raises(ConfigError, match="epochs must be"):
        Scale("digits", epochs=-1)


# ---- Reports ----


def test_a_report_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """All of a report but its pictures' content is in report.json; those are files beside it."""
    reports.write(tmp_path, "E1-digits", REPORT)
    found = labs.read(tmp_path, "E1-digits")

    assert found is not None and found.to_dict() == REPORT.to_dict()
    assert labs.content(tmp_path, "E1-digits", found.pictures[1]) == b"PNG"
    text = (tmp_path / "labs" / "E1-digits" / "report.md").read_text()
    assert "**cannot be said**: It is so." in text and "digits-conv-d2-19e3c465" in text


def test_a_report_replaces_an_earlier_one_whole(tmp_path: Path) -> None:
    """Nothing of an earlier report stays, nor of a writer that was killed, and nothing else is left
    in the folder.
    """
    folder = reports.write(tmp_path, "E1-digits", REPORT)
    (folder / "stray.png").touch()
    for left in (".new-E1-digits", ".old-E1-digits"):
        (folder.parent / left).mkdir()
    reports.write(tmp_path, "E1-digits", REPORT)

    assert sorted(path.name for path in folder.iterdir()) == [
        "curve.json",
        "report.json",
        "report.md",
        "wall.png",
    ]
    assert [path.name for path in folder.parent.iterdir()] == ["E1-digits"]


def test_a_report_that_cannot_be_written_leaves_the_earlier_one(tmp_path: Path) -> None:
    """A report with a number that JSON does not know is refused, and the one before is still
    there.
    """
    reports.write(tmp_path, "E1-digits", REPORT)
    broken = Report(**{**vars(REPORT), "seconds": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        reports.write(tmp_path, "E1-digits", broken)

    assert labs.read(tmp_path, "E1-digits") is not None
    assert [path.name for path in (tmp_path / "labs").iterdir()] == ["E1-digits"]


RUN = REPORT.to_dict()["runs"][0]
CLAIM = REPORT.to_dict()["parts"][0]["claims"][0]
PICTURE = REPORT.to_dict()["parts"][0]["rows"][0][0]


def part(claim: dict = CLAIM, picture: dict = PICTURE) -> dict:
    """The parts of a report: one, with that claim and that picture."""
    return {"parts": [{"title": "x", "claims": [claim], "rows": [[picture]]}]}


@pytest.mark.parametrize(
    "change",
    [
        part(claim={**CLAIM, "holds": "yes"}),
        part(claim={**CLAIM, "holds": False}),
        part(claim={**CLAIM, "numbers": {"a": {}}}),
        part(claim={**CLAIM, "gain": "much"}),
        part(picture={"file": "../../config.json", "title": "", "caption": ""}),
        part(picture={"file": "report.json", "title": "", "caption": ""}),
        {"runs": [{**RUN, "key": "../x"}]},
        {"runs": [{**RUN, "dead": -1}]},
        {"seconds": 1e301},
        {"seconds": -1e299},
        {"runs": [{**RUN, "seconds": -1e299}]},
        {"train": True},
        {"title": "x" * 10_000},
        {"seeds": [0] * 1_000},
        {"format": 3},
        {"surprise": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_hostile_report_is_refused_in_words(tmp_path: Path, change: dict) -> None:
    """Whatever stands in report.json that is none of ours, the reader says that the report is
    damaged.
    """
    folder = reports.write(tmp_path, "E1-digits", REPORT)
    (folder / "report.json").write_text(json.dumps({**REPORT.to_dict(), **change}))

    with pytest.raises(LabError, match="damaged"):
        labs.read(tmp_path, "E1-digits")


def test_a_sound_part_is_read(tmp_path: Path) -> None:
    """What the test above changes is refused for the change alone."""
    folder = reports.write(tmp_path, "E1-digits", REPORT)
    (folder / "report.json").write_text(json.dumps({**REPORT.to_dict(), **part()}))

    assert labs.read(tmp_path, "E1-digits") is not None


def test_a_report_of_an_earlier_version_says_what_to_do(tmp_path: Path) -> None:
    """One of format 1 is not read: the lab is to be run again."""
    folder = reports.write(tmp_path, "E1-digits", REPORT)
    (folder / "report.json").write_text(json.dumps({**REPORT.to_dict(), "format": 1}))

    with pytest.raises(LabError, match="an earlier version made it: run the lab again"):
        labs.read(tmp_path, "E1-digits")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "[" * 100_000, '{"a": NaN}'],
    ids=["empty", "list", "half", "deep", "nan"],
)
def test_half_a_report_is_refused_in_words(tmp_path: Path, text: str) -> None:
    """A report.json that is no report at all is damaged, too."""
    folder = reports.write(tmp_path, "E1-digits", REPORT)
    (folder / "report.json").write_text(text)

    with pytest.raises(LabError, match="damaged"):
        labs.read(tmp_path, "E1-digits")


def test_a_figure_that_would_fetch_something_is_refused() -> None:
    """Of a figure that was kept only lines, points and matrices are drawn, and no image from
    elsewhere.
    """
    for figure in (
        {"data": [{"type": "scattermap"}], "layout": {}},
        {"data": [], "layout": {"images": [{"source": "http://x/y.png"}]}},
        {"data": [{"type": "scatter", "surprise": 1}], "layout": {}},
        {"data": {}},
        [],
    ):
        with pytest.raises(ValueError, match="not a figure of Latent Lab"):
            stored(json.dumps(figure).encode())


def test_a_kept_figure_takes_the_colours_of_whoever_shows_it() -> None:
    """The template of the process that kept a figure is left out, and with it what that might
    fetch.
    """
    kept = {
        "data": [],
        "layout": {
            "template": {
                "layout": {"images": [{"source": "http://x/y.png"}], "colorway": ["#123456"]}
            }
        },
    }

    template = stored(json.dumps(kept).encode()).layout.template.layout

    assert not template.images and template.colorway != ("#123456",)


@pytest.mark.parametrize(
    ("points", "kind"), [(300, "scatter"), (MOST_SVG, "scatter"), (MOST_SVG + 1, "scattergl")]
)
def test_few_points_are_drawn_without_webgl(points: int, kind: str) -> None:
    """Up to 3,000 points a kept map is SVG, which is there sooner; beyond, it is left to the
    graphics card.
    """
    where, labels = np.zeros((points, 2), np.float32), np.arange(points) % 2
    kept = figures.latent_scatter(where, labels, ["0", "1"]).to_json()
    assert "scattergl" in kept

    assert {trace.type for trace in stored(kept.encode()).data} == {kind}


@pytest.mark.parametrize("x", [{"dtype": "f4"}, {"dtype": "f4", "bdata": 7}, {"bdata": []}, 7])
def test_a_figure_without_coordinates_is_refused(x: object) -> None:
    """Points that are no numbers are no figure of ours."""
    with pytest.raises(ValueError):
        stored(json.dumps({"data": [{"type": "scattergl", "x": x}], "layout": {}}).encode())


# ---- A whole lab ----


def lab_of_one_epoch(queue: Queue, name: str) -> Report:
    """The report of a lab of one epoch, of which a growing fraction is done."""
    lab, fractions = labs.LABS[name], []
    job.do(queue, lab, TINY, lambda words, fraction: fractions.append(fraction))
    report = labs.read(queue.settings.models, lab.report_name(TINY))

    assert report is not None and fractions == sorted(fractions)
    return report


def says_what_it_measured(report: Report) -> None:
    """Every claim has numbers, and every picture a file."""
    assert all(claim.measured and claim.numbers for claim in report.claims)
    assert len({claim.statement for claim in report.claims}) == len(report.claims)
    assert len({picture.file for picture in report.pictures}) == len(report.pictures)


@pytest.mark.slow
def test_a_lab_from_the_command_line_ends_in_a_report(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """E1 with a single epoch: every run is kept, every claim is told, whichever way it turned out,
    and the status is 0.
    """
    where = ["--models", str(settings.models), "--data", str(settings.data)]
    status = main(["lab", "E1", "--dataset", "digits", "--quick", "--epochs", "1", *where])
    out = capsys.readouterr().out
    report = labs.read(settings.models, "E1-digits-quick-e1")

    assert status == 0 and report is not None
    assert all(claim.verdict in out and claim.statement in out for claim in report.claims)
    store = Queue(settings).store
    assert {run.key for run in report.runs} == set(store.keys()) and len(store.runs()) == len(
        report.runs
    )
    assert all(run.epochs == 1 for run in report.runs)
    for run in report.runs:
        (series,) = read_series(store.folder / run.key)
        assert (series.kind, series.name) == ("lab", "E1-digits-quick-e1") and series.created
    assert series.role == report.runs[-1].role
    for picture in report.pictures:
        content = labs.content(settings.models, "E1-digits-quick-e1", picture)
        assert stored(content) if picture.kind == "json" else content.startswith(b"\x89PNG")
    numbers = next(claim.numbers["mse"] for claim in report.claims if "mse" in claim.numbers)
    kept = [
        store.get(run.key).metrics["mse"]["run"]
        for run in report.runs
        if run.role == "bottleneck 2"
    ]
    assert numbers[0] == pytest.approx(np.mean(kept))
    says_what_it_measured(report)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in labs.LABS if name not in ("E1", "E3")])
def test_a_lab_of_one_epoch_says_what_it_measured(queue: Queue, name: str) -> None:
    """However little was trained; E1 and E3 are asked the same by the tests around this one."""
    says_what_it_measured(lab_of_one_epoch(queue, name))


@pytest.mark.slow
def test_a_lab_in_a_process_of_its_own_ends_in_a_report(queue: Queue) -> None:
    """Submitted as a page does it, the lab is under way at once, is not started twice, and finishes
    by itself with all that it measured; a second time nothing is trained.
    """
    lab = labs.LABS["E3"]
    task = job.task_of(queue.settings.models, lab, TINY)
    queue.submit_job(task)
    assert task.is_held()
    wait_until(lambda: task.read().pid)
    process = task.read().pid
    queue.submit_job(task)
    assert task.read().pid == process

    wait_until(lambda: task.glance() not in ("queued", "running"))
    assert task.read().state == "finished", task.read().error
    report = labs.read(queue.settings.models, lab.report_name(TINY))
    assert report is not None
    says_what_it_measured(report)

    records = {run.key: run.record for run in queue.store.runs()}
    lab_of_one_epoch(queue, "E3")
    assert {run.key: run.record for run in queue.store.runs()} == records


@pytest.mark.slow
def test_a_lab_stops_when_it_is_asked_to_and_keeps_what_is_done(queue: Queue) -> None:
    """Stopped in its second training, a lab has no report; the first run is finished, and the
    second can be gone on with.
    """
    lab, scale = labs.LABS["E1"], Scale("digits", quick=True, epochs=12)

    def notify(words: str, fraction: float | None = None) -> None:
        if "training 2" in words:
            queue.stop_job(job.task_of(queue.settings.models, lab, scale))

    ended = job.do(queue, lab, scale, notify)

    assert ended.state == "stopped"
    assert labs.read(queue.settings.models, lab.report_name(scale)) is None
    assert sorted(run.state for run in queue.store.runs()) == ["finished", "stopped"]


def test_an_unknown_lab_is_refused(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is no lab's is refused in words, with the names there are."""
    assert main(["lab", "E9", "--models", str(settings.models), "--data", str(settings.data)]) == 2
    assert "lab must be one of E1" in capsys.readouterr().err


def test_one_lab_is_done_at_a_time(queue: Queue) -> None:
    """While another lab is under way a lab waits: its seconds can be compared then. It can be taken
    out of the queue, and asked for again.
    """
    running, waiting = (
        job.task_of(queue.settings.models, labs.LABS["E1"], scale)
        for scale in (TINY, Scale("digits"))
    )
    running.folder.mkdir(parents=True)
    running.write(TaskState("running"))
    with held(running):
        queue.submit_job(waiting)
        assert waiting.now() == "queued"
        queue.stop_job(waiting)
        assert waiting.now() == "stopped"
        queue.submit_job(waiting)
        queue.tick()
        assert waiting.now() == "queued"
        queue.stop_job(waiting)


@pytest.mark.parametrize("name", labs.LABS)
@pytest.mark.parametrize(
    "scale",
    [Scale(), Scale("fashion_mnist", quick=True), Scale("mnist", True, 3), Scale(epochs=40)],
    ids=lambda scale: scale.name,
)
def test_the_queue_knows_a_lab_by_its_name(name: str, scale: Scale) -> None:
    """The command line that the queue makes of the task's name asks for that lab and that scale."""
    task = job.task_of(Path("models"), labs.LABS[name], scale)
    arguments = parser(COMMANDS).parse_args(registry.kind_of(task).arguments(task))

    assert arguments.name == name
    assert Scale(arguments.dataset, arguments.quick, arguments.epochs) == scale


def test_the_labs_are_light_to_import() -> None:
    """A page that lists them and shows their reports opens without torch."""
    code = "import sys, autoencoder.labs; print({'torch', 'scipy', 'sklearn'} & {*sys.modules})"
    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert printed.stdout == "set()\n"


def test_reports_are_no_runs(queue: Queue) -> None:
    """The folder of reports is neither a run nor a damaged one."""
    reports.write(queue.settings.models, "E1-digits", REPORT)

    assert queue.store.entries() == []


# ---- Added data sets ----


def added(test: int, names: tuple[str, ...] = ()) -> DatasetInfo:
    """A data set that somebody added."""
    shape = ImageShape(3, 28, 40)
    return DatasetInfo(
        title="Any",
        help="",
        shape=shape,
        train=300,
        test=test,
        class_names=names,
        fingerprint="0123456789abcdef",
    )


@pytest.mark.parametrize("name", ["leaves", "my-quick", "a-b_c"])
@pytest.mark.parametrize("quick", [True, False])
def test_a_task_s_name_tells_the_added_data_set(name: str, quick: bool) -> None:
    """The queue gets the command line from it, whatever the data set is called; other images under
    the same name are another report.
    """
    scale = Scale(name, quick, 3, added(60))
    task = job.task_of(Path(), labs.LABS["E1"], scale)
    other = replace(scale, added=replace(added(60), fingerprint="f" * 16))
    flags = [*(["--quick"] if quick else []), "--epochs", "3"]

    assert registry.JOBS["lab"].arguments(task) == ["lab", "E1", "--dataset", name, *flags]
    assert other.name != scale.name


@pytest.mark.parametrize("name", labs.LABS)
def test_a_lab_takes_an_added_data_set(name: str) -> None:
    """Its trainings are of that data set."""
    plan = labs.LABS[name].plan(Scale("leaves", added=added(60)))

    assert all(config.added == added(60) for _, config in planned(plan))


def test_a_lab_refuses_too_few_test_images_and_leaves_out_classes() -> None:
    """Each in a sentence."""
    assert "at least 50 test images; Any has 49" in Scale("leaves", added=added(49)).refusal
    assert "two classes" in Scale("leaves", added=added(60)).needs_classes
    assert not Scale("leaves", added=added(60, ("a", "b"))).needs_classes
