"""A models folder whose every text tries to make a browser fetch something from elsewhere, or to
become a link to there; and addresses that try the same.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from autoencoder import figures
from autoencoder.config.run_config import RunConfig
from autoencoder.labs import report as reports
from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import Picture, figure
from autoencoder.labs.report import Part
from autoencoder.runs import Membership, RunStore, Task, TaskState
from tests.support.places import MODELS
from tests.support.reports import REPORT
from tests.support.runs import change

FLAT, DEEP = "digits-conv-d2-73c117ff", "digits-conv-d8-a63e8754"
FAILED, INTERRUPTED = (
    RunConfig(dataset="digits", seed=7),
    RunConfig(dataset="digits", seed=8),
)  # never trained
LAB = "E1-digits"
ELSEWHERE = "elsewhere.example"
TEXTS = (
    f"<img src=http://{ELSEWHERE}/a.png>",
    f"![x](http://{ELSEWHERE}/b.png)",
    f"[x](http://{ELSEWHERE}/c)",
    f'<span style="background-image:url(http://{ELSEWHERE}/d.png)">x</span>',
    f"http://{ELSEWHERE}/e",
    f"www.{ELSEWHERE}/f",
    f"someone@{ELSEWHERE}",
    f'<a href="http://{ELSEWHERE}/g">x</a>',
    f"<http://{ELSEWHERE}/h>",
    f"<script src=//{ELSEWHERE}/i></script>",
)
ALL = " ".join(TEXTS)
SHORT = TEXTS[4]  # for what may have 40 letters


def hostile_models(models: Path) -> None:
    """Fill the folder `models` with runs of the project and with a lab's report that say TEXTS
    wherever they may say something.
    """
    store = RunStore(models)
    for key, title in ((FLAT, f"www.{ELSEWHERE} http://{ELSEWHERE}/t"), (DEEP, TEXTS[1])):
        shutil.copytree(MODELS / key, models / key)
        _run(store, key, title)
    for config, state in ((FAILED, "failed"), (INTERRUPTED, "running")):
        store.claim(config, "stopped")
        texts = {"step": ALL, "error": ALL, "note": ALL, "device": SHORT}
        Task(models / config.key).write(TaskState(state, **texts))
    (models / FAILED.key / "dataset.json").write_text(json.dumps({ALL: ALL}))
    _report(models)


def _run(store: RunStore, key: str, title: str) -> None:
    """A finished run: what a person says of it, why it exists, what its jobs failed of, where its
    numbers come from.
    """
    folder = store.folder / key
    store.relabel(key, title=title, note=ALL, pinned=True)
    for kind, name in (("lab", LAB), ("sweep", TEXTS[0]), ("seeds", TEXTS[4])):
        store.join(key, Membership(kind, name, TEXTS[2]))
    change(folder / "state.json", note=ALL, error=ALL, device=SHORT, layout=SHORT, precision=SHORT)
    change(folder / "metrics.json", split=SHORT)
    for task in ("mixture", "clustering", "projection-umap-n15-d2-s0"):
        Task(folder, task).write(TaskState("failed", error=ALL, step=ALL, note=ALL))


def _report(models: Path) -> None:
    """A lab's report, its figures with texts of their own, and what its job failed of."""
    points = figures.latent_scatter(np.zeros((3, 2)), np.zeros(3, int), ["0"])
    pictures = [
        figure("ours", ALL, ALL, points),
        *(
            Picture(f"forged-{number}.json", TEXTS[number], ALL, _figure(text))
            for number, text in enumerate(TEXTS)
        ),
        Picture("forged-menu.json", ALL, ALL, _figure("x", updatemenus=[_menu()])),
    ]
    claims = [Claim(text, None, ALL) for text in TEXTS]
    used = _used(REPORT.runs[0])
    report = replace(
        REPORT,
        title=ALL,
        question=ALL,
        quick=False,
        machine=ALL,
        runs=[used],
        parts=[Part(ALL, claims, [[picture] for picture in pictures])],
    )
    reports.write(models, LAB, report)


def _used(used: reports.Used) -> reports.Used:
    """A run of a report whose texts are forged."""
    return reports.Used(
        ALL, FLAT, used.seed, ALL, used.epochs, used.seconds, used.dead, used.units, used.gain
    )


def _figure(text: str, **layout: Any) -> bytes:
    """A kept figure that says `text` wherever ours say something."""
    title = {"title": {"text": text}}
    trace = {
        "type": "scatter",
        "x": [0, 1],
        "y": [0, 1],
        "name": text,
        "hovertemplate": text,
        "showlegend": True,
    }
    axis = {**title, "tickvals": [0], "ticktext": [text]}
    layout = {"xaxis": axis, "yaxis": axis, "legend": title, **layout}
    return json.dumps({"data": [trace], "layout": layout}).encode()


def _menu() -> dict[str, Any]:
    image = {"source": f"http://{ELSEWHERE}/menu.png", "x": 0, "y": 1}
    button = {"label": TEXTS[3], "method": "relayout", "args": [{"images": [image]}]}
    return {"buttons": [button]}
