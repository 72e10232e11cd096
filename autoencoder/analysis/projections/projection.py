"""One way of laying points out by UMAP or t-SNE: its parameters, checked, and the name that carries
them all.
"""

import re
from dataclasses import dataclass

from autoencoder.errors import ProjectionError

METHODS = {"pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}
SPACES = ("codes", "pixels")
MOST_POINTS = 5_000  # unless a projection says otherwise
LIMIT = 10_000  # points of any projection: a run keeps no more test images
MIN_DIST = 0.1  # UMAP's own default


@dataclass(frozen=True)
class Projection:
    """One way of laying test images out. Its name carries every parameter, so that it names its
    result's file.

    Attributes:
        method: umap or tsne.
        neighbours: UMAP's n_neighbors or t-SNE's perplexity, 2 to 200; clamped to what the points
            allow when computed.
        dimensions: 2 or 3.
        seed: 0 to 2**31 - 1.
        min_dist: How near to each other UMAP may put points, 0 to 1 in hundredths; t-SNE has only
            the default.
        points: How many of the first test images, 5 to 10,000; clamped to what there is when
            computed.
        space: "codes", or "pixels": the test images as they are. Those of more than 50 pixels are
            reduced to their 50 first principal components before they are laid out.
    """

    method: str
    neighbours: int = 15
    dimensions: int = 2
    seed: int = 0
    min_dist: float = MIN_DIST
    points: int = MOST_POINTS
    space: str = "codes"

    def __post_init__(self) -> None:
        _require(
            self.method in ("umap", "tsne"),
            f"method must be umap or tsne; got {str(self.method)[:40]}",
        )
        for name in ("neighbours", "dimensions", "seed", "points"):
            value = getattr(self, name)
            _require(type(value) is int, f"{name} must be a whole number; got {str(value)[:40]}")
        _require(
            2 <= self.neighbours <= 200, f"neighbours must be from 2 to 200; got {self.neighbours}"
        )
        _require(self.dimensions in (2, 3), f"dimensions must be 2 or 3; got {self.dimensions}")
        _require(0 <= self.seed < 2**31, f"seed must be from 0 to {2**31 - 1}; got {self.seed}")
        _require(
            5 <= self.points <= LIMIT, f"points must be from 5 to {LIMIT:,}; got {self.points}"
        )
        _require(
            self.space in SPACES, f"space must be latents or pixels; got {str(self.space)[:40]}"
        )
        near = self.min_dist
        hundredths = type(near) in (int, float) and 0 <= near <= 1 and round(near, 2) == near
        _require(hundredths, f"min_dist must be from 0 to 1 in hundredths; got {str(near)[:40]}")
        _require(
            self.method == "umap" or near == MIN_DIST,
            f"min_dist is for umap alone; got {near} for tsne",
        )

    @property
    def name(self) -> str:
        """For example "projection-umap-n15-d2-s0", or "projection-umap-n15-d2-s0-m25-p1000-pixels":
        defaults are left out.
        """
        near = "" if self.min_dist == MIN_DIST else f"-m{round(self.min_dist * 100)}"
        count = "" if self.points == MOST_POINTS else f"-p{self.points}"
        space = "" if self.space == "codes" else f"-{self.space}"
        usual = f"projection-{self.method}-n{self.neighbours}-d{self.dimensions}-s{self.seed}"
        return f"{usual}{near}{count}{space}"

    @classmethod
    def parse(cls, name: str) -> "Projection":
        """The inverse of `name`.

        Raises ProjectionError for whatever is no name, and for a second name of one.
        """
        pattern = (
            r"projection-([a-z]+)-n(\d{1,3})-d(\d)-s(\d{1,10})"
            r"(?:-m(\d{1,3}))?(?:-p(\d{1,5}))?(?:-([a-z]+))?"
        )
        parsed = None
        if found := re.fullmatch(pattern, name):
            neighbours, dimensions, seed = (int(number) for number in found.group(2, 3, 4))
            min_dist = MIN_DIST if found[5] is None else int(found[5]) / 100
            points, space = int(found[6] or MOST_POINTS), found[7] or SPACES[0]
            parsed = cls(found[1], neighbours, dimensions, seed, min_dist, points, space)
        if parsed is None or parsed.name != name:
            raise ProjectionError(f"not a projection's name: {name[:60]}")
        return parsed


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ProjectionError(problem)
