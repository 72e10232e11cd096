"""The architecture: who may import whom, which library lives where, and what occurs nowhere. The tables are the rule."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = "autoencoder"

LAYERS: Sequence[Sequence[str]] = [  # a module imports only from lines above its own
    ["errors", "system"],
    ["options", "catalogue", "settings", "progress"],
    ["config"],
    ["timing"],
    ["presets"],
    ["downloads", "blueprint"],
    ["datasets", "networks", "metrics", "projections", "paths", "sampling", "images", "reading", "fitting", "choosing"],
    ["objectives", "optimisation", "early_stopping", "dimensions"],
    ["checkpoints"],
    ["training", "inference", "inspection"],
    ["calibration"],
    ["verdict"],
    ["runs", "figures", "export", "comparison"],
    ["jobs"],
    ["sweeps"],
    ["labs"],
    ["ui", "console", "arguments"],
    ["__main__"],
]

ANYWHERE = {"numpy"}
LIBRARIES: dict[str, set[str]] = {  # library -> the modules that may import it
    "torch": {
        *(
            "networks",
            "objectives",
            "optimisation",
            "early_stopping",
            "checkpoints",
            "training",
            "inference",
            "inspection",
            "calibration",
            "export",
        ),
        "jobs",  # the training process sets the threads and looks for a GPU
    },
    "torchvision": {"downloads"},
    "torchmetrics": {"inference"},
    "safetensors": {"runs"},
    "sklearn": {"datasets", "projections", "sampling", "metrics", "verdict"},
    "scipy": {"datasets", "projections", "metrics", "verdict"},
    "threadpoolctl": {"verdict"},
    "plotly": {"figures"},
    "PIL": {"images", "reading", "fitting", "ui"},
    "streamlit": {"ui", "pages", "app"},
    "tqdm": {"console"},
}
INSIDE_FUNCTIONS = {"torchvision", "torchmetrics", "sklearn", "scipy"}  # slow to import: only when needed


UNPICKLING = (  # modules and functions that read or write pickles, which run code when they are read
    *("pickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"),
    *("torch.load", "torch.save", "torch.jit.load", "pandas.read_pickle"),
)
RANDOM = (
    *("random", "secrets", "numpy.random"),
    *("torch.rand", "torch.rand_like", "torch.randn", "torch.randn_like", "torch.randint", "torch.randint_like"),
    *("torch.randperm", "torch.normal", "torch.bernoulli", "torch.multinomial"),
)


def sources(root: Path, *places: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file in the `places` (files or folders) under `root`, parsed."""
    for place in places:
        for path in sorted((root / place).rglob("*.py")) if (root / place).is_dir() else [root / place]:
            if path.is_file():
                yield path.relative_to(root), ast.parse(path.read_text())


def module_of(path: Path) -> str:
    """The name tables use: the part right below autoencoder/, or "pages", or "app"."""
    return path.parts[1 if path.parts[0] == PACKAGE else 0].removesuffix(".py")


def imported(path: Path, tree: ast.AST, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """Full name of everything a file imports, wherever the import stands, and whether it stands inside a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = path.parts[: -node.level] if node.level else ()
            origin = ".".join([*above, *filter(None, [node.module])])
            yield from ((f"{origin}.{alias.name}", inside) for alias in node.names)
        else:
            yield from imported(path, node, inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))


def upward_imports(root: Path) -> list[str]:
    """Imports within the package that the layer table forbids."""
    rank = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    found = []
    for path, tree in sources(root, PACKAGE):
        module = module_of(path)
        for name, _ in imported(path, tree):
            package, _, rest = name.partition(".")
            other = rest.partition(".")[0]
            if package != PACKAGE or not other or other == module:
                continue
            if module not in rank or other not in rank or rank[other] >= rank[module]:
                found.append(f"{path} imports {other}")
    return found


def misplaced_libraries(root: Path) -> list[str]:
    """Imports of libraries that the library tables forbid."""
    found = []
    for path, tree in sources(root, PACKAGE, "pages", "app.py"):
        for name, inside in imported(path, tree):
            library = name.partition(".")[0]
            if library in sys.stdlib_module_names or library in ANYWHERE or library == PACKAGE:
                continue
            if module_of(path) not in LIBRARIES.get(library, ()):
                found.append(f"{path} imports {library}")
            elif library in INSIDE_FUNCTIONS and not inside:
                found.append(f"{path} imports {library} outside a function")
    return found


def used_names(path: Path, tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Full name of everything a file imports or reaches through an import, such as numpy.random.rand for np.random.rand."""
    meaning: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            meaning |= {alias.asname or alias.name.partition(".")[0]: _meant(alias) for alias in node.names}
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            meaning |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
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
                given = [keyword.value for keyword in node.keywords if keyword.arg == "allow_pickle"]
                given += node.args[2:3] if node.func in loads else []
                if not all(isinstance(value, ast.Constant) and value.value is False for value in given):
                    found.append(f"{path}:{node.lineno} allows pickles")
    return found


def test_imports_point_downwards() -> None:
    """A module imports only from the lines of LAYERS above its own, and every module has a line."""
    known = {name for layer in LAYERS for name in layer}
    modules = {module_of(path) for path, _ in sources(ROOT, PACKAGE)} - {"__init__"}

    assert modules - known == set()
    assert upward_imports(ROOT) == []


def test_libraries_stay_in_their_modules() -> None:
    """A library is imported only where LIBRARIES says, the slow ones only inside functions."""
    assert set(misplaced_libraries(ROOT)) == set()


def test_nothing_is_unpickled() -> None:
    """No file of the program reads a pickle, so that no file in a models folder can run code."""
    places = (PACKAGE, "pages", "app.py")

    assert uses(ROOT, UNPICKLING, *places) + allowed_pickles(ROOT, *places) == []


def test_nothing_shown_is_random() -> None:
    """Pages, user interface and figures draw no random numbers: what they show was computed."""
    assert uses(ROOT, RANDOM, "pages", "app.py", f"{PACKAGE}/ui", f"{PACKAGE}/figures") == []


def test_a_page_that_reads_a_run_needs_no_heavy_library() -> None:
    """Importing runs, jobs, config and the command line loads neither torch nor the other heavy libraries."""
    code = (
        "import sys, autoencoder.runs, autoencoder.jobs, autoencoder.config, autoencoder.__main__\n"
        "heavy = 'torch', 'torchvision', 'torchmetrics', 'sklearn', 'scipy', 'streamlit'\n"
        "print(*(name for name in heavy if name in sys.modules))"
    )
    child = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (child.returncode, child.stdout.strip()) == (0, ""), child.stderr


def test_the_dashboard_starts_without_torch() -> None:
    """What every page imports loads no torch: the first page need not wait for it."""
    code = "import sys, autoencoder.ui\nprint(*(name for name in ('torch', 'sklearn', 'scipy') if name in sys.modules))"
    child = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (child.returncode, child.stdout.strip()) == (0, ""), child.stderr


UPWARD = {
    "an import": "from autoencoder.jobs import Queue",
    "from the package": "from autoencoder import errors, training",
    "whole module": "import autoencoder.training as t",
    "inside a function": "def f():\n    from autoencoder import networks",
    "for type checkers": "if TYPE_CHECKING:\n    from autoencoder.runs import Run",
    "relative": "from .presets import PRESETS",
    "relative, bare": "from . import presets",
    "same line of the table": "from autoencoder.config import RunConfig",
    "unknown module": "from autoencoder.surprise import thing",
}


@pytest.mark.parametrize("line", UPWARD.values(), ids=UPWARD)
def test_an_upward_import_is_found(line: str, tmp_path: Path) -> None:
    """The check of layers sees an import in whatever way it is written."""
    module = "options.py" if "config" not in line else "catalogue.py"
    _tree(tmp_path, f"autoencoder/{module}", "from autoencoder.errors import ConfigError")
    assert upward_imports(tmp_path) == []

    _tree(tmp_path, f"autoencoder/{module}", line)
    assert len(upward_imports(tmp_path)) == 1


def test_imports_within_a_subpackage_are_free(tmp_path: Path) -> None:
    """Files of one subpackage may import each other."""
    _tree(tmp_path, "autoencoder/runs/store.py", "from autoencoder.runs.run import Run\nfrom .state import Task")

    assert upward_imports(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("autoencoder/metrics.py", "import torch"),
        ("autoencoder/figures/maps.py", "if TYPE_CHECKING:\n    from torch import Tensor"),
        ("autoencoder/projections.py", "from sklearn.manifold import TSNE"),
        ("autoencoder/training.py", "def f():\n    import sklearn.cluster"),
        ("pages/home.py", "import plotly.graph_objects as go"),
        ("app.py", "from PIL import Image"),
        ("autoencoder/jobs/queue.py", "import surprise"),
    ],
)
def test_a_misplaced_library_is_found(file: str, line: str, tmp_path: Path) -> None:
    """The check of libraries sees one in the wrong module, an unknown one, and a slow one outside a function."""
    _tree(tmp_path, file, line)

    assert len(misplaced_libraries(tmp_path)) == 1


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
