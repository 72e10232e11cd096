"""Numbers and names as people read them: three significant digits, human units, nothing
interpreted.
"""

import re

from autoencoder.config.run_config import RunConfig
from autoencoder.runs import Run

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=/])")
STATES = {
    "queued": "waiting",
    "running": "training",
    "finished": "finished",
    "stopped": "stopped",
    "interrupted": "interrupted",
    "failed": "failed",
}


def literal(text: str, most: int = 80) -> str:
    """Any text, cut to `most` characters, so that Markdown shows it as it is and fetches
    nothing.
    """
    flat = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    cut = flat if len(flat) <= most else flat[: most - 3] + "..."
    return _MARKDOWN.sub(r"\\\1", cut)


def sentence(text: str, most: int = 500) -> str:
    """An error of ours as a page shows it: literally, with a capital letter."""
    return literal(text[:1].upper() + text[1:], most)


def number(value: float) -> str:
    """Three significant digits: 0.0374, 20.4, 1,240."""
    if value != value or value in (float("inf"), float("-inf")):
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    text = f"{value:#.3g}"
    return f"{value:.2e}" if "e" in text else text.rstrip(".")


def size(count: int) -> str:
    """Bytes: 64 B, 3.1 kB, 2.5 MB."""
    for unit, scale in (("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count} B"


def seconds(value: float) -> str:
    """A duration: 8 s, 3 min 20 s, 2 h 5 min."""
    if value == float("inf"):
        return "unknown"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"


def minutes(value: float) -> str:
    """About how long: half a minute, 1 minute, 4 minutes."""
    whole = max(1, round(value))
    return "half a minute" if value <= 0.6 else "1 minute" if whole == 1 else f"{whole} minutes"


def name(config: RunConfig) -> str:
    """A run in a few words: "digits, conv, variational, d = 2"."""
    network = [config.network, *config.objective_part]
    return ", ".join([config.info.title, *network, f"d = {config.latent_dim}"])


def title(run: Run) -> str:
    """A run in a few words, with its test MSE once there is one, told apart from its like by the
    end of its key.
    """
    mse = run.metrics.get("mse", {}).get("run")
    result = f"MSE {number(mse)}" if mse is not None else STATES[run.state]
    return f"{name(run.config)} · {result} · {run.key[-8:]}"


def command(config: RunConfig) -> str:
    """The command line that trains this run."""
    return " ".join(["python -m autoencoder train", *config.flags()])
