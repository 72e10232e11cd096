"""The train page: the form, the picture of its network, the estimate, the queue and the sweep, by
Streamlit's own harness.
"""

import shlex
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from autoencoder import system
from autoencoder.cli.arguments import parser
from autoencoder.cli.main import COMMANDS
from autoencoder.config.presets import preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.config.run_config import label as option_label
from autoencoder.config.settings import Settings
from autoencoder.formatting import duration
from autoencoder.jobs import Queue
from autoencoder.jobs.neighbour_graph import SPLITS, STEP, graph_file
from autoencoder.networks.blueprint import blueprint_of
from autoencoder.runs import RunStore, Task, TaskState
from autoencoder.training.progress import Progress
from autoencoder.ui.shared.run_titles import titles_with_results
from autoencoder.ui.train.network_picture import costs, memory_cost
from tests.support.configs import DEEP, TINY
from tests.support.node import in_node
from tests.support.pages import visit, words
from tests.support.places import PACKAGE, ROOT
from tests.support.queues import end_calibrations
from tests.support.runs import held
from tests.support.timings import TIMING
from tests.support.waiting import wait_until


@pytest.fixture
def queue(tmp_path: Path, data_folder: Path) -> Iterator[Queue]:
    """The dashboard's queue; a calibration that still runs after the test is ended."""
    queue = Queue(Settings(tmp_path / "models", data_folder))
    yield queue
    end_calibrations(queue)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, queue: Queue) -> AppTest:
    """The dashboard over that queue, before its first page."""
    monkeypatch.setenv("AUTOENCODER_MODELS", str(queue.settings.models))
    monkeypatch.setenv("AUTOENCODER_DATA", str(queue.settings.data))
    st.cache_data.clear()
    st.cache_resource.clear()
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunConfig]:
    """What the page asks to have measured, instead of a process for each change of the form."""
    seen: list[RunConfig] = []
    monkeypatch.setattr(
        Queue, "submit_calibration", lambda self, config, timeout: seen.append(config)
    )
    return seen


@pytest.fixture
def page(app: AppTest, asked: list[RunConfig]) -> AppTest:
    """The train page of an empty store."""
    return visit(app, "train.py")


@pytest.fixture
def running(queue: Queue) -> Iterator[Task]:
    """A run that another process seems to train as long as the test lasts."""
    config = replace(TINY, seed=99)
    assert queue.store.claim(config, "stopped")
    task = Task(queue.store.folder / config.key)
    with held(task):
        task.update(state="running")
        yield task


def config_of(command: str) -> RunConfig:
    """The config that a command line trains."""
    arguments = vars(parser(COMMANDS).parse_args(shlex.split(command)[3:]))
    return RunConfig(
        **{name: value for name, value in arguments.items() if name in RunConfig().to_dict()}
    )


def described(app: AppTest) -> RunConfig:
    """The config the form describes, by the command line it shows."""
    return config_of(app.code[0].value)


def picture(app: AppTest) -> str:
    """The picture of the network."""
    return next(html.proto.body for html in app.get("html") if 'class="net"' in html.proto.body)


def captions(app: AppTest) -> list[str]:
    """All small print."""
    return [caption.value for caption in app.caption]


def said_costs(app: AppTest) -> str:
    """The line under the picture of the network."""
    return next(caption for caption in captions(app) if " parameters · " in caption)


def widget(app: AppTest, option: str) -> Any:
    """The form's widget of an option."""
    kinds = (app.selectbox, app.number_input, app.text_input, app.checkbox, app.multiselect)
    return next(each for kind in kinds for each in kind if each.key == f"train_{option}")


def fill(app: AppTest, **options: Any) -> AppTest:
    """Change options one after the other, as a visitor does."""
    for option, value in options.items():
        widget(app, option).set_value(value).run()
    return app


# The live view


LAYOUT = """
const { loss, map, images, down } = layoutFor(width, height, { images: count, shape });
console.log(JSON.stringify({ loss, map, images, down }));
"""


@pytest.mark.parametrize("count", [0, 16], ids=["before", "after"])
@pytest.mark.parametrize("shape", [[1, 8, 8], [1, 28, 28], [3, 32, 32]])
@pytest.mark.parametrize(("width", "height"), [(1120, 720), (1280, 900), (1760, 1080)])
def test_the_live_view_fits_a_window(shape: list[int], width: int, height: int, count: int) -> None:
    """Losses, map and images stand beside each other, none of them small, and fit a window below
    the page's bar together with their titles and the scrubber, so that nothing covers them; room
    for the images is kept from the beginning. At the top of the page the whole map is in sight.
    """
    layout = in_node(
        LAYOUT,
        (PACKAGE / "export/browser/training/data.js", "layoutFor"),
        shape=shape,
        count=count,
        width=width,
        height=height,
    )

    assert layout["loss"] >= 300 and layout["images"] >= 200
    assert layout["loss"] + layout["map"] + layout["images"] + 2 * 24 <= width
    assert layout["map"] >= 350
    assert 311 + 28 + layout["map"] <= height
    assert 28 + max(layout["map"] + 34, layout["down"]) + 68 <= height - 60


# The network


def test_the_picture_follows_the_form(page: AppTest) -> None:
    """Another bottleneck, other widths and another network are drawn at once."""
    assert "2<small>bottleneck</small>" in picture(page)
    assert "conv up" in picture(page)

    fill(page, latent_dim=7)
    assert "7<small>bottleneck</small>" in picture(page)
    fill(page, network="mlp", hidden="99, 55")
    assert "conv" not in picture(page)
    for width in (99, 55):
        assert (
            picture(page).count(f"</i>{width}<small>dense</small>") == 2
        )  # in the encoder and in the decoder
    assert not page.exception


@pytest.mark.parametrize(
    "options",
    [
        {"latent_dim": 7},
        {"network": "linear"},
        {"network": "mlp", "hidden": "99"},
        {"dataset": "cifar10"},
        {"batch_norm": False},
        {"objective": "variational"},
    ],
    ids=str,
)
def test_the_costs_follow_the_form(page: AppTest, options: dict[str, Any]) -> None:
    """The line under the picture is that of the network described, and changes with it."""
    before = said_costs(page)
    fill(page, **options)

    config = described(page)
    assert said_costs(page) == f"{costs(blueprint_of(config))} · {memory_cost(config)}" != before


def test_the_memory_follows_the_batch(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a training takes is said before it starts; what this machine does not have is refused
    beside the field.
    """
    fill(page, batch_size=64)
    assert "of memory to train with a batch of 64" in said_costs(page)
    monkeypatch.setattr(system, "memory_limit", lambda: 10_000_000_000)
    fill(page, dataset="mnist", channels="1024, 1024", batch_size=16_384)

    said = words(page).replace("\\", "")
    assert "Batch size must be smaller: a training with these options needs" in said
    assert "this machine allows 10 GB" in said
    assert page.button(key="train").disabled and not page.exception


def test_a_learning_rate_changes_no_picture(page: AppTest) -> None:
    """What does not shape the network leaves its picture and costs as they are."""
    before = picture(page), captions(page)[0]
    fill(page, learning_rate=0.02, epochs=7)

    assert (picture(page), captions(page)[0]) == before
    assert (described(page).learning_rate, described(page).epochs) == (0.02, 7)


def test_the_form_begins_with_the_default_data_set(page: AppTest) -> None:
    """A visitor who changes nothing trains the preset "balanced" on it."""
    values = preset_values("balanced", RunConfig().dataset)

    assert widget(page, "dataset").value == RunConfig().dataset
    assert described(page) == RunConfig(**values)


# Refusals


@pytest.mark.parametrize(
    ("options", "refused", "reason"),
    [
        ({"hidden": "64, wide"}, "hidden", "must be a whole number"),
        ({"hidden": "0"}, "hidden", "must be a whole number from 1"),
        ({"channels": "4, 4, 4, 4, 4, 4"}, "channels", "may name at most"),
        ({"channels": ""}, "channels", "must be a list of 1 to 8"),
        ({"train_size": 70_000}, "train_size", f"must be at most {RunConfig().info.train}"),
        ({"train_size": 10}, "batch_size", "must be at most the number of training images, 10"),
        ({"output_activation": "none"}, "loss", "needs output\\_activation sigmoid"),
    ],
    ids=str,
)
def test_a_refused_value_is_explained_beside_its_field(
    page: AppTest, options: dict[str, Any], refused: str, reason: str
) -> None:
    """The warning right under the field names it and the rule; Train cannot be pressed, and nothing
    is predicted or swept.
    """
    fill(page, **options)

    assert not page.exception
    [warning] = page.warning
    assert option_label(refused) in warning.value
    assert reason in warning.value
    assert above(page, warning).key == f"train_{refused}"
    assert page.button(key="train").disabled
    assert not page.code
    assert not [button for button in page.button if button.key == "sweep"]
    assert not [
        caption for caption in captions(page) if "How long" in caption or "parameters" in caption
    ]


def above(app: AppTest, element: Any) -> Any:
    """The element drawn right before another one."""
    drawn = [each for each in app.main if not isinstance(each, Block)]
    return drawn[drawn.index(element) - 1]


def test_a_corrected_value_is_accepted(page: AppTest) -> None:
    """Once the field is put right the warning is gone and the run is described again."""
    fill(page, hidden="64, wide")
    fill(page, hidden="64, 32")

    assert not page.warning
    assert not page.button(key="train").disabled
    assert described(page).hidden == (64, 32)


@pytest.mark.parametrize("key", ["train_hidden", "train_channels", "sweep_dims", "sweep_seeds"])
def test_a_number_of_thousands_of_digits_is_refused_in_words(page: AppTest, key: str) -> None:
    """Whatever is pasted into a field of numbers, the page says what is wrong with it."""
    page.text_input(key=key).set_value("9" * 5_000).run()

    assert not page.exception
    assert page.warning


def test_too_large_a_network_is_refused_by_the_form(page: AppTest) -> None:
    """A network that no training would build cannot be asked for."""
    fill(page, hidden="8192, 8192, 8192")

    assert page.button(key="train").disabled
    assert "parameters" in page.warning[0].value


# A form filled from a run


def test_a_link_fills_the_form_from_a_run(
    store: RunStore, app: AppTest, asked: list[RunConfig]
) -> None:
    """?like=KEY puts that run's options into the fields and leaves the address."""
    visit(app, "train.py", like=DEEP.key)

    assert not app.exception
    assert described(app) == DEEP
    assert "like" not in app.query_params
    assert widget(app, "latent_dim").value == 5
    assert widget(app, "objective").value == "variational"


def test_a_filled_form_can_be_changed(
    store: RunStore, app: AppTest, asked: list[RunConfig]
) -> None:
    """The link fills the form once: what is changed afterwards stays changed."""
    visit(app, "train.py", like=DEEP.key)
    fill(app, latent_dim=9)

    assert described(app) == replace(DEEP, latent_dim=9)


@pytest.mark.parametrize("key", ["no-such-run", "../../etc/passwd", "a" * 300, "![x](http://x)"])
def test_a_link_to_no_run_leaves_the_form_as_it_is(
    store: RunStore, app: AppTest, asked: list[RunConfig], key: str
) -> None:
    """That there is no such run is said in passing, and the form holds its preset."""
    visit(app, "train.py", like=key)

    assert not app.exception
    assert "like" not in app.query_params
    assert "There is no run" in app.toast[0].value
    assert described(app).network == "conv"


def test_a_link_to_a_damaged_run_leaves_the_form_as_it_is(
    store: RunStore, app: AppTest, asked: list[RunConfig]
) -> None:
    """A run that cannot be read fills nothing, and the page says so."""
    (store.folder / DEEP.key / "config.json").write_text("{")
    visit(app, "train.py", like=DEEP.key)

    assert not app.exception
    assert "is damaged" in app.toast[0].value
    assert described(app).network == "conv"


# The command line


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"network": "linear", "latent_dim": 3, "seed": 5},
        {"network": "mlp", "hidden": "", "activation": "leaky_relu", "dropout": 0.2},
        {"channels": "4, 8", "batch_norm": False, "keep_best": True, "patience": 3},
        {"objective": "denoising", "noise": "masking", "noise_level": 0.4},
        {"objective": "variational", "beta": 0.5, "kl_warmup": 3},
        {
            "output_activation": "none",
            "loss": "mse",
            "optimizer": "sgd",
            "schedule": "cosine",
            "learning_rate": 0.02,
        },
        {"train_size": 500, "classes": [1, 7, 8], "batch_size": 32, "epochs": 7, "augment": 0.03},
    ],
    ids=str,
)
def test_the_command_line_shown_trains_what_the_form_says(
    page: AppTest, options: dict[str, Any]
) -> None:
    """Parsed again, the command has every value that was put into the form."""
    fill(page, **options)
    config = described(page)

    assert not page.exception
    for option, value in options.items():
        kept = getattr(config, option)
        assert (
            ", ".join(map(str, kept))
            if isinstance(value, str) and isinstance(kept, tuple)
            else kept
        ) == (tuple(value) if isinstance(value, list) else value)
    assert picture(page)


# The queue


def test_waiting_runs_are_listed_with_their_places(
    app: AppTest, queue: Queue, running: Task
) -> None:
    """The run being trained is watched; those behind it are listed in order, each with a way
    out.
    """
    one, two = (queue.submit(replace(TINY, latent_dim=latent_dim)) for latent_dim in (3, 4))
    visit(app, "train.py")

    assert not app.exception
    assert app.query_params["run"] == running.folder.name
    assert app.expander[0].label == "In training or in the queue: 2 more"
    listed = [text.value.replace("\\", "") for text in app.markdown if "in the queue" in text.value]
    assert listed == [
        "Digits, conv, d = 3 · place 1 in the queue",
        "Digits, conv, d = 4 · place 2 in the queue",
    ]
    assert {f"leave_{one.key}", f"leave_{two.key}"} <= {button.key for button in app.button}


def test_a_waiting_run_can_leave_the_queue(app: AppTest, queue: Queue, running: Task) -> None:
    """It is stopped, the next one moves up, and the page lists it no longer."""
    one, two = (queue.submit(replace(TINY, latent_dim=latent_dim)) for latent_dim in (3, 4))
    visit(app, "train.py")
    app.button(key=f"leave_{one.key}").click().run()

    assert not app.exception
    assert queue.places() == {two.key: 1}
    assert queue.store.get(one.key).state == "stopped"
    listed = [text.value.replace("\\", "") for text in app.markdown if "in the queue" in text.value]
    assert listed == ["Digits, conv, d = 4 · place 1 in the queue"]


def test_nothing_under_way_is_not_mentioned(page: AppTest) -> None:
    """Without runs there is neither a list nor a run to watch."""
    assert "under way" not in words(page) + "".join(expander.label for expander in page.expander)
    assert "run" not in page.query_params


# Sweeps


def test_a_sweep_describes_its_runs(page: AppTest) -> None:
    """How many runs there will be and what they are called follows bottlenecks, seeds and the
    form.
    """
    fill(page, dataset="digits")
    assert "5 runs, named digits-conv-d2-4-8-16-32-cfafc9" in captions(page)

    fill(page, network="linear")
    page.text_input(key="sweep_dims").set_value("3, 5").run()
    page.text_input(key="sweep_seeds").set_value("0, 1, 2").run()
    assert "6 runs, named digits-linear-d3-5-3seeds-67e21f" in captions(page)


@pytest.mark.parametrize(
    ("field", "text", "complaint"),
    [
        ("sweep_dims", "2, few", "Bottlenecks must be whole numbers"),
        ("sweep_dims", "-1", "Bottlenecks must be whole numbers"),
        ("sweep_dims", "0", "Latent_dim must be a whole number"),
        ("sweep_dims", "", "A sweep must have from 1 to 50 runs; got 0"),
        ("sweep_seeds", "a", "Seeds must be whole numbers"),
        (
            "sweep_seeds",
            ",".join(map(str, range(11))),
            "A sweep must have from 1 to 50 runs; got 55",
        ),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_in_words(
    page: AppTest, field: str, text: str, complaint: str
) -> None:
    """The popover says why and offers no button; the single run can still be trained."""
    page.text_input(key=field).set_value(text).run()

    assert not page.exception
    assert complaint in page.warning[0].value.replace("\\", "")
    assert not [button for button in page.button if button.key == "sweep"]
    assert not page.button(key="train").disabled


def test_a_sweep_is_queued_from_the_page(app: AppTest, queue: Queue, running: Task) -> None:
    """Its runs wait in order behind the one being trained, and its first run is shown."""
    visit(app, "train.py")
    app.text_input(key="sweep_dims").set_value("3, 5").run()
    app.button(key="sweep").click().run()

    assert not app.exception
    waiting = list(queue.places())
    assert [queue.store.get(key).config.latent_dim for key in waiting] == [3, 5]
    assert app.query_params["run"] == waiting[0]


def test_a_sweep_has_the_forms_seed(page: AppTest) -> None:
    """As long as no seeds are named for the sweep, it is made of the run that the form
    describes.
    """
    fill(page, seed=7)

    assert page.text_input(key="sweep_seeds").value in ("7", "")


# The images


def test_images_are_shown_before_anything_is_trained(page: AppTest) -> None:
    """Three test images of each class that the form keeps, by name; those of the default data set
    come with the package.
    """
    assert any(
        "The first 3 test images of each class. Classes: 0, 1, 2" in caption.replace("\\", "")
        for caption in captions(page)
    )

    fill(page, classes=[1, 7])
    assert any(
        caption.replace("\\", "").endswith("test images of each class. Classes: 1, 7")
        for caption in captions(page)
    )
    fill(page, objective="denoising")
    assert any(
        "each above the noisy image that the denoiser receives" in caption
        for caption in captions(page)
    )
    fill(page, augment=0.1)
    assert any(
        "each above a warped copy as at the start of the training and the noisy" in caption
        for caption in captions(page)
    )


def test_images_that_would_be_fetched_are_announced(page: AppTest) -> None:
    """A data set that is not here is not fetched for its picture; the page says how much the
    training will fetch.
    """
    fill(page, dataset="mnist")

    assert any("downloads them first (11.6 MB)" in caption for caption in captions(page))


def test_a_data_set_that_needs_no_fetching_announces_none(
    app: AppTest, asked: list[RunConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default comes with the package, digits with the installation: on a fresh one nothing is
    said of megabytes.
    """
    monkeypatch.setenv("AUTOENCODER_DATA", str(tmp_path / "empty"))
    page = visit(app, "train.py")
    assert not any(" MB)" in caption for caption in captions(page))

    fill(page, dataset="digits")
    assert not any(" MB)" in caption for caption in captions(page))


def test_a_damaged_run_does_not_break_the_form(
    store: RunStore,
    app: AppTest,
    asked: list[RunConfig],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the data set is gone and the newest run's copy of it is damaged, there is no preview
    and all else.
    """
    monkeypatch.setenv("AUTOENCODER_DATA", str(tmp_path / "empty"))
    for config in (TINY, DEEP):
        (store.folder / config.key / "evaluation.npz").write_bytes(b"half")
    visit(app, "train.py")

    assert not app.exception
    assert not app.button(key="train").disabled


# The estimate


def test_a_known_time_is_said(page: AppTest, queue: Queue, asked: list[RunConfig]) -> None:
    """Once the network has been measured the page says how long the run takes, for however many
    epochs, and asks no more.
    """
    queue.timings.put(described(page), TIMING)
    asked.clear()
    fill(page, epochs=40)
    config = described(page)

    [said] = [caption for caption in captions(page) if "timer" in caption]
    assert f"About **{duration(TIMING.predict(config))}** on this machine" in said
    assert "1 thread, bfloat16" in said
    fill(page, epochs=400)
    assert f"**{duration(TIMING.predict(described(page)))}**" in next(
        c for c in captions(page) if "timer" in c
    )
    assert asked == []


def test_the_time_counts_the_search_for_neighbours(
    page: AppTest, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the neighbours are kept in the data folder the time has that of finding them."""
    monkeypatch.setenv("AUTOENCODER_DATA", str(tmp_path / "data"))
    fill(page, objective="neighbours")
    config, timing = described(page), replace(TIMING, pair=1e-4)
    queue.timings.put(config, timing)
    page.run()
    [said] = [caption for caption in captions(page) if "timer" in caption]
    assert f"About **{duration(timing.predict(config, True))}**" in said
    assert f"{duration(timing.graph(config))} of it to find neighbours" in said

    for split in SPLITS:
        path = graph_file(config, split, tmp_path / "data")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    page.run()
    [said] = [caption for caption in captions(page) if "timer" in caption]
    assert f"About **{duration(timing.predict(config))}**" in said and "of it" not in said


def test_the_search_for_neighbours_shows_how_far_it_is(
    app: AppTest, queue: Queue, running: Task
) -> None:
    """A training that looks for neighbours says so over a bar, and can be stopped."""
    running.update(step=STEP, share=0.4)
    visit(app, "train.py")
    [bar] = app.get("progress")

    assert bar.proto.text == "Finding each image's nearest neighbours"
    assert bar.proto.value == 40
    assert app.button(key="stop")


def test_a_run_on_several_processes_says_so_while_it_trains(
    app: AppTest, queue: Queue, running: Task
) -> None:
    """The line over the bar ends with the run's note."""
    at = Progress(1, 2, 1, 2, {"mse": 0.1}, {}, 1.0, 1.0, 32)
    running.update(step="training", processes=2, progress=at, note="trained by 2 processes")
    visit(app, "train.py")
    [bar] = app.get("progress")

    assert bar.proto.text.startswith("Epoch 1 of 2")
    assert bar.proto.text.endswith(" · trained by 2 processes")


@pytest.mark.slow
def test_a_teacher_is_chosen_among_finished_runs(
    store: RunStore, app: AppTest, asked: list[RunConfig]
) -> None:
    """Where the objective has neighbours the form offers pixels and the runs of the same data set
    whose bottleneck is not smaller, by their titles; the command line has the chosen one.
    """
    page = visit(app, "train.py")
    assert not [each for each in app.selectbox if each.key == "train_neighbour_space"]
    fill(page, dataset="digits", objective="neighbours")
    chooser = widget(page, "neighbour_space")
    titles = titles_with_results([store.get(DEEP.key), store.get(TINY.key)])
    assert sorted(chooser.options) == sorted(["Pixels", *titles.values()])

    fill(page, latent_dim=3)
    assert widget(page, "neighbour_space").options == [
        "Pixels",
        *titles_with_results([store.get(DEEP.key)]).values(),
    ]
    fill(page, neighbour_space=DEEP.key)
    assert described(page).neighbour_space == DEEP.key
    assert not page.button(key="train").disabled

    fill(page, dataset="mnist")
    assert widget(page, "objective").value == "neighbours"
    assert widget(page, "neighbour_space").options == ["Pixels"]


@pytest.mark.slow
def test_a_link_to_a_run_whose_teacher_is_gone_says_so(
    store: RunStore, app: AppTest, asked: list[RunConfig]
) -> None:
    """The form shows the options as they were; beside the teacher it says what is missing, and the
    training cannot be started.
    """
    pupil = replace(TINY, objective="neighbours", neighbours=7, neighbour_space="digits-gone")
    store.claim(pupil, "stopped")
    page = visit(app, "train.py", like=pupil.key)
    fill(page, seed=3)

    assert not page.exception
    assert widget(page, "neighbour_space").value == "digits-gone"
    assert [each for each in page.warning if "there is no run" in each.value]
    assert page.button(key="train").disabled


def test_an_unknown_time_is_asked_for(page: AppTest, queue: Queue, asked: list[RunConfig]) -> None:
    """A network that has not been measured is, when it is described, and again when it changes;
    until then the page says so.
    """
    assert asked == [described(page)]
    assert [caption for caption in captions(page) if "Measuring the training time" in caption]

    fill(page, latent_dim=7)
    assert asked[1:] == [described(page)]


@pytest.mark.slow
def test_the_page_starts_a_measurement(app: AppTest, queue: Queue) -> None:
    """A process of its own measures the network described."""
    visit(app, "train.py")
    task = queue.timings.task(described(app))

    assert not app.exception
    wait_until(lambda: task.is_held() or task.now() == "finished")
    assert queue.timings.config_of(task) == described(app)
    said = " ".join(captions(app))
    assert "Measuring the training time" in said or "About" in said, said


def test_nothing_is_measured_beside_a_training(app: AppTest, queue: Queue, running: Task) -> None:
    """While a run trains, the page says that the measurement waits."""
    visit(app, "train.py")

    assert not app.exception
    assert queue.timings.task(described(app)).now() == "queued"
    assert [caption for caption in captions(app) if "when no training is running" in caption]


@pytest.mark.parametrize("state", ["failed", "stopped"])
def test_a_measurement_that_fails_is_said(page: AppTest, queue: Queue, state: str) -> None:
    """The page does not wait for ever for a time that will not come."""
    queue.timings.ask(described(page)).write(TaskState(state))
    page.run()

    assert [
        caption for caption in captions(page) if "could not be measured on this machine" in caption
    ]
    assert not page.button(key="train").disabled


def test_where_nothing_can_be_written_the_form_still_works(app: AppTest, queue: Queue) -> None:
    """A models folder that cannot be written: the page says that no time can be predicted, and
    shows all else.
    """
    shutil.rmtree(queue.settings.models)
    queue.settings.models.write_text("a file")
    visit(app, "train.py")

    assert not app.exception
    assert [caption for caption in captions(app) if "cannot be measured" in caption]
    assert picture(app)
