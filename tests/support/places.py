"""Where things are: the project, small runs on `digits` that were trained once, and the official
MNIST files, which lie beside the project on some machines.
"""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "autoencoder"
MODELS = ROOT / "tests" / "models"
MNIST = ROOT.parent / "shared" / "data" / "MNIST"
