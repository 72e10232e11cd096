"""What the network learned: its kernels, what its units do, what each is worth, and what it makes of noise."""

from autoencoder import ui

ui.require_shell("pages/inspect.py")

run = ui.title("Inspect")
ui.inspect_network(run)
ui.explain("inspect")
