"""The architecture: who may import whom, which library lives where, and what occurs nowhere.

The tables are the rule.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.places import ROOT

PACKAGE = "autoencoder"

# Every room of the package, from the ground up, with the rooms it imports: just those.
ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "progress": set(),
    "system": set(),
    "formatting": set(),
    "validation": set(),
    "config": {"errors", "validation"},
    "data": {"errors", "progress", "system", "validation", "config"},
    "networks": {"errors", "config"},
    "training": {"errors", "system", "formatting", "validation", "config", "networks"},
    "analysis": {"errors", "progress", "formatting", "validation", "config", "networks"},
    "figures": {"validation", "config"},
    "runs": {
        "errors",
        "progress",
        "system",
        "validation",
        "config",
        "networks",
        "training",
        "analysis",
    },
    "export": {
        "errors",
        "progress",
        "formatting",
        "config",
        "data",
        "networks",
        "training",
        "analysis",
        "figures",
        "runs",
    },
    "jobs": {
        "errors",
        "progress",
        "system",
        "formatting",
        "config",
        "data",
        "networks",
        "training",
        "analysis",
        "runs",
        "export",
    },
    "labs": {
        "errors",
        "progress",
        "system",
        "formatting",
        "validation",
        "config",
        "data",
        "networks",
        "training",
        "analysis",
        "figures",
        "runs",
        "jobs",
    },
    "api": {"errors", "progress", "config", "data", "networks", "runs", "jobs"},
    "cli": {
        "errors",
        "progress",
        "system",
        "config",
        "data",
        "training",
        "analysis",
        "runs",
        "export",
        "jobs",
        "labs",
    },
    "ui": {
        "errors",
        "progress",
        "formatting",
        "validation",
        "config",
        "data",
        "networks",
        "training",
        "analysis",
        "figures",
        "export",
        "runs",
        "jobs",
        "labs",
    },
    "__main__": {"cli"},
}

PAGES = (
    *("home", "train", "reconstruct", "latent_space", "decode", "interpolate", "inspect"),
    *("compare", "labs"),
)

ANYWHERE = {"numpy"}
LIBRARIES: dict[str, set[str]] = {  # library -> the rooms that import it: just those
    "torch": {"networks", "training", "analysis", "export", "jobs"},
    "torchvision": {"data"},
    "torchmetrics": {"networks"},
    "msgspec": {
        "validation",
        "config",
        "data",
        "training",
        "analysis",
        "figures",
        "runs",
        "labs",
        "ui",
    },
    "platformdirs": {"config"},
    "safetensors": {"runs", "export"},
    "onnx": {"export"},
    "sklearn": {"data", "analysis"},
    "scipy": {"analysis", "labs"},
    "umap": {"analysis"},
    "threadpoolctl": {"analysis"},
    "plotly": {"figures"},
    "PIL": {"data"},
    "streamlit": {"ui", "pages", "app"},
    "tqdm": {"cli"},
}
INSIDE_FUNCTIONS = {"torchvision", "torchmetrics", "sklearn", "scipy", "umap"}  # slow to import


UNPICKLING = (
    *("pickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"),
    *("torch.load", "torch.save", "torch.jit.load", "pandas.read_pickle"),
)
RANDOM = (
    *("random", "secrets", "numpy.random"),
    *(
        "torch.rand",
        "torch.rand_like",
        "torch.randn",
        "torch.randn_like",
        "torch.randint",
        "torch.randint_like",
    ),
    *("torch.randperm", "torch.normal", "torch.bernoulli", "torch.multinomial"),
)


def sources(root: Path, *places: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file in the `places` (files or folders) under `root`, parsed."""
    for place in places:
        for path in (
            sorted((root / place).rglob("*.py")) if (root / place).is_dir() else [root / place]
        ):
            if path.is_file():
                yield path.relative_to(root), ast.parse(path.read_text())


def module_of(path: Path) -> str:
    """The name tables use: the part right below autoencoder/, or "pages", or "app"."""
    return path.parts[1 if path.parts[0] == PACKAGE else 0].removesuffix(".py")


def imported(path: Path, tree: ast.AST, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """Full name of everything a file imports, wherever the import stands, and whether it stands
    inside a function.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = path.parts[: -node.level] if node.level else ()
            origin = ".".join([*above, *filter(None, [node.module])])
            yield from ((f"{origin}.{alias.name}", inside) for alias in node.names)
        else:
            yield from imported(
                path,
                node,
                inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)),
            )


def arrows(root: Path, inside: str = PACKAGE) -> dict[str, set[str]]:
    """Every part right below the package, or below a folder of it -> the other parts it imports."""
    prefix = inside.replace("/", ".") + "."
    found: dict[str, set[str]] = {}
    for path, tree in sources(root, inside):
        part = path.parts[len(Path(inside).parts)].removesuffix(".py")
        others = found.setdefault(part, set())
        for name, _ in imported(path, tree):
            if name.startswith(prefix):
                others.add(name.removeprefix(prefix).partition(".")[0])
    return {part: others - {part} for part, others in found.items() if part != "__init__"}


def upward(root: Path) -> list[str]:
    """Imports of a room that does not stand below the importing one in ROOMS."""
    floors = list(ROOMS)
    return [
        f"{room} imports {other}"
        for room, others in arrows(root).items()
        for other in sorted(others)
        if other not in floors[: floors.index(room)]
    ]


def libraries(root: Path) -> dict[str, set[str]]:
    """Every library that is not ours or Python's own -> the rooms that import it."""
    found: dict[str, set[str]] = {}
    for path, tree in sources(root, PACKAGE, "pages", "app.py"):
        for name, _ in imported(path, tree):
            library = name.partition(".")[0]
            if library not in sys.stdlib_module_names and library not in {*ANYWHERE, PACKAGE}:
                found.setdefault(library, set()).add(module_of(path))
    return found


def slow_at_import(root: Path) -> list[str]:
    """Where a library that is slow to import is imported outside a function."""
    return [
        f"{path} imports {name} outside a function"
        for path, tree in sources(root, PACKAGE, "pages", "app.py")
        for name, inside in imported(path, tree)
        if name.partition(".")[0] in INSIDE_FUNCTIONS and not inside
    ]


def used_names(path: Path, tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Full name of everything a file imports or reaches through an import, such as
    numpy.random.rand for np.random.rand.
    """
    meaning: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            meaning |= {
                alias.asname or alias.name.partition(".")[0]: _meant(alias) for alias in node.names
            }
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            meaning |= {
                alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names
            }
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)
    for node in ast.walk(tree):
        parts, inner = [], node
        while isinstance(inner, ast.Attribute):
            parts, inner = [inner.attr, *parts], inner.value
        if parts and isinstance(inner, ast.Name) and inner.id in meaning:
            yield ".".join([meaning[inner.id], *parts]), node


def _meant(alias: ast.alias) -> str:
    return alias.name if alias.asname else alias.name.partition(".")[0]


def uses(root: Path, forbidden: Sequence[str], *places: str) -> list[str]:
    """Where a forbidden name, or something below it, is imported or used."""
    return [
        f"{path}:{node.lineno} uses {name}"  # type: ignore[attr-defined]
        for path, tree in sources(root, *places)
        for name, node in used_names(path, tree)
        if any(name == each or name.startswith(f"{each}.") for each in forbidden)
    ]


def allowed_pickles(root: Path, *places: str) -> list[str]:
    """Calls with an allow_pickle that is not False, by name or as the third argument of a load."""
    found = []
    for path, tree in sources(root, *places):
        loads = [node for name, node in used_names(path, tree) if name == "numpy.load"]
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                given = [
                    keyword.value for keyword in node.keywords if keyword.arg == "allow_pickle"
                ]
                given += node.args[2:3] if node.func in loads else []
                if not all(
                    isinstance(value, ast.Constant) and value.value is False for value in given
                ):
                    found.append(f"{path}:{node.lineno} allows pickles")
    return found


def test_rooms_import_what_the_table_says() -> None:
    """A room imports just the rooms that ROOMS names, and none of those stands above it."""
    assert arrows(ROOT) == ROOMS
    assert upward(ROOT) == []


def test_libraries_stay_in_their_rooms() -> None:
    """A library is imported in just the rooms that LIBRARIES names, slow ones inside functions."""
    assert libraries(ROOT) == LIBRARIES
    assert slow_at_import(ROOT) == []


def test_pages_do_not_import_each_other() -> None:
    """A page's folder imports from ui only what pages share, and shared things import no page."""
    inside = arrows(ROOT, f"{PACKAGE}/ui")

    assert {*PAGES, "shared", "components"} == set(inside)
    assert all(inside[page] <= {"shared", "components"} for page in PAGES)
    assert inside["components"] <= {"shared"} and not inside["shared"]


def test_a_page_file_imports_its_own_folder() -> None:
    """pages/train.py imports from ui what pages share, and ui/train: no other page's code."""
    for path, tree in sources(ROOT, "pages"):
        parts = {name.split(".")[2] for name, _ in imported(path, tree) if ".ui." in name}
        assert parts <= {"shared", path.stem}, path


def test_what_is_shared_is_used_by_two_pages() -> None:
    """A module of ui/shared serves at least two pages, directly or through what they share."""
    users: dict[str, set[str]] = {}
    for path, tree in sources(ROOT, f"{PACKAGE}/ui", "pages", "app.py"):
        for name, _ in imported(path, tree):
            if name.startswith(f"{PACKAGE}.ui.shared."):
                module = name.split(".")[3]
                users.setdefault(module, set()).add(_user(path))
    for module in [*users] * 3:  # what shared modules use, their users use
        for user in [*users[module]]:
            users[module] |= users.get(user.removeprefix("shared/"), set())
    pages = {module: {user for user in found if "/" not in user} for module, found in users.items()}

    assert {module for module, found in pages.items() if len(found) < 2} == set()


def test_every_chart_can_be_saved() -> None:
    """Only ui/shared/chart.py, which adds the button, draws a figure by Streamlit."""
    drawing = {
        path.name
        for path, tree in sources(ROOT, f"{PACKAGE}/ui", "pages", "app.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "plotly_chart"
    }

    assert drawing == {"chart.py"}


def _user(path: Path) -> str:
    """The page that a file belongs to, or "shared/<module>"."""
    if path.parts[0] != PACKAGE:
        return path.stem
    return f"shared/{path.stem}" if path.parts[2] == "shared" else path.parts[2]


def test_nothing_is_unpickled() -> None:
    """No file of the program reads a pickle, so that no file in a models folder can run code."""
    places = (PACKAGE, "pages", "app.py")

    assert uses(ROOT, UNPICKLING, *places) + allowed_pickles(ROOT, *places) == []


def test_nothing_shown_is_random() -> None:
    """Pages, user interface and figures draw no random numbers: what they show was computed."""
    assert uses(ROOT, RANDOM, "pages", "app.py", f"{PACKAGE}/ui", f"{PACKAGE}/figures") == []


def test_a_page_that_reads_a_run_needs_no_heavy_library() -> None:
    """Importing runs, jobs, config and the command line loads neither torch nor the other heavy
    libraries.
    """
    code = (
        "import sys, autoencoder.runs, autoencoder.jobs, autoencoder.config.run_config,"
        " autoencoder.cli.main\nheavy = 'torch', 'torchvision', 'torchmetrics', 'sklearn', 'scipy',"
        " 'streamlit', 'umap'\nprint(*(name for name in heavy if name in sys.modules))"
    )
    child = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert (child.returncode, child.stdout.strip()) == (0, ""), child.stderr


def test_the_dashboard_starts_without_torch() -> None:
    """What every page imports loads no torch: the first page need not wait for it."""
    code = (
        "import sys, autoencoder.ui\nheavy = 'torch', 'sklearn', 'scipy', 'umap'\n"
        "print(*(name for name in heavy if name in sys.modules))"
    )
    child = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert (child.returncode, child.stdout.strip()) == (0, ""), child.stderr


UPWARD = {
    "an import": "from autoencoder.jobs import Queue",
    "from the package": "from autoencoder import errors, training",
    "whole module": "import autoencoder.training as t",
    "inside a function": "def f():\n    from autoencoder import networks",
    "for type checkers": "if TYPE_CHECKING:\n    from autoencoder.runs import Run",
    "relative": "from ..runs import Run",
    "relative, bare": "from .. import runs",
    "unknown room": "from autoencoder.surprise import thing",
}


@pytest.mark.parametrize("line", UPWARD.values(), ids=UPWARD)
def test_an_upward_import_is_found(line: str, tmp_path: Path) -> None:
    """The check of layers sees an import in whatever way it is written."""
    _tree(tmp_path, "autoencoder/data/options.py", "from autoencoder.errors import ConfigError")
    assert upward(tmp_path) == []

    _tree(tmp_path, "autoencoder/data/options.py", line)
    assert len(upward(tmp_path)) == 1


def test_imports_within_a_subpackage_are_free(tmp_path: Path) -> None:
    """Files of one subpackage may import each other."""
    _tree(
        tmp_path,
        "autoencoder/runs/store.py",
        "from autoencoder.runs.run import Run\nfrom .state import Task",
    )

    assert upward(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("autoencoder/data/maps.py", "if TYPE_CHECKING:\n    from torch import Tensor", "torch"),
        ("autoencoder/training/loop.py", "def f():\n    import sklearn.cluster", "sklearn"),
        ("pages/home.py", "import plotly.graph_objects as go", "plotly"),
        ("app.py", "from PIL import Image", "PIL"),
        ("autoencoder/jobs/queue.py", "import surprise", "surprise"),
    ],
)
def test_a_library_is_found(file: str, line: str, found: str, tmp_path: Path) -> None:
    """The check of libraries sees one in whatever way it is imported."""
    _tree(tmp_path, file, line)

    assert libraries(tmp_path) == {found: {module_of(Path(file))}}


def test_a_slow_import_is_found(tmp_path: Path) -> None:
    """The check of slow libraries sees one that is imported with its module."""
    _tree(tmp_path, "autoencoder/analysis/maps.py", "from sklearn.manifold import TSNE")

    assert len(slow_at_import(tmp_path)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import load",
        "import torch\ntorch.load('x')",
        "import torch as t\nt.load('x')",
        "from torch import load",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "import numpy as np\nnp.load('x', None, True)",
        "from numpy import load\nload('x', allow_pickle=bool(1))",
    ],
)
def test_unpickling_is_found(line: str, tmp_path: Path) -> None:
    """The check for pickles sees them in whatever way they are written."""
    _tree(tmp_path, "pages/home.py", line)

    assert uses(tmp_path, UNPICKLING, "pages") + allowed_pickles(tmp_path, "pages") != []


@pytest.mark.parametrize(
    "line",
    [
        "import random",
        "import numpy as np\nnp.random.default_rng(0)",
        "import numpy\nnumpy.random.rand()",
        "from numpy.random import default_rng",
        "from numpy import random as chance\nchance.rand()",
        "def f():\n    import torch\n    return torch.randn(3)",
    ],
)
def test_randomness_is_found(line: str, tmp_path: Path) -> None:
    """The check for randomness sees it in whatever way it is written."""
    _tree(tmp_path, "autoencoder/ui/parts.py", line)

    assert uses(tmp_path, RANDOM, "autoencoder/ui") != []


def _tree(root: Path, file: str, text: str) -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text + "\n")
