"""Test originals beside what came back, through this run and others; and a visitor's own image."""

from autoencoder.ui import reconstruct
from autoencoder.ui.shared import shell
from autoencoder.ui.shared.explain import explain
from autoencoder.ui.shared.ranking import RECONSTRUCTION
from autoencoder.ui.shared.title import title

shell.require_shell("pages/reconstruct.py", reads=["image"])

run = title("Reconstruct", RECONSTRUCTION)
reconstruct.reconstruction_wall(run)
reconstruct.own_image(run)
explain(reconstruct.EXPLANATION)
