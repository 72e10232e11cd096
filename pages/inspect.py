"""What the network learned: kernels, what its units do, what each is worth, and noise."""

from autoencoder.ui import inspect
from autoencoder.ui.shared import shell
from autoencoder.ui.shared.explain import explain
from autoencoder.ui.shared.ranking import RECONSTRUCTION
from autoencoder.ui.shared.title import title

shell.require_shell("pages/inspect.py")

run = title("Inspect", RECONSTRUCTION)
inspect.inspect_network(run)
explain(inspect.EXPLANATION, inspect.FORMULA)
