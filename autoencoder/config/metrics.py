"""The metrics by name: title, unit, help, and which direction is better.

What computes them: `analysis/metrics.py` for reconstructions, `analysis/clustering/` for classes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A number that says how good a run is.

    Attributes:
        title: In tables and tiles.
        help: What it measures, in a few words that can follow a comma.
        higher_is_better: Otherwise lower is.
        unit: Follows the title, if there is one.
        digits: How tables write it, as Python formats numbers.
        least: The smallest possible value. The greatest of a clustering metric is 1, and the best.
        place: Among the metrics that runs are compared by; 0 for one that is left out there.
    """

    title: str
    help: str
    higher_is_better: bool = True
    unit: str = ""
    digits: str = ".4g"
    least: float = 0.0
    place: int = 4

    @property
    def heading(self) -> str:
        """The title with its unit."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    @property
    def about(self) -> str:
        """The help, and which direction is better."""
        return f"{self.help}: {'higher' if self.higher_is_better else 'lower'} is better"


RECONSTRUCTION_METRICS: dict[str, Metric] = {
    "mse": Metric(
        "Test MSE",
        "mean squared error per pixel on the test images, pixels in [0, 1]",
        higher_is_better=False,
        place=1,
    ),
    "sse": Metric(
        "SSE",
        "squared error, summed over the pixels of an image",
        higher_is_better=False,
        place=0,  # it is the MSE times the number of pixels
    ),
    "psnr": Metric("PSNR", "peak signal-to-noise ratio", unit="dB", place=3),
    "ssim": Metric("SSIM", "structural similarity, 1 is identical", place=2),
}


def _clustering(title: str, help: str, *, least: float = 0.0, place: int = 0) -> Metric:
    return Metric(title, help, digits=".3f", least=least, place=place)


CLUSTERING_METRICS: dict[str, Metric] = {
    "silhouette": _clustering(
        "Silhouette",
        "how much nearer an image is to its own class than to the next one, from -1 to 1",
        least=-1.0,
    ),
    "knn_1": _clustering(
        "1-NN accuracy", "share of images whose nearest other image has the same class"
    ),
    "knn_10": _clustering(
        "10-NN accuracy",
        "share of images for which the most common class of the 10 nearest images is their own",
        place=5,
    ),
    "kmeans_ari": _clustering(
        "k-means, ARI",
        "agreement of classes and clusters found without labels: adjusted Rand index, 0 is chance",
        least=-1.0,
    ),
    "kmeans_nmi": _clustering(
        "k-means, NMI",
        "agreement of classes and clusters found without labels: normalised mutual information",
    ),
    "linear_probe": _clustering(
        "Linear probe", "accuracy of a linear classifier on images that it was not trained on"
    ),
    "trustworthiness": _clustering(
        "Trustworthiness in 2-D",
        "how many neighbours on a 2-D map by PCA are neighbours in the space",
    ),
    "continuity": _clustering(
        "Continuity in 2-D", "how many neighbours in the space are neighbours on a 2-D map by PCA"
    ),
}
COMPARED_METRICS: dict[str, Metric] = dict(  # by which runs are compared, in that order
    sorted(
        (
            (name, metric)
            for name, metric in {**RECONSTRUCTION_METRICS, **CLUSTERING_METRICS}.items()
            if metric.place
        ),
        key=lambda pair: pair[1].place,
    )
)
