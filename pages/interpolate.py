"""From one test image to another: through the latent space, and by cross-fading pixels."""

from autoencoder.ui import interpolate
from autoencoder.ui.shared import shell
from autoencoder.ui.shared.explain import explain
from autoencoder.ui.shared.title import title

shell.require_shell("pages/interpolate.py", reads=["images", "frames", "path"])

run = title("Interpolate")
interpolate.interpolation(run)
explain(interpolate.EXPLANATION, interpolate.FORMULA)
