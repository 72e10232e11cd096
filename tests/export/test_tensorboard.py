"""A run's folder for TensorBoard's projector; tests/browser/test_tensorboard.py opens one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format
from PIL import Image
from tensorboard.plugins.projector import ProjectorConfig

from autoencoder.errors import ExportError
from autoencoder.export.formats import EXPORTERS, export
from autoencoder.export.tensorboard import sprite
from autoencoder.runs import Evaluation, Run
from tests.support.places import MODELS

KEY = "digits-conv-d8-a63e8754"


@pytest.fixture
def run() -> Run:
    """A run of the project."""
    return Run.read(MODELS / KEY)


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    """Its export."""
    export("tensorboard", run, tmp_path / "run")
    return tmp_path / "run"


def test_the_files_fit_together(folder: Path, run: Run) -> None:
    """Line i of latents and metadata and place i of the sprite are of test image i, and the config
    names the files.
    """
    evaluation = run.evaluation()
    latents = np.loadtxt(folder / "tensors.tsv", delimiter="\t")
    head, *lines = (folder / "metadata.tsv").read_text().splitlines()
    config = text_format.Parse((folder / "projector_config.pbtxt").read_text(), ProjectorConfig())
    with Image.open(folder / "sprite.png") as image:
        pixels = np.asarray(image)

    np.testing.assert_allclose(latents, evaluation.latents, rtol=1e-5)
    assert head == "class\tno\terror"
    assert [line.split("\t")[:2] for line in lines] == [
        [str(label), str(number)] for number, label in enumerate(evaluation.labels)
    ]
    assert pixels.shape == (19 * 8, 19 * 8)
    np.testing.assert_array_equal(pixels[8:16, 16:24], evaluation.images[19 + 2, 0])
    [embedding] = config.embeddings
    assert (embedding.tensor_path, embedding.metadata_path) == ("tensors.tsv", "metadata.tsv")
    assert list(embedding.sprite.single_image_dim) == [8, 8]


def changed(
    monkeypatch: pytest.MonkeyPatch, run: Run, evaluation: Evaluation, names: tuple[str, ...]
) -> Run:
    """The run with another evaluation and other class names."""
    monkeypatch.setattr(Run, "evaluation", lambda self: evaluation)
    info = replace(run.config.info, class_names=names, fingerprint="0" * 16, download=0)
    return replace(run, config=replace(run.config, dataset="leaves", added=info))


def test_one_column_has_no_head(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images without classes and errors have their number alone, from the first line on."""
    evaluation = replace(run.evaluation(), errors=None)
    export("tensorboard", changed(monkeypatch, run, evaluation, ()), tmp_path / "run")

    lines = (tmp_path / "run" / "metadata.tsv").read_text().splitlines()
    assert lines[:2] == ["0", "1"] and len(lines) == 360


def test_a_name_stays_in_its_cell(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tabs and ends of lines in a class name are spaces."""
    evaluation = replace(run.evaluation(), labels=np.zeros(360, np.int64))
    names = ("a\tb\r\nc\u2028d", "other")
    export("tensorboard", changed(monkeypatch, run, evaluation, names), tmp_path / "run")

    lines = (tmp_path / "run" / "metadata.tsv").read_text().splitlines()
    assert len(lines) == 361
    assert lines[1].startswith("a b c d\t0\t")


def test_a_single_latent_value_has_a_zero_beside_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The projector shows no points of one dimension: a column of zeros makes them two."""
    evaluation = run.evaluation()
    assert evaluation.latents is not None
    one = replace(evaluation, latents=evaluation.latents[:, :1])
    export("tensorboard", changed(monkeypatch, run, one, ()), tmp_path / "run")

    values = np.loadtxt(tmp_path / "run" / "tensors.tsv", delimiter="\t")
    assert values.shape == (360, 2)
    assert (values[:, 1] == 0).all() and values[:, 0].std() > 0


@pytest.mark.parametrize(
    ("shape", "most", "side"),
    [
        ((10, 1, 4, 4), 99, 4),  # as they are, in 4 x 4 places
        ((10, 3, 4, 6), 99, 6),  # each in the middle of a square
        ((10, 3, 4, 6), 23, 3),  # 4 places of 6 do not fit into 23 pixels
        ((1, 1, 9, 2), 8, 4),
        ((100, 1, 5, 5), 19, 1),
    ],
)
def test_the_sprite_is_a_square_that_fits(shape: tuple[int, ...], most: int, side: int) -> None:
    """It is at most so many pixels wide and high, and images are made smaller if they must."""
    images = np.random.default_rng(0).integers(1, 256, shape, dtype=np.uint8)

    pixels, found = sprite(images, most)

    columns = int(np.ceil(np.sqrt(shape[0])))
    assert found == side
    assert pixels.shape == (columns * side, columns * side, shape[1])
    assert len(pixels) <= most
    last = shape[0] - 1
    row, column = side * (last // columns), side * (last % columns)
    assert pixels[row : row + side, column : column + side].any()


def test_a_run_without_latents_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the training has ended there are no latents of the test images."""
    without = replace(run.evaluation(), latents=None)
    monkeypatch.setattr(Run, "evaluation", lambda self: without)

    with pytest.raises(ExportError, match="no latents of its test images"):
        export("tensorboard", run, tmp_path / "run")
    assert not [*tmp_path.iterdir()]


def test_the_size_is_known_before(folder: Path, run: Run) -> None:
    """What the page says is within a third of what is written."""
    written = sum(path.stat().st_size for path in folder.iterdir())

    assert EXPORTERS["tensorboard"].size(run) == pytest.approx(written, rel=0.33)
