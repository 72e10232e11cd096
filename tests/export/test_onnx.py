"""Networks in ONNX, run by ONNX Runtime beside torch."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnxruntime import InferenceSession

from autoencoder.config.networks import NETWORKS, NetworkSpec
from autoencoder.config.run_config import RunConfig
from autoencoder.export.formats import EXPORTERS, export
from autoencoder.export.onnx.translation import described, translated
from autoencoder.networks import blueprint
from autoencoder.runs import Run
from tests.support.networks import BLOCKS, KINDS, blocks, trained_a_little
from tests.support.places import MODELS, ROOT

pytestmark = pytest.mark.slow

BATCHES = (1, 2, 7, 64)
VARIATIONAL = "digits-conv-variational-d2-7e4e5961"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of a variational run of the project."""
    folder = tmp_path_factory.mktemp("exports") / "run"
    export("onnx", Run.read(MODELS / VARIATIONAL), folder)
    return folder


def session(model: onnx.ModelProto) -> InferenceSession:
    """ONNX Runtime with a model."""
    return InferenceSession(model.SerializeToString())


@pytest.mark.parametrize("kind", KINDS)
def test_onnx_runtime_does_what_torch_does(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of network encodes, decodes and reconstructs batches of every size as in torch."""
    monkeypatch.setitem(NETWORKS, BLOCKS, NetworkSpec(title="blocks", help="residual blocks"))
    monkeypatch.setitem(blueprint.NETWORKS, BLOCKS, blocks)
    shape, options = KINDS[kind]
    network = trained_a_little(RunConfig(dataset="digits", latent_dim=3, **options), shape)
    models = {
        name: session(described(model, name, {}))
        for name, model in translated(network, shape).items()
    }

    for count in BATCHES:
        images = torch.rand(count, *shape, generator=torch.Generator().manual_seed(count))
        with torch.no_grad():
            latents, expected = network.encode(images), network(images)
        [encoded] = models["encoder"].run(["latents"], {"images": images.numpy()})
        if network.is_variational:
            _, expected_spread = network.posterior(images)
            [spread] = models["encoder"].run(["log_variances"], {"images": images.numpy()})
            np.testing.assert_allclose(spread, expected_spread.detach(), atol=1e-5)
        [decoded] = models["decoder"].run(["reconstructions"], {"latents": latents.numpy()})
        [whole] = models["autoencoder"].run(["reconstructions"], {"images": images.numpy()})
        np.testing.assert_allclose(encoded, latents, atol=1e-5)
        np.testing.assert_allclose(decoded, expected, atol=1e-5)
        np.testing.assert_allclose(whole, expected, atol=1e-5)
        assert expected.std() > 1e-3  # and there is something to see


def test_every_network_is_checked() -> None:
    """The networks that are compared with torch are all there are."""
    networks = {options.get("network", "conv") for _, options in KINDS.values()}

    assert networks - {BLOCKS} == set(NETWORKS)


def test_a_file_says_what_it_is(folder: Path) -> None:
    """Names and shapes of inputs and outputs, the operators' version, run, data set and class names
    stand in each file; the encoder of a variational run gives log variances, too.
    """
    sessions = {path.stem: InferenceSession(path) for path in folder.glob("*.onnx")}
    encoder = sessions["encoder"].get_modelmeta().custom_metadata_map
    tensors = {
        name: [
            (each.name, each.type, each.shape[1:])
            for each in (*each.get_inputs(), *each.get_outputs())
        ]
        for name, each in sessions.items()
    }

    images, kind = [1, 8, 8], "tensor(float)"
    assert tensors == {
        "encoder": [
            ("images", kind, images),
            ("latents", kind, [2]),
            ("log_variances", kind, [2]),
        ],
        "decoder": [("latents", kind, [2]), ("reconstructions", kind, images)],
        "autoencoder": [("images", kind, images), ("reconstructions", kind, images)],
    }
    assert all(isinstance(each.get_inputs()[0].shape[0], str) for each in sessions.values())
    assert (encoder["run"], encoder["dataset"]) == (VARIATIONAL, "digits")
    assert json.loads(encoder["class_names"]) == list("0123456789")
    assert "means of the posterior" in encoder["about"]
    assert [each.version for each in onnx.load(folder / "decoder.onnx").opset_import] == [20]


def test_a_file_says_nothing_of_the_machine(folder: Path) -> None:
    """No path of the machine that made it is in a file."""
    contents = [path.read_bytes() for path in folder.iterdir()]

    assert not any(re.search(rb"site-packages|\.py\b|/export/", each) for each in contents)
    assert not any(str(ROOT).encode() in each for each in contents)


def test_the_readme_runs(folder: Path) -> None:
    """The lines of the README.md encode and decode, with ONNX Runtime and NumPy alone."""
    [code] = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    child = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=folder, capture_output=True, text=True, timeout=60
    )

    assert child.stdout.startswith("(5, 2) (5, 1, 8, 8)\n"), child.stderr


def test_the_size_is_known_before(folder: Path) -> None:
    """What the page says is within a tenth of what is written."""
    written = sum(path.stat().st_size for path in folder.iterdir())

    assert EXPORTERS["onnx"].size(Run.read(MODELS / VARIATIONAL)) == pytest.approx(written, rel=0.1)
