"""All faults at length: `make campaign`, or

    python -m tests.faults.campaign --minutes 5 --only kills

Prints how many cases of each kind were tried and survived, and what happened to the others. Ends
with status 1 unless all were survived. The same seed makes the same cases; how many fit into the
time depends on the machine.
"""

import argparse
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.faults import (
    archives,
    clock,
    folder_campaign,
    forged_messages,
    kills,
    load,
    lock_holder,
    query_parameters,
    uploads,
)

Campaign = Callable[[int, float, Path], tuple[int, list[str]]]
PARTS: dict[str, tuple[str, float, Campaign]] = {  # name -> what is tried, share of time, how
    "folders": ("hostile run folders, and every page on them", 0.35, folder_campaign.campaign),
    "uploads": ("hostile uploads", 0.1, uploads.campaign),
    "archives": ("hostile archives that are added as data sets", 0.1, archives.campaign),
    "messages": ("forged messages from a browser", 0.05, forged_messages.campaign),
    "addresses": ("wrong values in addresses", 0.15, query_parameters.campaign),
    "kills": ("kills of trainings and of a lab", 0.15, kills.campaign),
    "clock": ("trainings while the clock jumps", 0.05, clock.campaign),
    "lock": ("visits beside a process that keeps the queue's lock", 0.05, lock_holder.campaign),
    "load": ("answers to a crowd beside killed trainings", 0.1, load.campaign),
}


def main(arguments: list[str]) -> int:
    """Run the parts and print their table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.faults.campaign")
    parser.add_argument("--minutes", type=float, default=20.0, help="for all parts together")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; repeatable")
    options = parser.parse_args(arguments)
    chosen = {name: PARTS[name] for name in options.only or PARTS}
    whole = sum(share for _, share, _ in chosen.values())
    sys.stdout.write(f"seed {options.seed}\n")
    failures = []
    for name, (title, share, campaign) in chosen.items():
        seconds = 60 * options.minutes * share / whole
        failures += _part(name, title, campaign, options.seed, seconds)
    for line in failures:
        sys.stdout.write(f"NOT SURVIVED {line}\n")
    return int(bool(failures))


def _part(name: str, title: str, campaign: Campaign, seed: int, seconds: float) -> list[str]:
    """Run one part and print its line; returns what was not survived."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="campaign-", ignore_cleanup_errors=True) as folder:
        try:
            tried, failures = campaign(seed, seconds, Path(folder))
        except Exception:  # the other parts are tried all the same
            tried, failures = 1, [traceback.format_exc()]
    took = time.monotonic() - began
    sys.stdout.write(
        f"{name:<10}{tried:>7} tried {tried - len(failures):>7} survived {took:>6.0f} s  {title}\n"
    )
    sys.stdout.flush()
    if not tried:
        failures = [*failures, "nothing was tried"]
    return [f"{name}: {line}" for line in failures]


if __name__ == "__main__":
    log = Path(tempfile.gettempdir()) / "campaign.log"  # what servers say of forged messages
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
    sys.stdout.write(f"log  {log}\n")
    status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)  # libraries that are torn down have much to say
