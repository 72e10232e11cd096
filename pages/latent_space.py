"""The map: where the test images of a run land in its latent space."""

from autoencoder import ui

ui.require_shell("pages/latent_space.py")

run = ui.title("Latent space")
ui.latent_atlas(run)
ui.verdict(run)
ui.explain("latent_space")
