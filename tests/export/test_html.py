"""A run as one HTML file: what is in it, how large it is, and what it says of hostile texts."""

import base64
import json
import re
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoencoder.analysis.projections import Projection
from autoencoder.config.datasets import DatasetInfo, ImageShape
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import RunError
from autoencoder.export.decoder import MOST_WHOLE, decoder_bytes, short_decoder_bytes
from autoencoder.export.html import content as html_content
from autoencoder.export.html import write_html
from autoencoder.export.html.file import SAFE, json_text
from autoencoder.networks.blueprint import blueprint_of, state_shapes
from autoencoder.networks.numpy_inference import NumpyAutoencoder
from autoencoder.runs import Evaluation, Run, RunStore, RunWriter
from tests.support.node import in_node
from tests.support.places import MODELS, PACKAGE, ROOT

SHIPPED = "mnist-mlp-neighbours-d2-c7689cb4"
BROWSER = PACKAGE / "export" / "browser"
HTML = PACKAGE / "export" / "html"
FLAT, DEEP = "digits-conv-d2-73c117ff", "digits-conv-d8-a63e8754"
VARIATIONAL = "digits-conv-variational-d2-7e4e5961"
HOSTILE = "</title><script>alert(1)</script><!-- & \" '"
KINDS: dict[str, dict[str, Any]] = {  # with an array that is large enough to be halved
    "linear": {"network": "linear", "latent_dim": 16},
    "identity": {"network": "linear", "latent_dim": 16, "output_activation": "none", "loss": "mse"},
    "mlp": {"network": "mlp", "hidden": (64,)},
    "mlp-bare": {"network": "mlp", "hidden": (64,), "batch_norm": False, "activation": "tanh"},
    "conv": {"channels": (32, 64), "hidden": (64,)},
    "variational": {"network": "mlp", "hidden": (64,), "objective": "variational"},
}


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """Copies of small runs."""
    for key in (FLAT, DEEP, VARIATIONAL):
        shutil.copytree(MODELS / key, tmp_path / "models" / key)
    return RunStore(tmp_path / "models")


def file_of(run: Run, folder: Path) -> str:
    """The text of the run's file."""
    write_html(run, folder / "run.html")
    return (folder / "run.html").read_text(encoding="utf-8")


def page_of(text: str) -> dict[str, Any]:
    """What the script of a file is told."""
    [page] = re.findall(r'<script type="application/json" id="page">(.*?)</script>', text, re.S)
    return dict(json.loads(page))


def random_weights(config: RunConfig) -> dict[str, np.ndarray]:
    """Weights that no float16 holds as they are, so large that images differ."""
    random = np.random.default_rng(0)
    weights = {}
    for name, size in state_shapes(blueprint_of(config)).items():
        if len(size) < 2:
            weights[name] = random.uniform(0.5, 1.5, size).astype(np.float32)
        else:
            spread = 2 / np.sqrt(np.prod(size[1:]))
            weights[name] = random.normal(scale=spread, size=size).astype(np.float32)
    return weights


@pytest.mark.slow
def test_the_shipped_map_of_mnist_is_small(tmp_path: Path) -> None:
    """The file of the largest run of the project is below 4 MB, with 2,000 of its test images."""
    text = file_of(Run.read(ROOT / "models" / SHIPPED), tmp_path)

    assert len(text.encode()) < 4_000_000
    assert "the first 2,000 of 10,000 test images" in text
    assert "0.0330" in text and "0.0557" in text  # test MSE of the run, and of PCA


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_halved_weights_decode_nearly_the_same_images(options: dict[str, Any]) -> None:
    """Images decoded from float16 weights are within 2 of 255 of those from float32, and the bytes
    are about half as many.
    """
    config = RunConfig(dataset="mnist", **options)
    weights = random_weights(config)
    latents = np.random.default_rng(1).normal(size=(8, config.latent_dim)).astype(np.float32)
    short = short_decoder_bytes(config, weights)
    program = """
const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
const decoder = new Decoder(lengthened(bytes));
console.log(JSON.stringify(latents.map((z) => Array.from(decoder.decode(z)))));
"""
    pixels = in_node(
        program,
        (BROWSER / "decoder.js", "Decoder"),
        (BROWSER / "short_decoder.js", "lengthened"),
        content=base64.b64encode(short).decode(),
        latents=latents.tolist(),
    )
    expected = NumpyAutoencoder(config, weights).decode(latents)

    assert expected.std(axis=0).max() > 0.1
    difference = np.abs(np.array(pixels).reshape(expected.shape) - expected).max()
    assert 0 < difference <= 2 / 255
    large = [array.size for array in weights.values() if array.size > MOST_WHOLE]
    assert large and len(short) < 0.7 * len(decoder_bytes(config, weights))


def test_weights_that_no_float16_holds_stay_whole() -> None:
    """Weights beyond the largest float16 are stored as they are, not as infinity."""
    config = RunConfig(dataset="mnist", network="linear", latent_dim=16)
    weights = {name: 1e6 * array for name, array in random_weights(config).items()}

    assert len(short_decoder_bytes(config, weights)) >= len(decoder_bytes(config, weights))


def test_any_bytes_survive_base_85() -> None:
    """What Python writes in base 85, with a comma for "<", the file's script reads again, whatever
    its length.
    """
    random = np.random.default_rng(0)
    contents = [random.integers(0, 256, size, np.uint8).tobytes() for size in (0, 1, 2, 3, 4, 997)]
    texts = [base64.b85encode(content).decode().translate(SAFE) for content in contents]
    program = "console.log(JSON.stringify(texts.map((text) => Array.from(bytesOf(text)))));"

    assert in_node(program, (HTML / "base85.js", "bytesOf"), texts=texts) == [*map(list, contents)]
    assert "<" not in "".join(texts)


def test_nothing_is_fetched(store: RunStore, tmp_path: Path) -> None:
    """The file names no address, and its policy forbids every request and every other script."""
    text = file_of(store.get(FLAT), tmp_path)
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)

    assert not re.findall(r"https?:|@import|<link|\ssrc=", text)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "'unsafe-inline'" not in policy.split(";")[1] and "connect-src" not in policy


def test_texts_of_a_run_stay_texts(store: RunStore, tmp_path: Path) -> None:
    """A title, a note or a class with HTML in it is shown as it is."""
    run = store.get(FLAT)
    store.relabel(run.key, title=HOSTILE, note=HOSTILE, pinned=False)
    info = DatasetInfo(
        title=HOSTILE,
        help="",
        shape=ImageShape(1, 8, 8),
        train=1_437,
        test=360,
        class_names=(HOSTILE, *"123456789"),
        fingerprint="0123456789abcdef",
    )
    strange = replace(run, config=replace(run.config, dataset="strange", added=info))
    text = file_of(strange, tmp_path)

    assert "alert(1)" in text and "<script>alert" not in text
    assert json.loads(json_text(HOSTILE)) == HOSTILE and "<" not in json_text(HOSTILE)


def test_a_run_of_many_dimensions_offers_the_maps_it_has(store: RunStore, tmp_path: Path) -> None:
    """With more than two latent values the map is PCA's, and a stored UMAP can be chosen."""
    run, settings = store.get(DEEP), ProjectionSettings.usual("umap")
    before = page_of(file_of(run, tmp_path))["maps"]
    points = np.asarray(run.evaluation().latents)[:, :2]
    RunWriter(run.folder).projection(
        Projection(points, settings, weights_sha256=run.weights_sha256)
    )
    after = page_of(file_of(run, tmp_path))["maps"]

    assert [each["method"] for each in before] == ["pca"]
    assert [each["title"] for each in after] == ["PCA", "UMAP"]


def test_a_variational_run_is_told_in_its_words(store: RunStore, tmp_path: Path) -> None:
    """The card of a variational run speaks of posterior and prior, and a path turns around the
    origin.
    """
    text = file_of(store.get(VARIATIONAL), tmp_path)

    assert "the mean of its posterior" in text and "(the prior)" in text
    assert page_of(text)["interpolation"]["kind"] == "spherical"


def test_a_training_that_was_stopped_has_a_file(
    monkeypatch: pytest.MonkeyPatch, store: RunStore, tmp_path: Path
) -> None:
    """Without errors, metrics and epochs the file shows what there is, and says what is missing."""
    run = store.get(FLAT)
    data = run.evaluation()
    monkeypatch.setattr(Run, "evaluation", lambda run: Evaluation(data.images, data.labels))
    (run.folder / "metrics.json").unlink()
    shutil.rmtree(run.folder / "snapshots")
    text = file_of(run, tmp_path)

    assert "Not measured yet" in text and page_of(text)["errors"] is None
    assert not page_of(text)["hasFilm"] and '<section id="training" hidden>' in text


def test_large_images_make_fewer(monkeypatch: pytest.MonkeyPatch, store: RunStore) -> None:
    """As many test images go into the file as its pixels have room for, and at least one."""
    run = store.get(FLAT)

    assert html_content.included(run, 360) == 360
    monkeypatch.setattr(html_content, "MOST_BYTES", 100 * run.config.shape.pixels)
    assert html_content.included(run, 360) == 100
    monkeypatch.setattr(html_content, "MOST_BYTES", 1)
    assert html_content.included(run, 360) == 1


def test_a_run_without_weights_is_refused(store: RunStore, tmp_path: Path) -> None:
    """There is no file of a run that is not trained, or that cannot be written; both are said."""
    run = store.get(FLAT)
    with pytest.raises(RunError, match="cannot write"):
        write_html(run, tmp_path / "nowhere" / "run.html")

    for name in ("weights.safetensors", "checkpoint.safetensors"):
        (run.folder / name).unlink(missing_ok=True)
    with pytest.raises(RunError, match="no weights yet"):
        write_html(run, tmp_path / "run.html")
    assert not (tmp_path / "run.html").exists()


def test_progress_is_told(store: RunStore, tmp_path: Path) -> None:
    """Whoever asks is told what is being done, and how much of it is done, up to the end."""
    told: list[tuple[str, float]] = []
    run = store.get(FLAT)
    write_html(run, tmp_path / "run.html", lambda words, share=None: told.append((words, share)))

    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert all(words for words, _ in told)


def test_the_colours_are_those_of_the_dashboard() -> None:
    """The file's palettes, light and dark, are those that pages have."""
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    css = (HTML / "page.css").read_text()
    light, dark = css.split('[data-theme="dark"]')

    classes = re.findall(r"#\w{6}", light.split("categorical-colors:")[1].split(";")[0])
    assert classes == theme["chartCategoricalColors"]
    for palette, colours in ((light, theme["light"]), (dark, theme["dark"])):
        assert all(f": {colour};" in palette for colour in colours.values())
