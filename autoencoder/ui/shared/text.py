"""Texts as pages show them: literally whatever they hold; runs by name; the command that trains a
run.
"""

import re

from autoencoder.config.run_config import RunConfig
from autoencoder.config.words import name as name
from autoencoder.errors import AutoencoderError
from autoencoder.formatting import error_number
from autoencoder.runs import Run
from autoencoder.runs.labels import read_label

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=/])")
# Markdown makes links of bare addresses after it has dropped the backslashes.
_ADDRESS = re.compile(r"https?:(?=//)|www(?=\.)|@", re.IGNORECASE)
_JOINER = "\u2060"  # is not seen and takes no place, but ends what may be an address
STATES = {
    "queued": "waiting",
    "running": "training",
    "finished": "finished",
    "stopped": "stopped",
    "interrupted": "interrupted",
    "failed": "failed",
}


def literal(text: str, most: int = 80) -> str:
    """Any text, cut to `most` characters, so that Markdown shows it as it is, fetches nothing and
    links to nothing.
    """
    flat = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    cut = flat if len(flat) <= most else flat[: most - 3] + "..."
    return _MARKDOWN.sub(r"\\\1", _ADDRESS.sub(rf"\g<0>{_JOINER}", cut))


def sentence(text: str, most: int = 500) -> str:
    """An error of ours as a page shows it: literally, with a capital letter."""
    return literal(text[:1].upper() + text[1:], most)


def title(run: Run) -> str:
    """A single run in a few words: the title that a person gave it or its name, its test MSE once
    there is one, and the end of its key.

    Where several runs stand together, `run_titles.distinct_titles` tells them apart.
    """
    try:
        mse = run.metrics.get("mse", {}).get("run")
    except AutoencoderError:
        mse = None
    result = f"MSE {error_number(mse)}" if mse is not None else STATES[run.state]
    return f"{read_label(run.folder).title or name(run.config)} · {result} · {run.key[-8:]}"


def command(config: RunConfig) -> str:
    """The command line that trains this run."""
    return " ".join(["python -m autoencoder train", *config.flags()])
