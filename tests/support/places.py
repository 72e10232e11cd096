"""Where things are: the project, and the official MNIST files, which lie beside it on some
machines.
"""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "autoencoder"
MNIST = ROOT.parent / "shared" / "data" / "MNIST"
