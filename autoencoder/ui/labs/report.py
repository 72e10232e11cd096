"""A lab's report on a page: section by section what holds and what can be seen, then its trainings,
and where to go on.
"""

import streamlit as st

from autoencoder import labs
from autoencoder.data import images
from autoencoder.errors import AutoencoderError
from autoencoder.figures.stored import stored
from autoencoder.formatting import duration
from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import Picture
from autoencoder.labs.report import Part, Report
from autoencoder.ui.labs.in_view.component import in_view
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.shell import queue, store
from autoencoder.ui.shared.text import literal, sentence

CHIPS = {
    True: (":material/check_circle:", "green"),
    False: (":material/cancel:", "red"),
    None: (":material/help:", "gray"),
}
LINKS = {
    "latent_space": ("Latent space", ":material/scatter_plot:"),
    "decode": ("Decode", ":material/tune:"),
    "interpolate": ("Interpolate", ":material/linear_scale:"),
    "reconstruct": ("Reconstruct", ":material/compare:"),
}
MAP_HEIGHT = 420  # CSS pixels
CLAIMS_WIDTH, PICTURES_WIDTH = 330, 900  # CSS pixels; they wrap where both do not fit
MOST_BESIDE = 6  # claims that stand beside pictures; more stand above them
ACROSS = 3  # of those, side by side
COLUMNS = {
    "Error fall in the last tenth": st.column_config.NumberColumn(
        format="percent",
        help=(
            "By how much the test error fell in the last tenth of the epochs. With more"
            " than 3 %, the training had not converged"
        ),
    ),
    "Seconds": st.column_config.NumberColumn(format="%.1f"),
}


def lab_report(name: str, report: Report) -> None:
    """Show the report of that name, section by section: what holds, and what can be seen of it."""
    counts = [
        f"{words}: {sum(claim.holds is holds for claim in report.claims)}"
        for holds, words in labs.VERDICTS.items()
    ]
    st.markdown("**" + " · ".join(counts) + "**")
    st.caption(_about(report))
    st.caption(f":material/terminal: {_origin(report)}")
    for number, part in enumerate(report.parts):
        st.subheader(literal(part.title, 200), anchor=False, divider="gray")
        _part(name, _sample(report), part, at_once=number == 0)
    st.subheader("Runs of this lab", anchor=False, divider="gray")
    _table(report)
    st.subheader("Open these runs", anchor=False)
    _runs(report)


def _part(name: str, sample: str, part: Part, *, at_once: bool) -> None:
    """A section: its claims beside its pictures, or above them where they are many."""
    if len(part.claims) > MOST_BESIDE:
        for place, start in zip(st.columns(ACROSS), range(ACROSS), strict=True):
            with place:
                for claim in part.claims[start::ACROSS]:
                    _claim(claim)
        return _rows(name, sample, part, at_once=at_once)
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=CLAIMS_WIDTH):
            for claim in part.claims:
                _claim(claim)
        with st.container(width=PICTURES_WIDTH):
            _rows(name, sample, part, at_once=at_once)


def _sample(report: Report) -> str:
    seeds = ", ".join(map(str, report.seeds))
    return (
        f"{report.train:,} training and {report.test:,} test images · {len(report.runs)}"
        f" runs with seeds {seeds}"
    )


def _about(report: Report) -> str:
    return (
        f"{_sample(report)} · the lab took {duration(report.seconds)}, without"
        " the runs that existed before. Errors are test errors. A spread is a spread"
        f" over the seeds. Pictures show the runs with seed {report.seeds[0]}. Maps show"
        " 1,000 random test images. A claim or a caption says it where this is"
        " different."
    )


def _origin(report: Report) -> str:
    """When and where it was done, and the command that does the same."""
    flags = f"--dataset {report.dataset}{' --quick' if report.quick else ''}"
    return (
        f"Done on {literal(report.date[:10])} on {literal(report.machine, 80)}, by"
        f" `python -m autoencoder lab {report.name} {flags}`"
    )


def _claim(claim: Claim) -> None:
    icon, colour = CHIPS[claim.holds]
    with st.container(border=True):
        st.badge(claim.verdict, icon=icon, color=colour)  # type: ignore[arg-type]
        st.markdown(f"**{literal(claim.statement, 500)}**")
        st.caption(literal(claim.measured, 4_000))


def _rows(name: str, sample: str, part: Part, *, at_once: bool) -> None:
    """The pictures of a section, those of a row side by side; the figures of the first row are
    drawn at once, if asked for.
    """
    for number, row in enumerate(part.rows):
        for place, picture in zip(st.columns(len(row), gap="medium"), row, strict=True):
            with place:
                _picture(
                    name,
                    sample,
                    picture,
                    at_once=picture.kind != "json" or (at_once and number == 0),
                )


def _table(report: Report) -> None:
    """Every training: how it went, and how it ended."""
    rows = [
        {
            "Run": run.role,
            "Seed": run.seed,
            "Loss": run.loss,
            "Epochs": run.epochs,
            "Error fall in the last tenth": run.gain,
            "Dead units": f"{run.dead:,} of {run.units:,}",
            "Seconds": run.seconds,
        }
        for run in report.runs
    ]
    st.dataframe(rows, hide_index=True, width="content", column_config=COLUMNS)


@st.fragment
def _picture(name: str, sample: str, picture: Picture, *, at_once: bool) -> None:
    """Draw it now, or when the visitor scrolls near it: Plotly keeps the browser busy for long."""
    st.markdown(f"**{literal(picture.title, 200)}**")
    try:
        key = f"{name}_{picture.file}"
        if at_once or in_view("Drawing the figure", height=MAP_HEIGHT, key=f"{key}_place"):
            content = labs.content(queue().settings.models, name, picture)
            _draw(content, picture, f"{name} · {sample}", key)
    except (AutoencoderError, ValueError) as error:
        st.warning(sentence(str(error)), icon=":material/broken_image:")
    if picture.caption:
        st.caption(literal(picture.caption, 1_000))


def _draw(content: bytes, picture: Picture, sample: str, key: str) -> None:
    if picture.kind == "json":
        chart(
            stored(content),
            picture.title[:200],
            runs=[],
            sample=f"{sample} · {picture.caption[:1_000]}",
            key=key,
            height=MAP_HEIGHT,
        )
    else:
        st.image(images.require_whole(content))


def _runs(report: Report) -> None:
    """The first seed of each part, with its way to the pages."""
    known = set(store().keys())
    first = {run.role: run for run in reversed(report.runs)}
    for run in reversed(list(first.values())):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{literal(run.role)}**", width=220)
            if run.key not in known:
                st.caption("this run was deleted")
                continue
            for page, (label, icon) in LINKS.items():
                st.page_link(
                    f"pages/{page}.py", label=label, icon=icon, query_params={"run": run.key}
                )
