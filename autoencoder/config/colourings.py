"""What the points of a map can be coloured by.

The values of each are computed under the same name in `ui/latent_space/colourings.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colouring:
    """A way to colour points.

    Attributes:
        title: In the menu.
        kind: "class" (of each image), "value" (numbers, on the sequential palette) or "group" (of
            which there are names, on the palette of classes).
        needs: "errors" of a finished run, "clustering" results; empty where every run has it.
        needs_classes: Whether there must be two classes.
        log: Values are logarithms to base 10 of what is to be read.
    """

    title: str
    kind: str
    needs: str = ""
    needs_classes: bool = False
    log: bool = False


COLOURINGS: dict[str, Colouring] = {
    "class": Colouring("Class", "class", needs_classes=True),
    "error": Colouring("Reconstruction error", "value", needs="errors"),
    "density": Colouring("Local density", "value", needs="clustering", log=True),
    "cluster": Colouring("k-means", "group", needs="clustering"),
    "other": Colouring("Nearest other class", "group", needs="clustering", needs_classes=True),
}
