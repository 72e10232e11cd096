"""Addresses with values of the wrong kind, for every parameter that a page reads from its address.

Whatever an address says, no page shows an exception: a wrong value is refused in words or ignored.
"""

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from urllib.parse import quote

from websockets.exceptions import WebSocketException

from autoencoder.analysis import sampling
from autoencoder.runs import RunStore, RunWriter
from benchmarks.serving import Server
from benchmarks.viewers import PageError, viewer
from tests.support.loops import done
from tests.support.places import MODELS, ROOT

FLAT, DEEP = "digits-conv-d2-73c117ff", "digits-conv-d8-a63e8754"
VARIATIONAL, OLD = "digits-conv-variational-d2-7e4e5961", "digits-mlp-d2-2e2b5ff2"


@dataclass(frozen=True)
class Place:
    """A page on which widgets or texts are that an address may give values to.

    Attributes:
        page: Its address, without a query.
        query: What the address says besides, so that they are there.
        names: Of the parameters.
    """

    page: str
    query: str
    names: Sequence[str]


PLACES = (
    Place(
        *("", ""),
        ["search", "sort", "datasets", "networks", "bottlenecks", "kind", "select", "open"],
    ),
    Place("train", "", ["run", "like"]),
    Place("reconstruct", f"run={FLAT}", ["errors", "pca", "order", "own", "image", "with"]),
    Place("reconstruct", "", ["run"]),
    Place("reconstruct", f"run={FLAT}&order=Random", ["sample_seed"]),
    Place("reconstruct", f"run={FLAT}&order=By class", ["of_class"]),
    Place(
        *("latent_space", f"run={FLAT}"),
        ["method", "look", "colour", "beside", "matrix", "matrix_in"],
    ),
    Place(
        *("latent_space", f"run={OLD}&method=UMAP"),
        ["map_points", "map_seed", "umap_neighbours", "umap_distance"],
    ),
    Place("latent_space", f"run={OLD}&method=t-SNE", ["tsne_perplexity"]),
    Place("decode", f"run={FLAT}", ["view", "z"]),
    Place("decode", f"run={DEEP}", ["z"]),
    Place("decode", f"run={OLD}", ["method"]),
    Place("decode", f"run={VARIATIONAL}&view=Samples", ["source", "seed"]),
    Place("decode", f"run={FLAT}&view=Samples", ["seed", "class"]),
    Place("decode", f"run={VARIATIONAL}&view=Manifold", ["grid", "reach", "spacing"]),
    Place("decode", f"run={DEEP}&view=Manifold&plane=Two latent values", ["across", "up"]),
    Place("decode", f"run={DEEP}&view=Manifold", ["plane"]),
    Place("interpolate", f"run={FLAT}", ["images", "frames", "path", "with"]),
    Place("inspect", f"run={FLAT}", ["view", "weights", "norms_from", "with"]),
    Place("inspect", f"run={FLAT}&view=Activations", ["layer", "before", "image", "with"]),
    Place("inspect", f"run={FLAT}&view=Switch off", ["off", "unit", "becomes"]),
    Place("inspect", f"run={FLAT}&view=Denoising", ["noise", "level", "noise_seed", "image"]),
    Place("compare", "", ["view", "runs", "data"]),
    Place("compare", "view=Bottleneck", ["sweep_data", "sweep_preset", "sizes", "share", "family"]),
    Place(
        "compare", "view=Neighbours", ["weights_data", "weights_preset", "weights", "weights_of"]
    ),
    Place("compare", "view=Seeds", ["config_a", "config_b"]),
    Place("compare", "view=Linear and PCA", ["linear"]),
    Place("labs", "", ["lab", "dataset", "quick"]),
)
VALUES: dict[str, str] = {
    "empty": "",
    "word": "x",
    "zero": "0",
    "negative": "-1",
    "fraction": "0.5",
    "huge": "9" * 400,
    "out of range": "1e999",
    "not a number": "nan",
    "endless": "-inf",
    "true": "true",
    "list": "[]",
    "numbers": "1,2,,3",
    "object": '{"a": 1}',
    "long": "x" * 300,
    "null byte": "\x00",
    "other digits": "٣",
    "superscript": "²",
    "direction": "a\u202eb",
    "surrogates": "\U0001f600",
    "html": "<img src=http://192.0.2.1/x.png>",
    "markdown": "![x](http://192.0.2.1/x.png)",
    "path": "../../etc/passwd",
    "percent": "%zz",
}


def addresses(place: Place) -> Iterator[tuple[str, str]]:
    """Name and query of every address of a place: each parameter with each of VALUES, twice, and
    all of them at once.
    """
    start = f"{place.query}&" if place.query else ""
    for name in place.names:
        for kind, value in VALUES.items():
            yield f"{name} is {kind}", f"{start}{name}={quote(value)}"
        yield f"{name} is given twice", f"{start}{name}=x&{name}=1&{name}="
    for kind, value in VALUES.items():
        every = "&".join(f"{name}={quote(value)}" for name in place.names)
        yield f"all are {kind}", start + every


def models_of(folder: Path) -> Path:
    """Runs of the project in the folder `folder`, and one of an earlier version, with all that the
    pages would have to compute by a job.
    """
    for key in (FLAT, DEEP, VARIATIONAL):
        shutil.copytree(MODELS / key, folder / key)
    shutil.copytree(ROOT / "tests" / "runs" / "format_1" / OLD, folder / OLD)
    run = RunStore(folder).get(FLAT)
    test = run.evaluation()
    assert test.latents is not None
    mixture = sampling.fit_mixture(test.latents, test.labels, seed=0)
    RunWriter(run.folder).mixture(mixture, run.weights_sha256)
    return folder


async def visit_all(
    address: str, visits: Sequence[tuple[str, str, str]], until: float = float("inf")
) -> tuple[int, list[str]]:
    """Open pages (page, name, query), until a moment of `monotonic`: how many were opened, and a
    line for each that showed an exception.
    """
    tried, broken = 0, []
    for page, name, query in visits:
        if monotonic() > until:
            break
        tried += 1
        async with viewer(address) as visitor:  # an address that is typed begins a session
            try:
                await visitor.visit(page, query)
            except (PageError, WebSocketException) as error:
                if "encountered an error" in str(error) or not isinstance(error, PageError):
                    broken.append(f"{page or 'home'}: {name}: {str(error)[:100]}")
    return tried, broken


def campaign(seed: int, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Open every page with wrong values in a shuffled order, as long as there is time; `folder` is
    an empty one to work in. How many were tried, and a line for each that was not survived.
    """
    visits = [(place.page, name, query) for place in PLACES for name, query in addresses(place)]
    random.Random(seed).shuffle(visits)
    server = Server(models_of(folder / "models"), folder / "data")
    try:
        return done(visit_all(server.address, visits, monotonic() + seconds))
    finally:
        server.stop()
