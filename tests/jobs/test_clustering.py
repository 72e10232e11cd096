"""How the classes of a run cluster, from the queue to the file and onto the page."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import streamlit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save
from sklearn.metrics import adjusted_rand_score
from streamlit.testing.v1 import AppTest

from autoencoder.analysis.clustering import SPACES, Measure, measure, result, sentences
from autoencoder.analysis.clustering.per_image import densities, nearest_other
from autoencoder.config.metrics import CLUSTERING_METRICS
from autoencoder.config.settings import Settings
from autoencoder.errors import CorruptRunError, JobError
from autoencoder.jobs import CLUSTERING, Queue
from autoencoder.jobs.clustering import measure_clustering
from autoencoder.runs import (
    CLUSTERS_WITHOUT_CLASSES,
    NeighbourErrors,
    Run,
    RunWriter,
    Task,
    TaskState,
    files,
)
from tests.support.configs import DEEP, TINY
from tests.support.places import ROOT
from tests.support.queues import claimed, do, end_all, here, stop_at
from tests.support.runs import clustering_of, held, put_weights
from tests.support.waiting import wait_until

FEW = replace(TINY, epochs=1, train_size=40, classes=(1,))


@pytest.fixture
def known(store, data_folder):
    """A queue over a copy of the trained runs; what still runs after the test is ended."""
    queue = Queue(Settings(store.folder, data_folder))
    yield queue
    end_all(queue)


@pytest.fixture
def judged(known):
    """The same, with scores of TINY that were not measured."""
    run = known.store.get(TINY.key)
    RunWriter(run.folder).clustering(clustering_of(run.evaluation().labels), run.weights_sha256)
    return known


def task_of(queue, config):
    """The task that judges a run."""
    return Task(queue.store.folder / config.key, CLUSTERING)


# Each point by itself


def test_densities_are_those_of_brute_force():
    """One over the mean distance to the ten nearest others, relative to the median."""
    points = np.random.default_rng(0).normal(size=(300, 4))
    distances = np.sort(np.linalg.norm(points[:, None] - points, axis=2), axis=1)[:, 1:11].mean(
        axis=1
    )

    np.testing.assert_allclose(densities(points), np.median(distances) / distances, rtol=1e-4)
    assert densities(points).dtype == np.float32


@pytest.mark.parametrize("doubles", [30, 20, 12])
def test_densities_stay_in_range_where_points_coincide(doubles):
    """All on one spot, or most, or a few: finite, from 0.001 to 1,000, and equal for equals."""
    points = np.random.default_rng(0).normal(size=(30, 3)) * 1e-6
    points[:doubles] = 1.0
    found = densities(points)

    assert 0.001 <= found.min() and found.max() <= 1_000 and len(set(found[:doubles])) == 1
    assert found[0] == 1 if doubles == 30 else found[0] == 1_000


def test_densities_need_neighbours():
    """Ten others, at least."""
    with pytest.raises(ValueError, match="more than 10 points"):
        densities(np.zeros((10, 2)))


def test_the_nearest_other_class_is_that_of_brute_force():
    """The label of the nearest point of another class; none
    where there is one class.
    """
    random = np.random.default_rng(0)
    points, labels = random.normal(size=(300, 3)), random.integers(2, 6, size=300)
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    distances[labels[:, None] == labels] = np.inf

    np.testing.assert_array_equal(nearest_other(points, labels), labels[distances.argmin(axis=1)])
    assert (nearest_other(points, np.full(300, 4)) == -1).all()


# The job


@pytest.mark.slow
def test_a_run_is_judged_once_and_that_is_kept(known):
    """A process of its own measures it; asking again starts nothing."""
    known.submit_task(TINY.key, CLUSTERING)
    known.submit_task(TINY.key, CLUSTERING)
    task = task_of(known, TINY)
    wait_until(lambda: task.now() not in ("queued", "running") and not task.is_held())

    assert task.read().state == "finished", task.read().error
    assert known.store.get(TINY.key).has_clustering()
    before = task.state_file.read_bytes()
    known.submit_task(TINY.key, CLUSTERING)
    assert task.state_file.read_bytes() == before
    assert (task.folder / "clustering.log.txt").read_text().count("silhouette of the latents") == 1


def test_a_judgement_is_that_of_the_run_s_latents(known):
    """The scores of its latents, pixels and PCA with the run's seed; a cluster, a density and
    another class for each latent.
    """
    assert do(known, TINY, CLUSTERING) == "finished"
    run = known.store.get(TINY.key)
    found, data = run.clustering(), run.evaluation()
    spaces = {
        "latents": data.latents,
        "pixels": data.images.reshape(360, 64),
        "pca": run.pca().encode(data.images),
    }
    expected = measure(spaces, data.labels, seed=TINY.seed)

    assert (
        found.scores.metrics["knn_10"] == expected.metrics["knn_10"]
        and found.scores.overlap == expected.overlap
    )
    assert found.scores.metrics["linear_probe"]["pca"].mean == pytest.approx(
        expected.metrics["linear_probe"]["pca"].mean
    )
    agreement = adjusted_rand_score(data.labels, found.clusters)
    assert agreement == pytest.approx(expected.metrics["kmeans_ari"]["latents"].mean, abs=0.1)
    np.testing.assert_allclose(found.densities, densities(data.latents.astype(float)), rtol=1e-3)
    np.testing.assert_array_equal(
        found.nearest_other, nearest_other(data.latents.astype(float), data.labels)
    )
    assert (
        measure_clustering(run, lambda words, share: None).clusters.tolist()
        == found.clusters.tolist()
    )


def test_a_single_class_is_judged_too(known):
    """What would tell classes apart is not defined, no latent has another class near it, and
    k-means looks for a fixed number of clusters.
    """
    run = known.store.get(TINY.key)
    data = run.evaluation()
    RunWriter(run.folder).evaluation(data.images, np.full(360, 3), data.latents, data.errors)

    assert do(known, TINY, CLUSTERING) == "finished"
    found = run.clustering()
    assert found.scores.metrics["knn_10"] == dict.fromkeys(SPACES) and found.scores.classes == [3]
    assert found.clusters.max() == CLUSTERS_WITHOUT_CLASSES - 1
    assert (found.nearest_other == -1).all()


def test_it_tells_how_far_it_is(known):
    """The share grows from nothing to nearly all, in the state file and to who listens."""
    heard, task = [], task_of(known, TINY)
    do(
        known,
        TINY,
        CLUSTERING,
        lambda words, share: heard.append((words, share, task.read().step, task.read().share)),
    )
    words, shares, steps, kept = zip(*heard, strict=True)

    assert (
        words[0] == "reading the latents" and words == steps and list(shares) == pytest.approx(kept)
    )
    assert list(shares) == sorted(shares) and shares[0] == 0 and 0.9 < shares[-1] < 1


def test_too_few_images_are_a_failure_in_words(known):
    """The reason is in the task's state, and no scores are kept."""
    claimed(known, FEW)
    here(known, FEW)

    assert do(known, FEW, CLUSTERING) == "failed"
    assert task_of(known, FEW).read().error.startswith("at least 50 images are needed")
    assert not known.store.get(FEW.key).has_clustering()


def test_only_a_finished_run_is_judged(settings):
    """One that was stopped has weights, but its latents would be others soon: a failure in
    words.
    """
    queue = Queue(settings)
    claimed(queue, TINY)
    here(queue, TINY, on_progress=stop_at(1))

    assert do(queue, TINY, CLUSTERING) == "failed"
    assert (
        task_of(queue, TINY).read().error
        == f"{TINY.key} is stopped: only a finished run can be evaluated"
    )
    with pytest.raises(JobError, match="only a finished run"):
        measure_clustering(queue.store.get(TINY.key))


def test_other_weights_are_judged_again(judged):
    """Scores of weights that the run no longer has do not count as done."""
    run = judged.store.get(TINY.key)
    put_weights(run.folder, save(run.weights() | {"encoder.0.bias": np.zeros(4, np.float32)}))
    assert not judged.store.get(TINY.key).has_clustering()

    assert do(judged, TINY, CLUSTERING) == "finished"
    assert judged.store.get(TINY.key).clustering().densities.std() > 0


@pytest.mark.slow
def test_a_judge_that_cannot_look_up_is_ended_when_cancelled(known):
    """In the middle of a long step the flag ends the process; the run is as it was, and can be
    judged later.
    """
    code = (
        "import sys, threading; from pathlib import Path\n"
        "from autoencoder.config.settings import Settings\n"
        "from autoencoder.jobs import CLUSTERING, Queue, clustering\n"
        "from autoencoder.jobs.runner import run_job\n"
        "def hang(*arguments, notify, **options):\n"
        "    notify('hanging', 0.5)\n"
        "    threading.Event().wait()\n"
        "clustering.measure = hang\n"
        "queue = Queue(Settings(Path(sys.argv[1]), Path(sys.argv[2])))\n"
        "run_job(queue, queue.task(sys.argv[3], CLUSTERING))"
    )
    command = [
        sys.executable,
        "-c",
        code,
        str(known.settings.models),
        str(known.settings.data),
        TINY.key,
    ]
    task = task_of(known, TINY)
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as process:
        wait_until(lambda: task.glance() == "running" and task.read().step == "hanging")
        known.stop(TINY.key, CLUSTERING)
        assert process.wait(timeout=30) != 0

    assert (task.now(), known.store.get(TINY.key).clustering()) == ("stopped", None)
    assert do(known, TINY, CLUSTERING) == "finished"


# The file


def rewritten(run, change):
    """Write the run's clustering.npz anew with arrays, and JSON, that `change` has altered."""
    path = run.folder / "clustering.npz"
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    data = json.loads(arrays["json"].tobytes())
    change(arrays, data)
    if "json" in arrays and arrays["json"].dtype == np.uint8:
        arrays["json"] = np.frombuffer(json.dumps(data).encode(), np.uint8)
    files.write_arrays(path, arrays)


ERRORS = {"latents": 0.5, "pca": 0.25, "train": 64, "test": 360}
LIES = {
    "an array is missing": lambda arrays, data: arrays.pop("densities"),
    "no scores": lambda arrays, data: arrays.pop("json"),
    "no weights": lambda arrays, data: arrays.update(sha256=np.zeros(4, np.uint8)),
    "fewer clusters than images": lambda arrays, data: arrays.update(
        clusters=arrays["clusters"][:-1]
    ),
    "a cluster too many": lambda arrays, data: arrays.update(clusters=arrays["clusters"] + 10),
    "a negative cluster": lambda arrays, data: arrays.update(clusters=arrays["clusters"] - 1),
    "clusters that are no numbers": lambda arrays, data: arrays.update(
        clusters=arrays["clusters"].astype(str)
    ),
    "a density of nothing": lambda arrays, data: arrays.update(densities=arrays["densities"] * 0),
    "an endless density": lambda arrays, data: arrays.update(
        densities=arrays["densities"] * np.inf
    ),
    "densities in a row": lambda arrays, data: arrays.update(densities=arrays["densities"][None]),
    "a class that there is not": lambda arrays, data: arrays.update(
        nearest_other=arrays["nearest_other"] + 10
    ),
    "no other class": lambda arrays, data: arrays.update(
        nearest_other=arrays["nearest_other"] * 0 - 1
    ),
    "an own class as another": lambda arrays, data: arrays.update(
        nearest_other=arrays["nearest_other"] * 0
    ),
    "a class too many": lambda arrays, data: data["scores"]["classes"].__setitem__(-1, 99),
    "other counts": lambda arrays, data: data["scores"].update(counts=[36] * 10),
    "an unknown key": lambda arrays, data: data.update(more=1),
    "no numbers of pixels": lambda arrays, data: data["scores"]["overlap"].pop("pixels"),
    "text for the scores": lambda arrays, data: data.update(scores="good"),
    "wide JSON": lambda arrays, data: arrays.update(json=arrays["json"].astype(np.uint16)),
    "an error above 1": lambda arrays, data: data.update(errors={**ERRORS, "pca": 1.5}),
    "an error that is no number": lambda arrays, data: data.update(errors={**ERRORS, "pca": None}),
    "errors of no images": lambda arrays, data: data.update(errors={**ERRORS, "train": 0}),
    "a true number of images": lambda arrays, data: data.update(errors={**ERRORS, "test": True}),
    "half the errors": lambda arrays, data: data.update(errors={"latents": 0.5}),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_file_that_lies_is_damage(judged, lie):
    """What does not fit the run's images, or its own numbers, is not shown to anybody."""
    run = judged.store.get(TINY.key)
    rewritten(run, lambda arrays, data: data.update(errors=ERRORS))
    assert run.clustering().errors == NeighbourErrors(0.5, 0.25, 64, 360)
    rewritten(run, lie)

    with pytest.raises(CorruptRunError, match=TINY.key):
        run.clustering()
    assert not run.has_clustering()


@pytest.mark.parametrize("text", [b"\xff", b"[" * 100_000, b"[]", b"NaN", b"9" * 10_000], ids=ascii)
def test_words_that_are_no_scores_are_damage(judged, text):
    """Bytes that are no text, too deep, or of another kind."""
    run = judged.store.get(TINY.key)
    with np.load(run.folder / "clustering.npz") as file:
        files.write_arrays(
            run.folder / "clustering.npz", {**file, "json": np.frombuffer(text, np.uint8)}
        )

    with pytest.raises(CorruptRunError):
        run.clustering()


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300), place=st.integers(0, 3_000))
def test_no_bytes_do_more_than_damage(judged, content, place):
    """Whatever stands in the file, alone or over a part of it: the whole scores or damage."""
    run = judged.store.get(TINY.key)
    path, sound = run.folder / "clustering.npz", clustering_of(run.evaluation().labels)
    RunWriter(run.folder).clustering(sound, run.weights_sha256)
    whole = path.read_bytes()
    for bytes_there in (content, whole[:place] + content + whole[place + len(content) :]):
        path.write_bytes(bytes_there)
        try:
            found = run.clustering()
        except CorruptRunError:
            continue
        assert found is None or found.scores.to_dict() == sound.scores.to_dict()


# The page


def page():
    """A page of nothing but the scores."""
    from autoencoder.ui.latent_space import clustering
    from autoencoder.ui.shared.title import title

    clustering(title("Verdict"))


@pytest.fixture
def app(known, monkeypatch):
    """That page over a copy of the trained runs."""
    monkeypatch.setenv("AUTOENCODER_MODELS", str(known.settings.models))
    monkeypatch.setenv("AUTOENCODER_DATA", str(known.settings.data))
    monkeypatch.setattr(
        streamlit, "page_link", lambda *arguments, **options: None
    )  # there are no other pages here
    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()
    return AppTest.from_function(page, default_timeout=60)


def opened(app, config):
    """The page of a run, without an exception."""
    app.query_params["run"] = config.key
    app.run()
    assert not app.exception
    return app


def drawn(app):
    """Everything that is drawn as HTML."""
    return "\n".join(element.proto.body for element in app.get("html"))


def words(app):
    """All text in captions, boxes and paragraphs."""
    return "\n".join(
        element.value
        for kind in (app.caption, app.markdown, app.warning, app.info)
        for element in kind
    )


def figure(app):
    """The matrix, as the page sends it."""
    return json.loads(app.get("plotly_chart")[0].proto.spec)


@pytest.mark.slow
def test_the_page_measures_when_asked_and_shows_what_it_found(app, known):
    """Nothing is started by looking; the button starts the job, and once that has ended there are
    words and numbers.
    """
    opened(app, TINY)
    task = task_of(known, TINY)
    assert app.subheader[0].value == "Do the classes cluster?" and task.glance() == ""
    assert not drawn(app) and "latents near each other" in words(app)

    app.button(key="measure").click().run()
    assert app.button(key="cancel_clustering") and "you can leave this page" in words(app)
    wait_until(lambda: task.now() not in ("queued", "running"))
    opened(app, TINY)
    run = known.store.get(TINY.key)
    for each in sentences(run.clustering().scores, run.class_names):
        assert each in drawn(app)
    assert drawn(app).count("<tr>") == 1 + len(
        CLUSTERING_METRICS
    ) and "Mean ± standard deviation over five random halves of 360 test images" in words(app)


def test_the_matrix_follows_its_controls(app, judged):
    """Shares in percent or distances, of latents, pixels or PCA, with every class by its name."""
    run = judged.store.get(TINY.key)
    clustering = clustering_of(run.evaluation().labels)
    other = np.full((10, 10), 2.5).tolist()
    other[0][1] = None
    scores = replace(
        clustering.scores,
        overlap={**clustering.scores.overlap, "latents": np.full((10, 10), 0.1).tolist()},
        distances={**clustering.scores.distances, "pixels": other},
    )
    RunWriter(run.folder).clustering(replace(clustering, scores=scores), run.weights_sha256)
    opened(app, TINY)
    assert figure(app)["data"][0]["text"] == [["10"] * 10] * 10
    assert figure(app)["layout"]["xaxis"]["ticktext"] == list(run.class_names)
    assert "that belong to the class of the column" in words(app)
    app.segmented_control(key="matrix").set_value("distances")
    app.segmented_control(key="matrix_in").set_value("pixels").run()

    assert not app.exception
    assert figure(app)["data"][0]["text"] == [["2.5", "-", *["2.5"] * 8], *[["2.5"] * 10] * 9]
    assert "the means of two classes of images" in words(app)


def test_only_the_largest_of_many_classes_are_in_the_matrix(app, judged, monkeypatch):
    """In the order of classes, and the caption says so."""
    monkeypatch.setattr(result, "MOST_IN_MATRIX", 3)
    run = judged.store.get(TINY.key)
    clustering = clustering_of(run.evaluation().labels)
    RunWriter(run.folder).clustering(clustering, run.weights_sha256)
    opened(app, TINY)
    _, counts = np.unique(judged.store.get(TINY.key).evaluation().labels, return_counts=True)
    shown = [int(name) for name in figure(app)["layout"]["xaxis"]["ticktext"]]

    assert shown == sorted(shown) and sorted(counts[shown]) == sorted(counts)[-3:]
    assert "the 3 largest of 10 classes" in words(app)


def test_the_best_is_bold_only_outside_the_spread(app, judged):
    """A mean that is ahead by less than the spreads allow is no better; what is not defined says
    so.
    """
    run = judged.store.get(TINY.key)
    clustering = clustering_of(run.evaluation().labels)
    ahead, close = Measure(0.75, 0.01), Measure(0.74, 0.01)
    table = {
        **clustering.scores.metrics,
        "knn_1": {"latents": Measure(0.5, 0.01), "pixels": ahead, "pca": Measure(0.6, 0.01)},
        "knn_10": {"latents": close, "pixels": ahead, "pca": close},
        "silhouette": dict.fromkeys(SPACES),
    }
    RunWriter(run.folder).clustering(
        replace(clustering, scores=replace(clustering.scores, metrics=table)), run.weights_sha256
    )
    rows = dict(zip(CLUSTERING_METRICS, drawn(opened(app, TINY)).split("<tr>")[2:], strict=True))

    assert (
        re.findall("<b>(.*?)</b>", drawn(app)) == ["0.750"]
        and "<b>0.750</b> <small>± 0.010</small>" in rows["knn_1"]
    )
    assert rows["silhouette"].count("not defined") == 3
    assert all("higher is better" in row for row in rows.values())


def test_names_of_classes_are_literal(app, judged, monkeypatch):
    """A class may be called anything."""
    monkeypatch.setattr(
        Run, "class_names", [f"<img src=x onerror=alert({number})>" for number in range(10)]
    )
    run = judged.store.get(TINY.key)
    clustering = clustering_of(run.evaluation().labels)
    overlap = {**clustering.scores.overlap, "latents": np.full((10, 10), 0.1).tolist()}
    scores = replace(clustering.scores, overlap=overlap)
    RunWriter(run.folder).clustering(replace(clustering, scores=scores), run.weights_sha256)
    opened(app, TINY)

    assert "<img" not in drawn(app) and "&lt;img src=x" in drawn(app)
    assert figure(app)["layout"]["xaxis"]["ticktext"][0].startswith("&lt;img")


def test_a_single_class_has_no_matrix(app, known):
    """There is nothing to compare it with; the sentences say so."""
    run = known.store.get(TINY.key)
    data = run.evaluation()
    RunWriter(run.folder).evaluation(data.images, np.full(360, 3), data.latents, data.errors)
    assert do(known, TINY, CLUSTERING) == "finished"
    opened(app, TINY)

    assert not app.get("plotly_chart") and "All 360 images are of one class, 3" in drawn(app)


@pytest.mark.parametrize("damage", [b"", b"PK nonsense"], ids=["empty", "no zip"])
def test_a_damaged_clustering_can_be_measured_again(app, judged, damage):
    """What lies in its place does not stand in the way of a new one."""
    (judged.store.folder / TINY.key / "clustering.npz").write_bytes(damage)
    task_of(judged, TINY).write(TaskState("finished"))
    opened(app, TINY).button(key="measure").click().run()

    assert not app.exception
    assert task_of(judged, TINY).now() in ("queued", "running", "finished")


def test_a_failure_is_shown_with_its_reason(app, known):
    """The sentence of the error, and a way to try again."""
    task_of(known, TINY).write(
        TaskState(
            "failed", error="at least 50 images are needed to measure how classes cluster; got 9"
        )
    )
    opened(app, TINY)

    assert "failed: at least 50 images are needed" in words(app).replace("\\", "") and app.button(
        key="retry_clustering"
    )


def test_a_live_run_is_not_judged(app, known):
    """While a run is trained on it says so, and there is nothing to press."""
    task = Task(known.store.folder / TINY.key)
    with held(task):
        task.update(state="running")
        opened(app, TINY)

    assert "The latents change during training" in words(app)
    assert [button.key for button in app.button] == ["take_away"]


def test_an_unfinished_run_is_not_judged(app, known):
    """One that was stopped says so, and there is nothing to press."""
    Task(known.store.folder / DEEP.key).update(state="stopped")

    assert "This training is stopped" in words(opened(app, DEEP))
    assert [button.key for button in app.button] == ["take_away"]


def test_a_place_that_cannot_be_written_says_so(app, known, monkeypatch):
    """Where nothing can be queued the button says why, and the page stays."""
    opened(app, TINY)
    monkeypatch.setattr(
        Queue,
        "submit_task",
        lambda *arguments, **options: (_ for _ in ()).throw(JobError("there is no room")),
    )
    app.button(key="measure").click().run()

    assert (
        not app.exception and app.toast[0].value == "there is no room" and app.button(key="measure")
    )
