"""From one test image to another: through the latent space, and by cross-fading pixels."""

from autoencoder import ui

ui.require_shell("pages/interpolate.py")

run = ui.title("Interpolate")
ui.interpolation(run)
ui.explain("interpolate")
