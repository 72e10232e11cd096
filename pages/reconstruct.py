"""Test originals beside what came back, through this run and others; where it errs; and a visitor's own image."""

from autoencoder import ui

ui.require_shell("pages/reconstruct.py")

run = ui.title("Reconstruct")
ui.reconstruction_wall(run)
ui.own_image(run)
ui.explain("reconstruct")
