"""A projection: points in two or three dimensions, and how they were made."""

from dataclasses import dataclass

import numpy as np

from autoencoder.config.projections import SPACES, ProjectionSettings

OF = {"latents": "", "pixels": " of pixels"}  # follows the title of a method


@dataclass(frozen=True, eq=False)
class Projection:
    """The first test images, in file order, as points.

    Attributes:
        points: (N, K), where K is the settings' dimensions, or fewer where the space has fewer.
        settings: How they were made.
        axes: What each axis is called; empty for the method's title and a number.
        trustworthiness, continuity: How far neighbours here are neighbours in the space that was
            projected, and the other way round: at most 1, which is best (Venna & Kaski 2001); None
            where that was not measured.
        weights_sha256: Of the network whose latents were projected; empty where no network had a
            part, or where that is unknown.
        library: Which made it, such as "umap-learn"; empty where the method says so, or where that
            is unknown.
        in_rows: The second axis is only there to keep the classes apart, a row for each.
    """

    points: np.ndarray
    settings: ProjectionSettings
    axes: tuple[str, ...] = ()
    trustworthiness: float | None = None
    continuity: float | None = None
    weights_sha256: str = ""
    library: str = ""
    in_rows: bool = False

    @property
    def axis_names(self) -> tuple[str, ...]:
        """One for each dimension, (K,)."""
        numbers = range(1, self.points.shape[1] + 1)
        return self.axes or tuple(f"{self.settings.spec.title} {number}" for number in numbers)

    @property
    def about(self) -> str:
        """How it was made, and how far it can be trusted, in a few words."""
        if self.settings.spec.is_exact:
            rows = ", one row for each class" if self.in_rows else ""
            return self.settings.spec.about.format(space=SPACES[self.settings.space]) + rows
        spec = self.settings.spec
        maker = f" by {self.library}" if self.library else spec.before_libraries
        words = f"{spec.title}{OF[self.settings.space]}{maker}, {self.settings.in_words()}"
        if self.trustworthiness is None or self.continuity is None:
            return words
        scores = f"trustworthiness {self.trustworthiness:.3f}, continuity {self.continuity:.3f}"
        return f"{words}, {scores}"
