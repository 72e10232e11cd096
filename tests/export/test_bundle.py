"""Modules joined into one, and the live components that arrive that way."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from autoencoder.export.browser.bundle import bundle
from tests.support.node import in_node
from tests.support.places import PACKAGE

BROWSER = PACKAGE / "export" / "browser"
COMPONENTS = sorted(path.parent for path in PACKAGE.rglob("component.js"))


def write(folder: Path, **modules: str) -> Path:
    """Modules by name, as files; the path of the entry."""
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "entry.js"


def default_of(entry: Path, ending: str = "") -> Any:
    """What a bundle exports by default, or `ending` makes of it, as JSON."""
    source = base64.b64encode(bundle(entry).encode()).decode()
    program = f"""
const module = await import(`data:text/javascript;base64,${{source}}`);
console.log(JSON.stringify(module.default{ending}));
"""
    return in_node(program, source=source)


def test_equal_names_do_not_collide(tmp_path: Path) -> None:
    """Two modules may each have a constant, a function and a class of the same names."""
    entry = write(
        tmp_path,
        a="const X = 1;\nfunction read() {\n  return X;\n}\nexport const fromA = () => read();\n",
        b="const X = 2;\nfunction read() {\n  return X;\n}\nexport const fromB = () => read();\n",
        entry='import { fromA } from "./a.js";\nimport { fromB } from "./b.js";\n\n'
        "const X = 3;\nexport default [fromA(), fromB(), X];\n",
    )

    assert default_of(entry) == [1, 2, 3]


def test_classes_functions_and_constants_are_exported(tmp_path: Path) -> None:
    """Every kind of export arrives, one that is renamed, too, and over several lines."""
    entry = write(
        tmp_path,
        a="export class Box {\n  size = 4;\n}\nexport const ONE = 1;\n"
        "export function two() {\n  return 2;\n}\nexport async function three() {}\n",
        entry='import {\n  Box,\n  ONE as FIRST,\n  two,\n} from "./a.js";\n'
        "const ONE = 9;\nexport default [new Box().size, FIRST, two(), ONE];\n",
    )

    assert default_of(entry) == [4, 1, 2, 9]


def test_a_module_runs_once_after_those_it_imports(tmp_path: Path) -> None:
    """A module that two others import runs first, and once: they share what it holds."""
    entry = write(
        tmp_path,
        log="export const lines = [];\n",
        a='import { lines } from "./log.js";\nlines.push("a");\nexport const a = 1;\n',
        b='import { a } from "./a.js";\nimport { lines } from "./log.js";\n'
        'lines.push("b" + a);\nexport const b = 2;\n',
        entry='import { b } from "./b.js";\nimport { a } from "./a.js";\n'
        'import { lines } from "./log.js";\nexport default [lines, a, b];\n',
    )

    assert default_of(entry) == [["a", "b1"], 1, 2]


def test_a_default_function_may_stand_first(tmp_path: Path) -> None:
    """What the default export uses may be defined below it."""
    entry = write(
        tmp_path,
        entry="export default function (x) {\n  return double(x);\n}\n\n"
        "const double = (x) => 2 * x;\n",
    )

    assert default_of(entry, "(4)") == 8


def test_a_default_export_is_imported_by_another_name(tmp_path: Path) -> None:
    """A module's default export can be imported as any other."""
    entry = write(
        tmp_path,
        a="export default () => 5;\n",
        entry='import { default as five } from "./a.js";\nexport default five();\n',
    )

    assert default_of(entry) == 5


def test_a_workers_module_is_joined_too(tmp_path: Path) -> None:
    """The address of a worker's module leads to a script that holds all that the module imports."""
    entry = write(
        tmp_path,
        a="export const A = 6;\n",
        worker='import { A } from "./a.js";\nglobalThis.answer = `${A}\\n"`;\n',
        entry='export default () => new URL("./worker.js", import.meta.url);\n',
    )
    program = """
const module = await import(`data:text/javascript;base64,${source}`);
new Function(await (await fetch(module.default())).text())();
console.log(JSON.stringify(globalThis.answer));
"""

    found = in_node(program, source=base64.b64encode(bundle(entry).encode()).decode())

    assert found == '6\n"'


def test_an_entry_needs_no_default_export(tmp_path: Path) -> None:
    """A script that only runs is joined, too, and exports nothing."""
    entry = write(tmp_path, entry="globalThis.ran = true;\n")

    assert "export" not in bundle(entry)


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        (
            {"a": "const hidden = 1;\n", "entry": 'import { hidden } from "./a.js";\n'},
            "/entry.js imports hidden, which .*/a.js does not export",
        ),
        (
            {
                "a": 'import { b } from "./b.js";\nexport const a = 1;\n',
                "b": 'import { a } from "./a.js";\nexport const b = 1;\n',
                "entry": 'import { a } from "./a.js";\n',
            },
            "modules import each other: .*/a.js -> .*/b.js -> .*/a.js",
        ),
        ({"entry": 'import * as a from "./a.js";\n'}, r"cannot be joined: import \* as a"),
        ({"entry": "const a = 1;\nexport { a };\n"}, r"cannot be joined: export \{ a \}"),
        ({"entry": "export let a = 1;\n"}, "cannot be joined: export let a = 1"),
    ],
    ids=["missing", "circle", "star", "list", "let"],
)
def test_what_cannot_be_joined_is_refused(
    tmp_path: Path, modules: dict[str, str], message: str
) -> None:
    """The message names the file, and what is wrong in it."""
    with pytest.raises(ValueError, match=message):
        bundle(write(tmp_path, **modules))


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    """An import of a file that is not there says which."""
    with pytest.raises(FileNotFoundError, match=r"nowhere\.js"):
        bundle(write(tmp_path, entry='import { a } from "./nowhere.js";\n'))


@pytest.mark.parametrize("folder", COMPONENTS, ids=lambda path: "-".join(path.parts[-2:]))
def test_every_component_is_one_module_with_a_default_function(folder: Path) -> None:
    """What Streamlit is given can be loaded by itself, and exports the function that it calls."""
    assert default_of(folder / "component.js", ".length") in (0, 1)


def test_what_a_file_of_its_own_needs_imports_nothing_of_the_pages() -> None:
    """Modules in export/browser/ import only each other."""
    for path in BROWSER.rglob("*.js"):
        for place in re.findall(r'^(?:import .*|\}) from "(.*)";$', path.read_text(), re.MULTILINE):
            assert (path.parent / place).resolve().is_relative_to(BROWSER)
        bundle(path)
