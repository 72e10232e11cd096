"""Lets trainings go on that ended because their container was stopped, and starts what waits in the
queue.
"""

import sys

from autoencoder.config.settings import Settings
from autoencoder.errors import AutoencoderError
from autoencoder.jobs.queue import Queue


def main(keys: list[str]) -> None:
    """Put these runs back into the queue; one that cannot go on is named with the reason."""
    queue = Queue(Settings.from_environment())
    for key in keys:
        try:
            print(f"container: {key} is {queue.resume(key).state}", file=sys.stderr)
        except AutoencoderError as error:
            print(f"container: {key} does not go on: {error}", file=sys.stderr)
    queue.tick()


if __name__ == "__main__":
    main(sys.argv[1:])
