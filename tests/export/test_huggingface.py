"""A run as a model folder: loaded by a process that has not this package, and its card."""

import ast
import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from autoencoder.config.networks import NETWORKS, NetworkSpec
from autoencoder.config.palettes import CATEGORIES
from autoencoder.config.run_config import RunConfig
from autoencoder.export.formats import EXPORTERS, export
from autoencoder.export.huggingface.folder import MODULE
from autoencoder.export.huggingface.network import write_network
from autoencoder.networks import blueprint
from autoencoder.networks.inference import rebuild
from autoencoder.runs import Run
from tests.support.networks import BLOCKS, KINDS, blocks, trained_a_little
from tests.support.places import MODELS
from tests.test_layering import imported

pytestmark = pytest.mark.slow

KEY = "digits-conv-d8-a63e8754"
# Run in a folder of folders, each with images.npy beside the files of a model.
ALONE = """
import sys
sys.path.insert(0, sys.argv[1])
from importlib.util import find_spec
from pathlib import Path
import numpy as np, torch
from latent_autoencoder import load
assert find_spec("autoencoder") is None
assert Path(sys.modules["latent_autoencoder"].__file__).parent == Path(sys.argv[1])
for folder in map(Path, sys.argv[1:]):
    images = torch.from_numpy(np.load(folder / "images.npy"))
    with torch.no_grad():
        model = load(folder)
        latents = model.encode(images)
        np.savez(folder / "results.npz", latents=latents, reconstructions=model.decode(latents))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of a run of the project."""
    folder = tmp_path_factory.mktemp("exports") / "run"
    export("huggingface", Run.read(MODELS / KEY), folder)
    return folder


def test_it_runs_without_this_package(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh process that knows only the folder's files gets the latents and reconstructions of
    torch here: for a run, and for every kind of network.
    """
    monkeypatch.setitem(NETWORKS, BLOCKS, NetworkSpec(title="blocks", help="residual blocks"))
    monkeypatch.setitem(blueprint.NETWORKS, BLOCKS, blocks)
    run = Run.read(MODELS / KEY)
    networks = {folder: rebuild(run.config, run.weights())}
    for kind, (shape, options) in KINDS.items():
        config = RunConfig(dataset="digits", latent_dim=3, **options)
        networks[tmp_path / kind] = trained_a_little(config, shape)
        (tmp_path / kind).mkdir()
        write_network(networks[tmp_path / kind], {"latent_dim": 3}, tmp_path / kind)
    shapes = {folder: run.config.shape} | {tmp_path / kind: KINDS[kind][0] for kind in KINDS}
    images = {each: torch.rand(7, *shape) for each, shape in shapes.items()}
    for each, batch in images.items():
        np.save(each / "images.npy", batch.numpy())

    child = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, *map(str, networks)],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert child.returncode == 0, child.stderr
    for each, network in networks.items():
        results = np.load(each / "results.npz")
        with torch.no_grad():
            latents, expected = network.encode(images[each]), network(images[each])
        np.testing.assert_allclose(results["latents"], latents, atol=1e-5)
        np.testing.assert_allclose(results["reconstructions"], expected, atol=1e-5)


def test_the_module_is_short_and_needs_little() -> None:
    """It has about forty lines of code, and imports torch and safetensors beside Python's own."""
    lines = MODULE.read_text().splitlines()
    imports = [name for name, _ in imported(MODULE, ast.parse(MODULE.read_text()))]
    libraries = {name.partition(".")[0] for name in imports}

    assert libraries - set(sys.stdlib_module_names) == {"torch", "safetensors"}
    assert sum(1 for line in lines if line.strip()) < 60


def test_the_card_has_a_front_matter(folder: Path) -> None:
    """What the Hub reads is there: library, tags, metrics with the run's own numbers; no licence,
    since nobody knows it.
    """
    _, front, _ = (folder / "README.md").read_text().split("---\n", 2)
    stored = Run.read(MODELS / KEY).metrics

    assert all(re.fullmatch(r" *(- )?[a-z_-]+(: \S.*|:)?", line) for line in front.splitlines())
    assert "library_name: pytorch\n" in front and "- autoencoder\n" in front
    values = dict(re.findall(r"type: (\w+)\n *name: .*\n *value: (.*)", front))
    assert {name: float(value) for name, value in values.items()} == {
        name: stored[name]["run"] for name in ("mse", "sse", "psnr", "ssim")
    }
    assert "license" not in front


def test_the_card_says_how_to_train_it_again(folder: Path) -> None:
    """The command line of the run, and every option that has an effect, stand in the card."""
    text, config = (folder / "README.md").read_text(), Run.read(MODELS / KEY).config

    assert f"python -m autoencoder train {shlex.join(config.flags())}\n" in text
    assert "(`latent_dim`) | 8 |" in text and "(`noise_level`)" not in text
    assert "60 of 60 epochs" in text
    assert not re.search(r"\$\w", text)


def test_the_pictures_are_of_the_run(folder: Path) -> None:
    """Sixteen images above their reconstructions, and a map that has the colour of every class;
    the card shows both.
    """
    text = (folder / "README.md").read_text()
    with Image.open(folder / "reconstructions.png") as image:
        assert image.size == (16 * 58 + 2, 2 * 58 + 2)
    with Image.open(folder / "map.png") as image:
        colours = {colour for _, colour in image.crop((0, 0, 720, 720)).getcolors(1000) or []}
    assert {tuple(bytes.fromhex(colour[1:])) for colour in CATEGORIES} <= colours
    assert "](reconstructions.png)" in text and "](map.png)" in text
    assert "PCA of the latents" in text


def test_names_of_ones_own_are_only_text(tmp_path: Path) -> None:
    """A class or a data set that is called like Markdown or YAML is shown as it is, and the card
    says how its images are added first.
    """
    run = Run.read(MODELS / KEY)
    info = replace(
        run.config.info,
        title='a "b": ![x](http://x)\n---',
        class_names=("<b>", *"123456789"),
        fingerprint="0123456789abcdef",
        download=0,
    )
    config = replace(run.config, dataset="leaves", added=info, classes=(0, 1))
    export("huggingface", replace(run, config=config, state="stopped"), tmp_path / "run")
    text = (tmp_path / "run" / "README.md").read_text()

    assert 'name: "a \\"b\\": ![x](http://x)\\n---"\n' in text
    assert "![x]" not in text.split("---\n", 2)[2] and "<b>" not in text
    assert "python -m autoencoder data add FOLDER --name leaves  # its images\n" in text


def test_the_size_is_known_before(folder: Path) -> None:
    """What the page says is within a third of what is written."""
    names = ("README.md", "config.json", MODULE.name, "model.safetensors")
    written = sum((folder / name).stat().st_size for name in (*names, "map.png"))
    written += (folder / "reconstructions.png").stat().st_size

    assert EXPORTERS["huggingface"].size(Run.read(MODELS / KEY)) == pytest.approx(written, rel=0.3)
    assert json.loads((folder / "config.json").read_text())["run"] == KEY
