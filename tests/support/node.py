"""JavaScript run by Node."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NODE = shutil.which("node")


def in_node(program: str, *imports: tuple[Path, str], **values: Any) -> Any:
    """What `program` gives to console.log as JSON, run by Node.

    Args:
        program: JavaScript.
        imports: Modules with the names that the program needs of them, such as
            (PACKAGE / "export/browser/decoder.js", "Decoder").
        values: Constants of the program, by name.
    """
    if NODE is None:
        pytest.skip("needs Node: apt-get install nodejs")
    lines = [f'import {{ {names} }} from "{path.as_uri()}";' for path, names in imports]
    constants = [f"const {name} = {json.dumps(value)};" for name, value in values.items()]
    ended = subprocess.run(
        [NODE, "--input-type=module", "-"],
        input="\n".join([*lines, *constants, program]),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
