"""ES modules joined into one, for a page that takes a single script: a live component, or a file
that stands alone.

A module may write `import { a, b as c, default as d } from "./other.js";`, and `export` before a
class, a function or a constant of its own, or `export default`, which the bundle keeps where the
module that the others are joined to, the entry, says it. `new URL("./worker.js", import.meta.url)`,
the address of a worker's module, becomes that of a blob that holds the module and all that it
imports.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:class|function\*?|const) (\w+))", re.MULTILINE)
DEFAULT = re.compile(r"^export default ", re.MULTILINE)
REST = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
ADDRESS = re.compile(r'\bnew URL\("([^"]+)", import\.meta\.url\)')
DEFAULT_NAME = "defaultExport"  # of the constant that the entry's `export default` becomes


@dataclass(frozen=True)
class Module:
    """One file.

    Attributes:
        body: Its code, without the words that import and export.
        imports: (file, names) as they are written: "a" or "a as b".
        exports: The names that others may import.
        has_default: Whether it says `export default`.
    """

    path: Path
    body: str
    imports: tuple[tuple[Path, tuple[str, ...]], ...]
    exports: tuple[str, ...]
    has_default: bool


@cache
def bundle(entry: Path) -> str:
    """The module at `entry` and all that it imports, as one module without imports.

    Every module keeps a scope of its own, so that the same name may stand in several; each runs
    once, after those that it imports.

    Raises:
        ValueError: If modules import each other in a circle, import what is not exported, or
            write an import or export in another way than described above.
        OSError: If a module cannot be read.
    """
    modules: dict[Path, Module] = {}
    _collect(entry.resolve(), (), modules)
    names = {path: f"module{number}" for number, path in enumerate(modules)}
    scopes = [_scope(module, names) for module in modules.values()]
    ending = f"export default {names[entry.resolve()]}.default;\n"
    return "\n".join([*scopes, ending if modules[entry.resolve()].has_default else ""])


def _collect(path: Path, importers: tuple[Path, ...], modules: dict[Path, Module]) -> None:
    """Put the module at `path` into `modules`, behind those that it imports."""
    if path in importers:
        circle = " -> ".join(map(_title, [*importers[importers.index(path) :], path]))
        raise ValueError(f"modules import each other: {circle}")
    if path in modules:
        return
    module = _read(path)
    for imported, names in module.imports:
        _collect(imported, (*importers, path), modules)
        _check(module, modules[imported], names)
    modules[path] = module


def _check(module: Module, imported: Module, names: tuple[str, ...]) -> None:
    exported = {*imported.exports, *(["default"] if imported.has_default else [])}
    if missing := [name for name in _originals(names) if name not in exported]:
        raise ValueError(
            f"{_title(module.path)} imports {missing[0]}, which {_title(imported.path)} does not"
            " export"
        )


@cache
def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    imports = tuple(
        ((path.parent / place).resolve(), _names(inside)) for inside, place in IMPORT.findall(text)
    )
    exports = tuple(EXPORT.findall(text))
    has_default = DEFAULT.search(text) is not None
    body = DEFAULT.sub(f"const {DEFAULT_NAME} = ", EXPORT.sub("", IMPORT.sub("", text)))
    body = ADDRESS.sub(lambda match: _blob(path.parent / match[1]), body)
    if unknown := REST.search(body):
        raise ValueError(f"{_title(path)} has a line that cannot be joined: {unknown[0]}")
    return Module(path, body, imports, exports, has_default)


def _blob(entry: Path) -> str:
    """JavaScript that gives the address of a script: a module and all that it imports."""
    blob = f'new Blob([{json.dumps(bundle(entry))}], {{ type: "text/javascript" }})'
    return f"URL.createObjectURL({blob})"


def _names(inside: str) -> tuple[str, ...]:
    """What stands between the braces of an import, name by name."""
    return tuple(" ".join(name.split()) for name in inside.split(",") if name.strip())


def _originals(names: tuple[str, ...]) -> Iterator[str]:
    """The names as the imported module knows them."""
    return (name.split(" as ")[0] for name in names)


def _scope(module: Module, names: dict[Path, str]) -> str:
    """A module as a function that runs at once and returns what is exported."""
    imports = [
        f"const {{ {', '.join(wanted).replace(' as ', ': ')} }} = {names[path]};"
        for path, wanted in module.imports
    ]
    exports = [*module.exports, *([f"default: {DEFAULT_NAME}"] if module.has_default else [])]
    return "\n".join(
        [
            f"/* {_title(module.path)} */",
            f"const {names[module.path]} = (() => {{",
            *imports,
            module.body.rstrip(),
            f"return {{ {', '.join(exports)} }};",
            "})();",
        ]
    )


def _title(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
