"""The map: where the test images of a run land in its latent space, and how the classes cluster."""

from autoencoder.ui import latent_space
from autoencoder.ui.shared import shell
from autoencoder.ui.shared.explain import explain
from autoencoder.ui.shared.title import title

shell.require_shell("pages/latent_space.py")

run = title("Latent space")
latent_space.latent_maps(run)
latent_space.clustering(run)
explain("latent_space")
