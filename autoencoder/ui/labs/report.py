"""A lab's report on a page: first what holds and what does not, then what can be seen, then where
to go on.
"""

import streamlit as st

from autoencoder import labs
from autoencoder.errors import AutoencoderError
from autoencoder.figures.stored import stored
from autoencoder.formatting import duration
from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import Picture
from autoencoder.labs.report import Report
from autoencoder.ui.labs.in_view.component import in_view
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
MAP_HEIGHT = 520  # CSS pixels


def lab_report(name: str, report: Report) -> None:
    """Show the report of that name."""
    st.subheader("Claims", anchor=False)
    counts = [
        f"{words}: {sum(claim.holds is holds for claim in report.claims)}"
        for holds, words in labs.VERDICTS.items()
    ]
    st.caption(" · ".join([*counts, _about(report)]))
    for claim in report.claims:
        _claim(claim)
    st.subheader("What was seen", anchor=False)
    _pictures(name, report)
    st.subheader("Go on with its runs", anchor=False)
    _runs(report)


def _about(report: Report) -> str:
    seeds = ", ".join(map(str, report.seeds))
    epochs = " or ".join(str(each) for each in sorted({run.epochs for run in report.runs}))
    return (
        f"{len(report.runs)} trainings of {epochs} epochs, seeds {seeds}, {report.train:,} training"
        f" and {report.test:,} test images; {duration(report.seconds)}, without the trainings that"
        " were there"
    )


def _claim(claim: Claim) -> None:
    icon, colour = CHIPS[claim.holds]
    with st.container(border=True):
        left, right = st.columns([1, 4], vertical_alignment="top")
        with left:
            st.badge(claim.verdict, icon=icon, color=colour)  # type: ignore[arg-type]
        with right:
            st.markdown(f"**{literal(claim.statement, 500)}**")
            st.caption(literal(claim.measured, 4_000))


def _pictures(name: str, report: Report) -> None:
    """Figures two by two, walls in their whole width, films beside each other."""
    for kind, columns in (("json", 2), ("png", 1), ("gif", 4)):
        pictures = [picture for picture in report.pictures if picture.kind == kind]
        for start in range(0, len(pictures), columns):
            for place, picture in zip(
                st.columns(columns, gap="large"), pictures[start : start + columns], strict=False
            ):
                with place:
                    _picture(name, picture, at_once=kind != "json" or start == 0)


@st.fragment
def _picture(name: str, picture: Picture, *, at_once: bool) -> None:
    """Draw it now, or when the visitor scrolls near it: Plotly keeps the browser busy for long."""
    st.markdown(f"**{literal(picture.title, 200)}**")
    try:
        key = f"{name}_{picture.file}"
        if at_once or in_view("Drawing the figure", height=MAP_HEIGHT, key=f"{key}_place"):
            _draw(labs.content(queue().settings.models, name, picture), picture, key)
    except (AutoencoderError, ValueError) as error:
        st.warning(sentence(str(error)), icon=":material/broken_image:")
    except (
        Exception
    ) as error:  # Pillow and its kin raise all sorts of things for a file that is no image
        st.warning(
            f"{literal(picture.file)} cannot be shown: {type(error).__name__}.",
            icon=":material/broken_image:",
        )
    st.caption(literal(picture.caption, 1_000))


def _draw(content: bytes, picture: Picture, key: str) -> None:
    if picture.kind == "json":
        st.plotly_chart(stored(content), key=key, height=MAP_HEIGHT)
    else:
        st.image(content)


def _runs(report: Report) -> None:
    """The first seed of each part, with its way to the pages."""
    known = set(store().keys())
    first = {run.role: run for run in reversed(report.runs)}
    for run in reversed(list(first.values())):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{literal(run.role)}**", width=220)
            if run.key not in known:
                st.caption("its run was deleted")
                continue
            for page, (label, icon) in LINKS.items():
                st.page_link(
                    f"pages/{page}.py", label=label, icon=icon, query_params={"run": run.key}
                )
