"""The network of a run as torch has it, for what is measured inside it."""

from autoencoder.networks import inference
from autoencoder.networks.modules import Autoencoder
from autoencoder.runs import Run
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.shell import explained


@explained
@cached_per_run(max_entries=6, spinner="Loading the network")
def network(run: Run) -> Autoencoder:
    """The trained network, shared by all visitors: not to be changed."""
    inference.use_one_thread()
    return inference.rebuild(run.config, run.weights())
