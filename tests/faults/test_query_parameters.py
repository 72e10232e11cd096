"""Every parameter of an address, given values of the wrong kind.

The long version is the campaign of query_parameters.py.
"""

import ast
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.serving import Server
from tests.faults.query_parameters import FLAT, PLACES, addresses, models_of, visit_all
from tests.support.loops import done
from tests.support.places import ROOT

EACH = 1  # addresses of each place
BROKEN = (  # addresses that showed an exception once
    *(("reconstruct", f"run={FLAT}&order="), ("reconstruct", "order=Random&sample_seed=inf")),
    *(("latent_space", f"run={FLAT}&matrix="), ("decode", f"run={FLAT}&view=Manifold&spacing=")),
    *(("inspect", f"run={FLAT}&view=Denoising&noise="), ("decode", "view=Samples&seed=1e999")),
)
# What stands in the code in place of a name -> the names that it may be.
NAMES = {
    "SEED": ["sample_seed"],
    "key": ["layer", "weights", "off"],
    "f'{series}_data'": ["sweep_data", "weights_data"],
    "f'{series}_preset'": ["sweep_preset", "weights_preset"],
    "f'{method}_{parameter.key}'": ["umap_neighbours", "umap_distance", "tsne_perplexity"],
    "CHOSEN": ["run"],
    "LIKE": ["like"],
    "WITH": ["with"],
    "IMAGE": ["image"],
    "RUNS": ["runs"],
    "OPEN": ["open", "lab"],
    "Z": ["z"],
    "FAMILY": ["family"],
    "each": ["images", "frames", "path"],
    "name": ["linear", "config_a", "config_b", "family"],
}


def bound(root: Path) -> Iterator[str]:
    """The source of every name that a widget or a page takes from the address."""
    for path in [*(root / "autoencoder" / "ui").rglob("*.py"), *(root / "pages").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                options = {each.arg: each.value for each in node.keywords}
                if "bind" in options:
                    yield ast.unparse(options["key"])
                if ast.unparse(node.func) == "st.query_params.get":
                    yield ast.unparse(node.args[0])
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "st.query_params":
                yield ast.unparse(node.slice)


def test_no_parameter_is_forgotten() -> None:
    """Every name that a widget or a page takes from the address is among those that are tried."""
    tried = {name for place in PLACES for name in place.names}
    known = {repr(name): [name] for name in tried} | NAMES
    found = set(bound(ROOT))

    assert found - known.keys() == set()
    assert {name for source in found for name in known[source]} <= tried
    assert len(found) > 40


@pytest.mark.slow
def test_wrong_values_in_an_address_break_no_page(server: Server, tmp_path: Path) -> None:
    """Empty, words, numbers out of every range, markup, repeated: a page that is opened with them
    shows no exception.
    """
    models_of(tmp_path / "models")
    chance = random.Random(0)
    visits = [(page, "known", query) for page, query in BROKEN]
    for place in PLACES:
        for name, query in chance.sample(list(addresses(place)), EACH):
            visits.append((place.page, name, query))
    tried, broken = done(visit_all(server.address, visits))

    assert broken == []
    assert tried == len(visits)
