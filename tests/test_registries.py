"""Choices are registry entries: spec and function carry the same names, and a new entry, added as
CONTRIBUTING.md says, is found on the command line, in the form and in the chart.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from autoencoder.config import datasets, objectives, optimisation
from autoencoder.config import networks as network_specs
from autoencoder.config.run_config import CHOICES, OPTIONS
from autoencoder.data.sources import SOURCES
from autoencoder.export import decoder
from autoencoder.networks import blueprint, corruption, modules, numpy_inference
from autoencoder.training import losses
from autoencoder.training import objectives as objective_functions
from autoencoder.training import optimisation as optimisation_functions
from tests.support.places import ROOT

PAIRS: dict[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
    "networks": (network_specs.NETWORKS, blueprint.NETWORKS),
    "activations": (network_specs.ACTIVATIONS, modules.ACTIVATIONS),
    "layers": (blueprint.LAYERS, {**modules.LAYERS, **modules.ACTIVATIONS}),
    "objectives": (objectives.OBJECTIVES, objective_functions.OBJECTIVES),
    "losses": (objectives.LOSSES, losses.LOSSES),
    "noises": (objectives.NOISES, corruption.NOISES),
    "optimisers": (optimisation.OPTIMIZERS, optimisation_functions.OPTIMIZERS),
    "schedules": (optimisation.SCHEDULES, optimisation_functions.SCHEDULES),
    "data sets": (datasets.DATASETS, SOURCES),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_spec_and_function_have_the_same_names(
    pair: tuple[Mapping[str, object], Mapping[str, object]],
) -> None:
    """What config describes is what a room can do, in the same order."""
    specs, functions = pair

    assert set(specs) == set(functions)


def test_a_choice_names_options_that_there_are() -> None:
    """What a choice says of other options is said of options of a run."""
    choices = [choice for registry in CHOICES.values() for choice in registry.values()]
    named = {name for choice in choices for name in choice.options}
    needed = {need.option for choice in choices for need in choice.needs}

    assert named | needed <= set(OPTIONS)
    assert all(choice.title and choice.help for choice in choices)


def test_every_kind_of_layer_is_known_everywhere() -> None:
    """Every module that a blueprint is built of leads back to its kind, and what the export says of
    a kind is said of one that there is.
    """
    assert set(modules.KINDS.values()) == set(blueprint.LAYERS)
    assert set(decoder.DETAILS) <= set(blueprint.LAYERS)
    in_numpy = {*numpy_inference.LAYERS, *numpy_inference.ACTIVATIONS, "residual"}
    assert in_numpy == set(blueprint.LAYERS)


def test_every_option_is_in_the_form() -> None:
    """Each option is in sight or in one of the form's groups, once."""
    from autoencoder.ui.train.form import GROUPS, IN_SIGHT

    assert sorted([*IN_SIGHT, *(name for names in GROUPS.values() for name in names)]) == sorted(
        OPTIONS
    )


# ---- A new entry of each kind, in a copy of the program ----

VISIT = """
import json, os, sys
from pathlib import Path
from autoencoder.cli.arguments import parser
from autoencoder.cli.main import COMMANDS, main
from autoencoder.jobs import Queue
Queue.submit_calibration = lambda self, config, timeout: None
models = Path(os.environ["AUTOENCODER_MODELS"])
assert not sys.argv[1:] or main(sys.argv[1:]) == 0

from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
for config in models.glob("*/config.json"):
    app.query_params["run"] = config.parent.name
app.switch_page("pages/train.py").run()
for name, value in json.loads(os.environ["FILL"]).items():
    next(box for box in app.selectbox if box.key == "train_" + name).set_value(value).run()
assert not app.exception, app.exception
kinds = (app.selectbox, app.number_input, app.text_input, app.checkbox)
histories = [path.read_text() for path in models.glob("*/history.jsonl")]
commands = next(action for action in parser(COMMANDS)._actions if action.choices).choices
print(json.dumps({
    "help": " ".join(commands["train"].format_help().split()),
    "history": [json.loads(line) for history in histories for line in history.splitlines()],
    "boxes": {box.key: list(box.options) for box in app.selectbox},
    "widgets": [widget.key for kind in kinds for widget in kind],
    "parts": [
        option.content for group in app.get("button_group") for option in group.proto.options
    ],
    "captions": [caption.value for caption in app.caption],
    "code": [code.value for code in app.code],
}))
"""
TINY = ("--dataset=digits", "--epochs=1", "--train-size=32", "--batch-size=16", "--threads=1")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The program, to be added to."""
    shutil.copytree(
        ROOT / "autoencoder", tmp_path / "autoencoder", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "pages", tmp_path / "pages")
    shutil.copytree(ROOT / ".streamlit", tmp_path / ".streamlit")
    shutil.copyfile(ROOT / "app.py", tmp_path / "app.py")
    return tmp_path


def insert(path: Path, before: str, text: str) -> None:
    """Write `text` in front of the only occurrence of `before`."""
    source = path.read_text()
    assert source.count(before) == 1, before
    path.write_text(source.replace(before, text + before))


def visited(copy: Path, data_folder: Path, *command: str, **fill: str) -> dict[str, Any]:
    """Run a command of the copy's command line, if one is given; then open the Train page and fill
    its form: what the command line and the page say.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy),
        "AUTOENCODER_MODELS": str(copy / "models"),
        "AUTOENCODER_DATA": str(data_folder),
        "FILL": json.dumps(fill),
    }
    child = subprocess.run(
        [sys.executable, "-c", VISIT, *command],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert child.returncode == 0, child.stderr[-2000:]
    return dict(json.loads(child.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_a_network_is_added_in_two_files(copy: Path, data_folder: Path) -> None:
    """A network with a residual block is on the command line and in the form, with the options that
    have an effect with it.
    """
    insert(
        copy / "autoencoder/config/networks.py",
        '    "conv": NetworkSpec(',
        '    "toy": NetworkSpec(title="toy net", help="a toy", options=("activation",)),\n',
    )
    path = copy / "autoencoder/networks/blueprint.py"
    insert(
        path,
        "NETWORKS: dict[",
        '''def toy(config: RunConfig, shape: ImageShape) -> Halves:
    """Dense layers around a residual block."""
    block = residual([dense(8, 8), Layer(config.activation, (8,), (8,))], [])
    encoder = [flatten(shape), dense(shape.pixels, 8), block, dense(8, _latent_size(config))]
    return encoder, [dense(config.latent_dim, 8), block, dense(8, shape.pixels), unflatten(shape)]


''',
    )
    insert(path, '    "conv": convolutional,', '    "toy": toy,\n')

    page = visited(copy, data_folder, network="toy")
    assert "linear, mlp, toy, conv" in page["help"]
    assert "toy net" in page["boxes"]["train_network"]
    assert "train_activation" in page["widgets"]
    assert "train_hidden" not in page["widgets"]
    assert any("--network toy" in code for code in page["code"])


@pytest.mark.slow
def test_an_objective_is_added_in_two_files(copy: Path, data_folder: Path) -> None:
    """An objective with an option and a part of the loss of its own: both are on the command line
    and in the form, the part is in the history, in the chart and in the caption.
    """
    path = copy / "autoencoder/config/objectives.py"
    insert(
        path,
        '    "denoising": ObjectiveSpec(',
        """    "sparse": ObjectiveSpec(
        title="sparse",
        help="must say much with few numbers",
        options=("sparsity",),
        parts={"size": LossPart("Size", "Mean size of a latent value", "per value")},
    ),
""",
    )
    insert(
        path,
        "    loss: str = option(",
        """    sparsity: float = option(
        0.5, "weight of the size", label="Sparsity", group="Objective", low=0.0, high=9.0
    )
""",
    )
    path = copy / "autoencoder/training/objectives.py"
    insert(
        path,
        "OBJECTIVES: dict[",
        '''def sparse(network: Autoencoder, x: Tensor, config: RunConfig, epoch: float) -> Losses:
    """Sees x, must return x from small latent values."""
    z = network.encode(x)
    parts, size = distance(network, z, x, config), z.abs().mean()
    return {"total": parts["reconstruction"] + config.sparsity * size, **parts, "size": size}


''',
    )
    insert(path, '    "denoising": denoising,', '    "sparse": sparse,\n')

    command = (
        "train",
        *TINY,
        "--precision=float32",
        "--network=linear",
        "--objective=sparse",
        "--sparsity=2",
    )
    page = visited(copy, data_folder, *command, objective="sparse")
    assert "--sparsity" in page["help"]
    assert "sparse" in page["boxes"]["train_objective"]
    assert "train_sparsity" in page["widgets"]
    [epoch] = page["history"]
    assert set(epoch["train"]) == set(epoch["test"]) == {"total", "reconstruction", "mse", "size"}
    assert page["parts"][:4] == ["MSE", "Reconstruction", "Size", "Total"]
    assert any("Size" in caption and "per value" in caption for caption in page["captions"])


@pytest.mark.slow
def test_a_data_set_is_added_in_two_files(copy: Path, tmp_path: Path) -> None:
    """A data set made of arrays is loaded, and is on the command line and in the form."""
    insert(
        copy / "autoencoder/config/datasets.py",
        '    "mnist": DatasetInfo(',
        """    "stripes": DatasetInfo(
        title="Stripes",
        help="stripes, upright or not",
        shape=ImageShape(1, 8, 8),
        train=64,
        test=20,
        class_names=("upright", "level"),
    ),
""",
    )
    path = copy / "autoencoder/data/sources.py"
    insert(
        path,
        "def torchvision(",
        '''def stripes(folder: Path, notify: ProgressCallback) -> tuple[Arrays, Arrays]:
    """Random stripes."""
    rows = np.random.default_rng(0).integers(0, 256, (84, 1, 1, 8), dtype=np.uint8)
    labels = np.arange(84) % 2
    images = np.repeat(rows, 8, axis=2)
    images[labels == 1] = images[labels == 1].swapaxes(2, 3)
    return (images[:64], labels[:64]), (images[64:], labels[64:])


''',
    )
    insert(path, '    "mnist": partial(', '    "stripes": stripes,\n')

    page = visited(copy, tmp_path / "data", dataset="stripes")
    code = (
        "from pathlib import Path; from autoencoder.data import loading;"
        "print(loading.prepare('stripes', Path('data')).train.images.shape)"
    )
    shape = subprocess.check_output([sys.executable, "-c", code], cwd=copy, text=True)
    assert shape.strip() == "(64, 1, 8, 8)"
    assert "digits, stripes, mnist" in page["help"]
    assert "Stripes (8x8)" in page["boxes"]["train_dataset"]


@pytest.mark.slow
def test_a_loss_is_added_in_two_files(copy: Path, data_folder: Path) -> None:
    """A loss is on the command line and in the form."""
    insert(
        copy / "autoencoder/config/objectives.py",
        '    "l1": Choice(',
        '    "huber": Choice(title="Huber", help="squared where small, else absolute"),\n',
    )
    path = copy / "autoencoder/training/losses.py"
    insert(
        path,
        "LOSSES: dict[",
        '''def huber(logits: Tensor, x_hat: Tensor, x: Tensor) -> Tensor:
    """Squared where small, else absolute."""
    return F.huber_loss(x_hat, x)


''',
    )
    insert(path, '"l1": l1', '"huber": huber, ')

    page = visited(copy, data_folder, loss="huber")
    assert "mse, bce, huber, l1" in page["help"]
    assert "Huber" in page["boxes"]["train_loss"]
