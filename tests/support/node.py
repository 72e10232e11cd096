"""JavaScript run by Node."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NODE = shutil.which("node")


def in_node(program: str, *scripts: Path, **values: Any) -> Any:
    """What `program` gives to console.log as JSON: run by Node behind `scripts`, with `values` as
    constants of their names.
    """
    if NODE is None:
        pytest.skip("needs Node: apt-get install nodejs")
    constants = [f"const {name} = {json.dumps(value)};" for name, value in values.items()]
    source = "\n".join(
        [*(path.read_text(encoding="utf-8") for path in scripts), *constants, program]
    )
    ended = subprocess.run(
        [NODE, "--input-type=module", "-"], input=source, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
