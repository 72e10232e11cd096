"""Somebody's own images on the Train page: chosen, looked at, added as a data set, and removed
again.

What a visitor has uploaded lies in the data folder; what was understood of it is kept in the
session until it is added or dropped.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from autoencoder.config.added_datasets import suggest_name
from autoencoder.config.adding import COLOURS, FITS, UPLOADED, AddOptions, parse_size
from autoencoder.data.added import added, catalogue
from autoencoder.data.adding import Survey, samples, survey, uploaded_files
from autoencoder.errors import AutoencoderError, ConfigError
from autoencoder.jobs.adding import Request, submit, task_of
from autoencoder.jobs.failures import reason
from autoencoder.ui.shared.image_grid import image_stacks
from autoencoder.ui.shared.shell import explained, queue, submitting, tick
from autoencoder.ui.shared.tasks import record_of, show_progress
from autoencoder.ui.shared.text import literal, sentence
from autoencoder.ui.train.form import choose_dataset
from autoencoder.ui.train.image_picker.component import image_picker

SURVEY, ADDING = "own_images_survey", "own_images_adding"  # in the session state
CHOOSE = "own_images_choose"  # the data set that was added just now: the form is to choose it
ROUND = "own_images_round"  # counts what was uploaded: a new number empties the uploader
SIZES = ("32", "48", "64", "96", "128")
EACH, CLASSES = 5, 12  # images of a class, and classes, that are shown
SHOWN = 72  # CSS pixels of an image
NAMED = 8  # classes that are named with their counts


def own_images() -> None:
    """Fold out the way to train on images of one's own. To be called before the form, which then
    shows the data set that was added just now.
    """
    if CHOOSE in st.session_state:
        choose_dataset(st.session_state.pop(CHOOSE))
    is_under_way = SURVEY in st.session_state or ADDING in st.session_state
    with st.expander(
        "Your own images", icon=":material/add_photo_alternate:", expanded=is_under_way
    ):
        if ADDING in st.session_state:
            st.fragment(_progress, run_every=1.0)(st.session_state[ADDING])
        elif SURVEY in st.session_state:
            _understood(st.session_state[SURVEY])
        else:
            _upload()
        _list()


def _upload() -> None:
    """The uploader; what comes of it is surveyed at once."""
    megabytes = min(queue().settings.upload_mb, st.get_option("server.maxUploadSize"))
    if not megabytes:
        st.caption(
            "Nothing can be uploaded to this server. Its owner adds images on the command line:"
            " `python -m autoencoder data add FOLDER --name NAME`"
        )
        return
    uploader = f"own_images_archive_{st.session_state.get(ROUND, 0)}"
    image_picker(uploader, megabytes, key="own_images_picker")
    file = st.file_uploader(
        "Or a zip, a .tar.gz, or a .npz with `images` and `labels`",
        uploaded_files.ENDINGS,
        max_upload_size=megabytes,
        key=uploader,
    )
    st.caption(
        "One folder for each class, or images without classes; folders `train` and `test` stay"
        " apart. Everybody on this server then finds them in the list of data sets. The command"
        " line takes more: `python -m autoencoder data add FOLDER --name NAME`"
    )
    if file is not None:
        _look(file)


def _look(file: Any) -> None:
    """Keep what was uploaded, find out what it is, and empty the uploader."""
    settings, upload = queue().settings, None
    try:
        with st.spinner("Looking at the images"):
            upload = uploaded_files.keep(file.name, file, settings.data)
            st.session_state[SURVEY] = survey(upload, UPLOADED)
            st.session_state["own_images_title"] = _title(file.name)
    except AutoencoderError as error:
        if upload is not None:
            uploaded_files.drop(upload)
        st.error(sentence(str(error)), icon=":material/broken_image:")
        return
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.rerun()


def _title(name: str) -> str:
    """A title for what came in a file of that name."""
    return name.split(".")[0].replace("_", " ").strip() or "images"


# What was understood, and how it is to be added


def _understood(found: Survey) -> None:
    """What the images are, how they will be made alike, and the button that adds them."""
    for line in _sentences(found):
        st.markdown(line)
    for note in found.notes:
        st.caption(f":material/info: {sentence(note, 300)}")
    title, options = _options(found)
    is_ready = options is not None and _preview(found, options)
    with st.container(horizontal=True):
        st.button(
            "Add these images",
            type="primary",
            icon=":material/add:",
            key="own_images_add",
            disabled=not is_ready,
            on_click=_add,
            args=(found, title, options),
        )
        st.button(
            "Drop them",
            icon=":material/close:",
            key="own_images_drop",
            on_click=_drop,
            args=(found,),
        )


def _sentences(found: Survey) -> Iterator[str]:
    """How many images, in which classes, of which sizes; what is left out, and why."""
    names, totals = found.class_names, np.add(found.train, found.test) + found.undecided
    if names:
        shown = [
            f"{literal(name, 40)} ({count:,})" for name, count in zip(names, totals, strict=True)
        ]
        rest = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        classes = f"in {len(names):,} classes: {', '.join(shown[:NAMED])}{rest}"
    else:
        classes = "without classes"
    yield f"**{found.images:,} images** {classes}."
    sides = [f"{height}x{width}" for (height, width), _ in found.sizes[:3]]
    more = f" and {len(found.sizes) - 3:,} other sizes" if len(found.sizes) > 3 else ""
    colours = "some in colour" if found.is_colour else "all grey"
    split = "Split into train and test as the folders say." if found.is_split else ""
    yield f"Height x width: {', '.join(sides)}{more}, {colours}. {split}"
    for why, count in found.skipped.items():
        examples = ", ".join(literal(name, 40) for name in found.examples.get(why, ())[:3])
        yield f":material/block: {count:,} left out: {literal(why, 120)} ({examples})"


def _options(found: Survey) -> tuple[str, AddOptions | None]:
    """Title and options as chosen; no options where they are refused, which is said."""
    suggested = "x".join(map(str, dict.fromkeys(found.size)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Name", key="own_images_title", max_chars=60, width=200)
        size = st.selectbox(
            "Size in pixels",
            list(dict.fromkeys([suggested, *SIZES])),
            key="own_images_size",
            accept_new_options=True,
            help="One number, or height x width such as 48x64: 8 to 256",
            width=150,
        )
        colour = st.selectbox(
            "Colours",
            list(COLOURS),
            format_func=lambda name: COLOURS[name].title,
            key="own_images_colour",
            width=150,
        )
        fit = st.selectbox(
            "Other shapes",
            list(FITS),
            format_func=lambda name: FITS[name].title,
            key="own_images_fit",
            help="\n".join(f"- **{each.title}**: {each.help}" for each in FITS.values()),
            width=150,
        )
        test = 0.15
        if not found.is_split:
            test = st.number_input(
                "Share to test on",
                min_value=0.05,
                max_value=0.9,
                value=test,
                step=0.05,
                format="%g",
                key="own_images_test",
                width=150,
            )
    try:
        return title, AddOptions(size=parse_size(size or ""), colour=colour, fit=fit, test=test)
    except ConfigError as error:
        st.warning(sentence(str(error)), icon=":material/error:")
        return title, None


def _preview(found: Survey, options: AddOptions) -> bool:
    """Draw some images of each class as the network will see them; whether that was possible."""
    try:
        of_classes = _samples(found, options)
    except AutoencoderError as error:
        st.error(sentence(str(error)), icon=":material/broken_image:")
        return False
    names = found.class_names or ("",)
    captions = [name for name, some in zip(names, of_classes, strict=False) for _ in some]
    image_stacks(
        [np.concatenate(of_classes)],
        size=SHOWN,
        columns=2 * EACH,
        captions=captions if found.class_names else (),
        alt="Sample images by class, as the network will see them",
    )
    shape = found.shape(options)
    few = f" The first {CLASSES} of {len(names):,} classes." if len(names) > CLASSES else ""
    st.caption(f"As the network will see them: {shape}, {shape.pixels:,} numbers each.{few}")
    return True


@st.cache_data(
    max_entries=16,
    show_spinner="Decoding some images",
    hash_funcs={Survey: lambda found: (str(found.source), found.listing.digest)},
)
def _samples(found: Survey, options: AddOptions) -> list[np.ndarray]:
    shown = range(min(CLASSES, max(1, len(found.class_names))))
    return samples(found, options, EACH, shown)


def _add(found: Survey, title: str, options: AddOptions) -> None:
    data = queue().settings.data
    name = suggest_name(title, catalogue(data))
    try:
        with submitting():
            submit(queue(), Request(name, str(found.source), title, options))
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")
        return
    st.session_state[ADDING] = name


def _drop(found: Survey) -> None:
    uploaded_files.drop(found.source)
    st.session_state.pop(SURVEY, None)


# While the images are added


@explained
def _progress(name: str) -> None:
    """Reruns alone until the images are there, then asks for one full rerun, with them chosen."""
    tick()
    task = task_of(queue().settings.models, name)
    state, record = task.glance(), record_of(task)
    if state == "finished":
        _finish(name)
        st.rerun()
    if state in ("queued", "running"):
        waits = state == "queued" and not task.is_starting()
        step = record.step[:1].upper() + record.step[1:] or "Starting"
        show_progress("Waiting for other images to be added" if waits else step, record)
        st.caption("You can leave this page.")
        st.button(
            "Cancel",
            key="own_images_cancel",
            icon=":material/close:",
            on_click=_cancel,
            args=(name,),
        )
        return
    words = "were not added" if state == "stopped" else f"failed: {literal(reason(record), 300)}"
    st.warning(f"The images {words}.", icon=":material/warning:")
    st.button("Back", key="own_images_back", on_click=_back)


def _finish(name: str) -> None:
    for key in (SURVEY, ADDING):
        st.session_state.pop(key, None)
    st.session_state[CHOOSE] = name


def _cancel(name: str) -> None:
    queue().stop_job(task_of(queue().settings.models, name))


def _back() -> None:
    st.session_state.pop(ADDING, None)
    found = st.session_state.get(SURVEY)
    if found is not None and not Path(found.source).exists():
        st.session_state.pop(SURVEY)


# Those that were added


def _list() -> None:
    """Every data set that was added, with a button that removes it."""
    for name, info in added(queue().settings.data).items():
        with st.container(horizontal=True, vertical_alignment="center"):
            classes = f", {len(info.class_names):,} classes" if info.class_names else ""
            st.markdown(
                f"**{literal(info.title)}** · {info.shape} · {info.train:,} to train on,"
                f" {info.test:,} to test on{classes}",
                width="stretch",
            )
            with st.popover("", icon=":material/delete:", type="tertiary", help="Remove"):
                st.markdown(f"Remove **{literal(info.title)}** for all users? Its runs stay.")
                st.button(
                    "Remove permanently",
                    key=f"own_images_remove_{name}",
                    type="primary",
                    on_click=_remove,
                    args=(name,),
                )


def _remove(name: str) -> None:
    try:
        queue().remove_dataset(name)
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")
