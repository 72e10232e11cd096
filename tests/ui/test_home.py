"""The Runs page: cards, series of runs that fold, what is searched for, several runs at once."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.config.run_config import RunConfig
from autoencoder.jobs import sweeps
from autoencoder.jobs.neighbour_graph import SPLITS, graph_file
from autoencoder.runs import DamagedRun, Membership, Run, RunLabel, RunStore, Task, TaskState
from autoencoder.ui.home import entries as entries_module
from autoencoder.ui.home.entries import Entry, read_entries, read_more
from autoencoder.ui.home.listing import View, cards
from autoencoder.ui.home.series import RunSeries, folded, lab_of, title_of
from autoencoder.ui.shared.text import literal
from tests.support.configs import DEEP, TINY
from tests.support.pages import visit, words
from tests.support.runs import held

LAB = Membership("lab", "E3-digits-quick", "2 numbers")
SEEDS = Membership("seeds", TINY.key, "seed 1")


def entry(config: RunConfig = TINY, *series: Membership, **known: object) -> Entry:
    """A finished run as the page knows it, but for its files."""
    state = TaskState("finished")
    run = Run(config.key, None, config, state, "finished")  # type: ignore[arg-type]
    usual = {"age": 0, "name": config.key, "label": RunLabel(), "errors": {}, "size": 1}
    return Entry(run, series=series, **{**usual, **known})  # type: ignore[arg-type]


def error(mse: float) -> dict[str, float]:
    """The errors of a run."""
    return {"run": mse, "pca": 1.0}


def names(found: list) -> list[str]:
    """What cards are called."""
    return [card.title for card in found]


# ---- Folding ----


def test_runs_of_a_lab_are_one_card() -> None:
    """Runs that a lab trained fold into one, the best first; a run that a person asked for stays
    single.
    """
    runs = [entry(replace(TINY, seed=seed), LAB, errors=error(3.0 - seed)) for seed in range(3)]
    single, series = folded([*runs, entry(DEEP, errors=error(9.0))])

    assert isinstance(single, Entry) and single.key == DEEP.key
    assert isinstance(series, RunSeries)
    assert [each.mse for each in series.entries] == [1.0, 2.0, 3.0]
    assert (series.mse, series.size, series.age) == (1.0, 3, 0)


@pytest.mark.parametrize("label", [RunLabel(title="Mine"), RunLabel(pinned=True)])
def test_a_run_with_a_face_is_a_single_card_too(label: RunLabel) -> None:
    """A run of a lab that a person titled or pinned stands alone, and is counted in the series."""
    mine = entry(TINY, LAB, label=label)
    single, series = folded([mine, entry(DEEP, LAB)])

    assert single is mine
    assert isinstance(series, RunSeries) and len(series.entries) == 2


def test_a_run_that_was_there_before_the_lab_stays_single() -> None:
    """A lab may use a person's run: it is one of the series, and keeps its own card."""
    used = entry(TINY, replace(LAB, created=False))
    single, series = folded([used, entry(DEEP, LAB)])

    assert single is used
    assert isinstance(series, RunSeries) and used in series.entries


def test_a_run_of_two_labs_is_in_both() -> None:
    """Each of its series counts it, and it has no card of its own."""
    other = replace(LAB, name="E4-digits")
    runs = [entry(TINY, LAB, other), entry(DEEP, LAB), entry(replace(DEEP, seed=1), other)]

    assert sorted(card.title for card in folded(runs)) == [
        "Lab E3 on Digits, quick",
        "Lab E4 on Digits",
    ]


def test_a_series_of_weights_says_its_weights() -> None:
    """In its title, and in the order of its runs."""
    near = replace(TINY, objective="neighbours")
    configs = sweeps.plan_weights(near, [300.0, 0.0, 30.0])
    member = Membership("sweep", sweeps.name_of(configs))
    [series] = folded([entry(config, member) for config in configs])

    assert isinstance(series, RunSeries)
    assert series.title == "Sweep of Digits, conv, neighbours, d = 2: weight 0, 30, 300"
    weights = [each.run.config.neighbour_weight for each in series.in_order]  # type: ignore[union-attr]
    assert weights[1:] == [30.0, 300.0]


def test_a_series_of_one_is_no_series() -> None:
    """Where only one run of a lab is there, its own card is shown."""
    assert [type(card) for card in folded([entry(TINY, LAB)])] == [Entry]


def test_a_series_says_what_it_is() -> None:
    """A lab by its name and its data, seeds by what they share, a sweep by what it varies, or as a
    person called it.
    """
    sweep = Membership("sweep", "digits-conv-d2-4-3f2a91")
    mine = Membership("sweep", "How small?")
    runs = [entry(replace(TINY, latent_dim=size, seed=size), SEEDS, sweep, mine) for size in (2, 4)]

    assert sorted(card.title for card in folded(runs)) == [
        "Seeds of Digits, conv, d = 2",
        "Sweep How small?",
        "Sweep of Digits, conv: d = 2, 4",
    ]
    assert title_of(replace(LAB, name="E1-nothing-known")) == "Lab E1-nothing-known"
    assert title_of(replace(LAB, name="E1-digits-quick-e1")) == "Lab E1 on Digits, quick, epochs 1"


def test_a_lab_links_to_its_report() -> None:
    """As the Labs page keeps its choices in the address; a lab with epochs of its own has no such
    address.
    """
    assert lab_of(RunSeries("lab", "E3-digits-quick", [])) == {
        "lab": "E3",
        "dataset": "Digits",
        "quick": "true",
    }
    assert lab_of(RunSeries("lab", "E3-digits-e1", [])) == {}
    assert lab_of(RunSeries("sweep", "E3-digits", [])) == {}


# ---- Searching, filtering, sorting ----


def test_cards_are_sorted_with_pinned_ones_first() -> None:
    """By age, error, name or bytes; what is pinned stands before all others in each order."""
    old = entry(TINY, age=2, name="b", errors=error(0.1), size=10)
    new = entry(DEEP, age=1, name="C", errors={}, size=30)
    pinned = entry(
        replace(TINY, seed=1), age=3, name="z", label=RunLabel("a", "", True), errors=error(0.5)
    )
    runs = [new, old, pinned]

    assert names(cards(runs, View(sort="newest"))) == ["a", "C", "b"]
    assert names(cards(runs, View(sort="error"))) == ["a", "b", "C"]
    assert names(cards(runs, View(sort="name"))) == ["a", "b", "C"]
    assert names(cards(runs, View(sort="size"))) == ["a", "C", "b"]


def test_cards_begin_with_the_best_map() -> None:
    """Unless told otherwise: runs under way and the one that the visitor has started, then by rank,
    where a series counts by its best run, and damaged ones.
    """
    best = entry(TINY, name="best", age=3, errors=error(0.1))
    deep = entry(DEEP, name="deep", age=2, errors=error(0.01))
    worse = entry(replace(TINY, seed=1), name="worse", age=1, errors=error(0.2))
    damaged = Entry(DamagedRun("x", "broken"), 0, "x", RunLabel(), (), {}, 1)
    waiting = entry(replace(DEEP, seed=1), name="waiting", age=4)
    waiting = replace(waiting, run=replace(waiting.run, state="queued"))
    runs = [damaged, deep, worse, best, waiting]

    assert names(cards(runs, View())) == ["waiting", "best", "worse", "deep", "x"]
    assert names(cards(runs, View(), DEEP.key))[:2] == ["deep", "waiting"]
    lab = [entry(replace(TINY, seed=s), LAB, errors=error(0.05 * s)) for s in (3, 4)]
    assert names(cards([worse, *lab, best], View()))[1] == "Lab E3 on Digits, quick"


@pytest.mark.parametrize(
    ("search", "count"),
    [("", 2), ("BEST", 1), ("conv far", 1), (TINY.key[-8:], 1), ("e3", 1), ("best mlp", 0)],
)
def test_a_search_finds_titles_names_keys_and_labs(search: str, count: int) -> None:
    """Every word must occur in one of them, in capitals or not."""
    runs = [
        entry(TINY, name="Digits, conv", label=RunLabel("Best so far")),
        entry(DEEP, LAB, name="Digits, mlp"),
    ]

    assert len(cards(runs, View(search))) == count


def test_a_search_for_a_number_finds_that_number() -> None:
    """What is typed is looked for as a whole first, and 1 is neither 10 nor 0.1; only if nothing
    has it so does each word count for itself.
    """
    shown = ["conv, seed 1, epochs 2", "conv, seed 10, epochs 1", "conv, seed 0.1, images 1000"]
    runs = [entry(replace(TINY, seed=i), name=name) for i, name in enumerate(shown)]

    assert names(cards(runs, View("Seed 1"))) == shown[:1]
    assert names(cards(runs, View("seed 1, epochs"))) == shown[:1]
    assert names(cards(runs, View("1 images"))) == []
    assert names(cards(runs, View("epochs seed"))) == shown[:2]


def test_filters_go_by_options_and_kind() -> None:
    """Each filter leaves the runs with one of its values; a damaged run has none."""
    damaged = Entry(DamagedRun("x", "broken"), 9, "x", RunLabel(), (), {}, 1)
    lab = [entry(replace(DEEP, seed=seed), LAB, name=f"lab {seed}") for seed in (0, 1)]
    runs = [entry(TINY, name="tiny"), *lab, damaged]

    assert names(cards(runs, View(networks=("conv",)))) == ["tiny"]
    assert names(cards(runs, View(bottlenecks=(5, 7)))) == ["Lab E3 on Digits, quick"]
    assert names(cards(runs, View(datasets=("mnist",)))) == []
    assert names(cards(runs, View(kind="single"))) == ["tiny", "x"]
    assert names(cards(runs, View(kind="series"))) == ["Lab E3 on Digits, quick"]
    assert len(cards(runs, View())) == 3


# ---- Reading ----


@pytest.fixture
def settled(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """A store whose folders changed long ago, so that the page may rely on what it read before."""
    monkeypatch.setenv("AUTOENCODER_MODELS", str(store.folder))
    st.cache_resource.clear()
    for key in store.keys():
        os.utime(store.folder / key, (1, 1))
        for path in (store.folder / key).iterdir():
            os.utime(path, (1, 1))
    return store


def test_a_run_is_read_once_while_nothing_changes(
    settled: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look at the same folders reads no run again."""
    first = read_entries()[0]
    monkeypatch.setattr(RunStore, "entry", None)

    assert read_entries()[0] == first


def test_a_change_is_seen_at_the_next_look(settled: RunStore) -> None:
    """A title, a file more, a damage: each is there when the page is drawn next, however long ago
    it happened.
    """
    tiny, deep = settled.folder / TINY.key, settled.folder / DEEP.key
    before = {each.key: each for each in read_entries()[0]}
    settled.relabel(TINY.key, title="New")
    os.utime(tiny, (2, 2))
    assert {each.key: each for each in read_entries()[0]}[TINY.key].title == "New"

    (deep / "mixture.npz").write_bytes(b"x" * 10_000)
    os.utime(deep, (2, 2))
    size = {each.key: each for each in read_entries()[0]}[DEEP.key].size
    assert size == before[DEEP.key].size + 10_000

    (deep / "config.json").write_text("{")
    os.utime(deep / "config.json", (2, 2))
    assert isinstance({each.key: each for each in read_entries()[0]}[DEEP.key].run, DamagedRun)


def test_many_runs_are_read_a_part_at_a_time(
    settled: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that has no time for all of them shows those it has read, the newest first, says how
    many are left, and the next look goes on from there.
    """
    monkeypatch.setattr(entries_module, "FIRST", 1)
    monkeypatch.setattr(entries_module, "READING", 0)
    keys = settled.keys()
    entries, unread = read_entries()
    assert [each.key for each in entries] == keys[:1]
    assert unread == len(keys) - 1 > 0

    monkeypatch.setattr(entries_module, "READING", 60)
    assert read_more() == 0
    monkeypatch.setattr(entries_module, "READING", 0)
    entries, unread = read_entries()
    assert ([each.key for each in entries], unread) == (keys, 0)


def test_the_page_reads_on_until_all_runs_are_there(
    settled: RunStore, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While runs are unread a bar says how many are left; afterwards it is gone."""
    monkeypatch.setattr(entries_module, "FIRST", 1)
    monkeypatch.setattr(entries_module, "READING", 0)
    st.cache_resource.clear()  # the front page has read them
    visit(app, "home.py")
    bars = [each.proto.text for each in app.get("progress")]
    assert bars == [f"Reading more runs. {len(settled.keys()) - 1} are left."]

    monkeypatch.setattr(entries_module, "READING", 60)
    app.run()
    assert not app.get("progress") and not app.exception


def test_a_trainer_that_dies_is_noticed_although_no_file_changes(settled: RunStore) -> None:
    """A run that says it is running is live while its lock is held, and interrupted after that."""
    task = Task(settled.folder / TINY.key)
    task.update(state="running")
    with held(task):
        for path in (task.folder, task.state_file):
            os.utime(path, (2, 2))
        assert {e.key: e for e in read_entries()[0]}[TINY.key].run.is_live  # type: ignore[union-attr]

    run = {e.key: e for e in read_entries()[0]}[TINY.key].run
    assert isinstance(run, Run) and run.state == "interrupted"


# ---- The page ----


def home(app: AppTest, **query: str) -> AppTest:
    """Open the page at an address, coming from another page: what is bound to the address takes
    from it what it is when it is drawn first.
    """
    return visit(visit(app, "labs.py"), "home.py", **query)


def shown(app: AppTest) -> str:
    """What the page says, as it is read."""
    return words(app).replace("\\", "")


def test_an_empty_page_has_nothing_to_search(app: AppTest) -> None:
    """Without runs there is no search, no order and no box to tick."""
    home(app)

    assert not app.exception
    assert not app.text_input and not app.toggle


def test_one_run_needs_no_search(store: RunStore, app: AppTest) -> None:
    """A single run is a card, with its bytes, and nothing to sort."""
    store.delete(DEEP.key)
    home(app)

    assert not app.exception
    assert not app.text_input and "1 run · " in shown(app) and " kB" in shown(app)


def test_a_title_is_shown_literally(store: RunStore, app: AppTest) -> None:
    """Markdown and HTML in titles and notes are text like any other."""
    title, note = "<b>x</b> ![y](http://e.org/z.png)", "**not** bold"
    store.relabel(TINY.key, title=title, note=note)
    home(app)

    assert f"**{literal(title)}**" in [each.value for each in app.markdown]
    assert literal(note) in words(app) and title not in words(app)
    assert "Digits, conv, d = 2" in shown(app)


def test_a_run_gets_its_title_on_its_card(store: RunStore, app: AppTest) -> None:
    """What is typed in the details is in the run's folder, and on the card."""
    home(app)
    app.button(key=f"details_{TINY.key}").click().run()
    app.text_input(key=f"title_{TINY.key}").set_value("Best so far")
    app.text_area(key=f"note_{TINY.key}").set_value("Keep it")
    app.checkbox(key=f"pin_{TINY.key}").set_value(True)
    next(each for each in app.button if each.label == "Save").click().run()

    assert store.label(TINY.key) == RunLabel("Best so far", "Keep it", True)
    home(app)
    assert "Best so far" in shown(app) and "“Keep it”" in shown(app)


def test_a_series_opens_in_its_place_and_stays_open(store: RunStore, app: AppTest) -> None:
    """One card for both runs of a lab; opened, the address says so, and each has its own card with
    its role.
    """
    for key in store.keys():
        store.join(key, LAB)
    home(app)
    assert "Lab E3 on Digits, quick" in shown(app)
    assert f"details_{TINY.key}" not in [each.key for each in app.button]

    app.button(key="open_lab:E3-digits-quick").click().run()
    assert app.query_params["open"] in ("lab:E3-digits-quick", ["lab:E3-digits-quick"])
    assert "2 numbers" in shown(app)
    assert app.button(key=f"details_{TINY.key}_part")
    app.button(key="close_lab:E3-digits-quick").click().run()
    assert "open" not in app.query_params


def test_a_link_to_a_series_shows_it_however_far_down_it_is(store: RunStore, app: AppTest) -> None:
    """Older than a whole page of other runs, the series in the address is there nevertheless."""
    for key in store.keys():
        store.join(key, LAB)
    for seed in range(30):
        store.claim(replace(TINY, seed=100 + seed), "stopped")
    home(app, open="lab:E3-digits-quick")

    assert app.button(key=f"details_{TINY.key}_part")


def test_a_run_that_is_single_and_in_an_open_series_is_shown_twice(
    store: RunStore, app: AppTest
) -> None:
    """A pinned run of an open lab has two cards, with boxes of their own."""
    for key in store.keys():
        store.join(key, LAB)
    store.relabel(TINY.key, pinned=True)
    home(app, open="lab:E3-digits-quick", select="true")

    assert not app.exception
    assert app.button(key=f"details_{TINY.key}") and app.button(key=f"details_{TINY.key}_part")


def test_the_address_keeps_search_order_and_filters(store: RunStore, app: AppTest) -> None:
    """A link with all of them shows what they ask for; one that nothing matches says so and leads
    back.
    """
    home(app, search="conv", sort="Disk use", networks="conv")
    assert not app.exception
    assert "1 of 2 runs" in shown(app)
    assert app.selectbox(key="sort").value == "size"
    assert app.multiselect(key="networks").value == ["conv"]

    app.text_input(key="search").set_value("nothing like it").run()
    assert "No run matches" in shown(app)
    app.button(key="show_all").click().run()
    assert app.text_input(key="search").value == "" and app.multiselect(key="networks").value == []
    assert "2 runs · " in shown(app)


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "best"},
        {"networks": "unet"},
        {"bottlenecks": "x"},
        {"kind": "odd"},
        {"open": "lab:none"},
        {"search": "[x](y)"},
    ],
    ids=lambda query: next(iter(query)),
)
def test_an_address_that_asks_for_what_is_not_there_is_no_error(
    store: RunStore, app: AppTest, query: dict[str, str]
) -> None:
    """Whatever the address says, the page opens."""
    home(app, **query)

    assert not app.exception and not app.error


def test_a_filter_survives_the_last_run_it_names(store: RunStore, app: AppTest) -> None:
    """When the only run with a chosen option is deleted, the page shows what is left or says how to
    get there.
    """
    home(app, networks="mlp")
    store.delete(DEEP.key)
    app.run()

    assert not app.exception and not app.error


# ---- Several runs at once ----


def tick(app: AppTest, *runs: RunConfig) -> AppTest:
    """Tick the cards of runs in select mode."""
    for config in runs:
        app.checkbox(key=f"tick_{config.key}").set_value(True).run()
    return app


def test_selected_runs_are_pinned_and_unpinned(store: RunStore, app: AppTest) -> None:
    """Both at once, and back; the selection stays."""
    tick(home(app, select="true"), TINY, DEEP)
    assert "2 runs selected" in shown(app)
    app.button(key="pin_selected").click().run()
    assert all(store.label(key).pinned for key in store.keys())

    app.button(key="unpin_selected").click().run()
    assert not any(store.label(key).pinned for key in store.keys())
    assert "2 runs selected" in shown(app)


def test_selected_runs_are_compared(store: RunStore, app: AppTest) -> None:
    """The link leads to Compare with those runs."""
    tick(home(app, select="true"), TINY, DEEP)
    link = next(each.proto for each in app.get("page_link") if "Compare" in each.proto.label)

    assert link.label == "Compare 2 runs"
    assert all(key[-8:] in link.query_string for key in store.keys())


def test_selected_runs_are_deleted_but_for_live_ones(store: RunStore, app: AppTest) -> None:
    """The button names how many; a run in training is refused in words, and the others are gone."""
    waiting = replace(TINY, seed=5)
    store.claim(waiting, "queued", 1)
    with held(Task(store.folder / DEEP.key)):
        Task(store.folder / DEEP.key).update(state="running")
        home(app, select="true")
        app.button(key="select_all").click().run()
        assert "Delete **3 runs** for all users?" in shown(app)
        assert app.button(key="delete_selected").label == "Delete 3 runs permanently"
        app.button(key="delete_selected").click().run()

        assert set(store.keys()) == {DEEP.key, waiting.key}
    said = app.warning[0].value.replace("\\", "")
    assert "2 runs were not changed" in said
    assert f"{DEEP.key} is in use by a job: stop the job first" in said
    assert f"{waiting.key} is in the queue" in said


@pytest.mark.parametrize("several", [False, True])
def test_deleting_a_teacher_says_what_becomes_of_its_students(
    store: RunStore, app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, several: bool
) -> None:
    """Other runs that name it are named, apart those whose neighbours only the teacher can find;
    a run that is deleted with it is not.
    """
    monkeypatch.setenv("AUTOENCODER_DATA", str(tmp_path / "data"))
    student = replace(TINY, objective="neighbours", neighbour_space=DEEP.key)
    kept, *lost = (replace(student, neighbours=count) for count in range(2, 7))
    for config in (kept, *lost):
        store.claim(config, "stopped")
    for split in SPLITS:
        file = graph_file(kept, split, tmp_path / "data")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    if several:
        tick(home(app, select="true"), DEEP, TINY)
    else:
        visit(app, "train.py", run=DEEP.key)
    [warning] = [each.value for each in app.warning if "teacher" in each.value]
    [caption] = [each.value for each in app.caption if "teacher" in each.value]

    assert not app.exception
    assert "and can be trained without it" in caption and caption.endswith(f": `{kept.key}`.")
    assert "cannot be trained without it" in warning and warning.endswith(", and 1 more.")
    assert sum(config.key in warning for config in lost) == 3

    if several:
        tick(app, *lost, kept)
        assert "teacher" not in words(app)


def test_the_box_of_a_series_ticks_all_its_runs(store: RunStore, app: AppTest) -> None:
    """One click selects every run of a lab, another none."""
    for key in store.keys():
        store.join(key, LAB)
    home(app, select="true")
    app.checkbox(key="tick_lab:E3-digits-quick").set_value(True).run()
    assert "2 runs selected" in shown(app)

    app.checkbox(key="tick_lab:E3-digits-quick").set_value(False).run()
    assert "0 runs selected" in shown(app)
